/** Addresses and blocks of them (CIDR, RFC 4632), as far as restrictions need: IPv4, IPv6 (RFC 4291 §2.2), and which lies in which. */

/** An address is a block of full length. */
export type Block = { readonly size: 32 | 128; readonly value: bigint; readonly length: number };

const V4 = /^\d{1,3}(?:\.\d{1,3}){3}$/;
const V6_GROUP = /^[0-9a-f]{1,4}$/i;
/** What providers mean by a netblock when they do not say. */
const DEFAULT_LENGTH = { 32: 24, 128: 64 } as const;

/** `192.0.2.7`, `192.0.2.0/24`, `2001:db8::/32`; bits beyond the length are ignored. Null for anything else. */
export function parseBlock(text: string): Block | null {
  if (text.length > 50) return null;
  const [address = "", bits, ...more] = text.split("/");
  const parsed = parseAddress(address);
  if (parsed === null || more.length > 0) return null;
  if (bits === undefined) return { ...parsed, length: parsed.size };
  const length = /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN;
  return length <= parsed.size ? { ...parsed, value: prefixOf(parsed.value, parsed.size, length), length } : null;
}

function parseAddress(text: string): Pick<Block, "size" | "value"> | null {
  if (text.includes(":")) return parseV6(text);
  const value = parseV4(text);
  return value === null ? null : { size: 32, value };
}

function parseV4(text: string): bigint | null {
  if (!V4.test(text)) return null;
  const octets = text.split(".").map(Number);
  return octets.every((octet) => octet <= 255) ? octets.reduce((sum, octet) => sum * 256n + BigInt(octet), 0n) : null;
}

function parseV6(text: string): Pick<Block, "size" | "value"> | null {
  const cut = text.lastIndexOf(":") + 1;
  const tail = text.slice(cut);
  const v4 = tail.includes(".") ? parseV4(tail) : null;
  if (tail.includes(".") && v4 === null) return null;
  const plain = v4 === null ? text : `${text.slice(0, cut)}${(v4 >> 16n).toString(16)}:${(v4 & 0xffffn).toString(16)}`;
  const [head = "", rest, ...more] = plain.split("::");
  if (more.length > 0) return null;
  const left = head === "" ? [] : head.split(":");
  const right = rest === undefined || rest === "" ? [] : rest.split(":");
  const missing = 8 - left.length - right.length;
  if (rest === undefined ? missing !== 0 : missing < 1) return null;
  const groups = [...left, ...Array<string>(missing).fill("0"), ...right];
  if (!groups.every((group) => V6_GROUP.test(group))) return null;
  const value = groups.reduce((sum, group) => sum * 65536n + BigInt(`0x${group}`), 0n);
  // An IPv4 address in the shape of IPv6 (RFC 4291 §2.5.5.2) is that address.
  return value >> 32n === 0xffffn ? { size: 32, value: value & 0xffffffffn } : { size: 128, value };
}

function prefixOf(value: bigint, size: number, length: number): bigint {
  const rest = BigInt(size - length);
  return (value >> rest) << rest;
}

export function isWithinBlock(inner: Block, outer: Block): boolean {
  return (
    inner.size === outer.size &&
    inner.length >= outer.length &&
    prefixOf(inner.value, inner.size, outer.length) === outer.value
  );
}

/** The block around an address that providers judge as one: /24, and /64 for IPv6. Null: it is no address. */
export function netblockOf(address: string): string | null {
  const block = parseBlock(address);
  return block === null || block.length !== block.size ? null : formatNetblock(block, DEFAULT_LENGTH[block.size]);
}

export function formatNetblock({ size, value }: Block, length: number): string {
  const prefix = prefixOf(value, size, length);
  return `${size === 32 ? formatV4(prefix) : formatV6(prefix)}/${length}`;
}

function formatV4(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join(".");
}

/** With the last run of zeros left out, which is where those of a prefix are. */
function formatV6(value: bigint): string {
  const groups = [112n, 96n, 80n, 64n, 48n, 32n, 16n, 0n].map((shift) => ((value >> shift) & 0xffffn).toString(16));
  while (groups.at(-1) === "0") groups.pop();
  return groups.length === 8
    ? groups.join(":")
    : groups.length === 7
      ? `${groups.join(":")}:0`
      : `${groups.join(":")}::`;
}
