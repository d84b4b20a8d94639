/** What a schema cannot say about a source: addresses that mail can leave from, and a name to greet with. */
import ipaddr from "ipaddr.js";
import { isIP } from "node:net";

import type { SourceInput } from "../../contract/shaping.ts";
import { toAsciiDomain } from "../../core/address/to-ascii-domain.ts";
import { type Source, SYSTEM_SOURCE } from "../../core/shaping/source.ts";
import { appError, type FieldError } from "../../platform/errors.ts";

type Fail = (pointer: string, code: string, message: string) => void;

/** Addresses that no mail leaves from; link-local ones would need a network interface. */
const UNUSABLE = ["unspecified", "broadcast", "multicast", "linkLocal"];

/** The source as it is kept: addresses as RFC 5952 writes them, HELO in lower case ASCII. Throws `invalid-input`. */
export function checkSource(input: SourceInput, others: readonly Source[]): SourceInput {
  const errors: FieldError[] = [];
  const fail: Fail = (pointer, code, message) => errors.push({ pointer, code, message });
  const addressV4 = checkAddress(input.addressV4, "/addressV4", fail);
  const addressV6 = checkAddress(input.addressV6, "/addressV6", fail);
  if (input.addressV4 === null && input.addressV6 === null) {
    fail("/addressV4", "required", "A source has at least one address, IPv4 or IPv6");
  }
  checkName(input.name, addressV4, others, fail);
  for (const [field, address] of Object.entries({ addressV4, addressV6 })) {
    const owner = others.find((other) => address !== null && [other.addressV4, other.addressV6].includes(address));
    if (owner) fail(`/${field}`, "taken", `${address} is the address of the source "${owner.name}" already`);
  }
  const helo = checkHelo(input.helo, fail);
  const [first] = errors;
  if (first) throw appError("invalid-input", { detail: `${first.pointer}: ${first.message}` }, errors);
  return { ...input, addressV4, addressV6, helo };
}

function checkName(name: string, addressV4: string | null, others: readonly Source[], fail: Fail): void {
  const lower = name.toLowerCase();
  if (lower === SYSTEM_SOURCE) {
    fail("/name", "reserved", `"${SYSTEM_SOURCE}" is what Envoi calls the address that the system chooses`);
  }
  if (isIP(name) !== 0 && name !== addressV4) {
    fail("/name", "misleading", `A source that is called ${name} has that address; this one has another`);
  }
  if (others.some((other) => other.name.toLowerCase() === lower)) {
    fail("/name", "taken", `There is a source "${name}" already`);
  }
}

function checkAddress(text: string | null, pointer: string, fail: Fail): string | null {
  if (text === null) return null;
  if (isIP(text) === 0 || text.includes("%")) {
    fail(pointer, "invalid-ip", `"${text}" is no IP address`);
    return text;
  }
  const address = ipaddr.parse(text);
  if (address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress()) {
    fail(pointer, "invalid-ip", `${text} is an IPv4 address in the shape of IPv6: give it as addressV4`);
  } else if (UNUSABLE.includes(address.range())) {
    fail(pointer, "unusable", `No mail can leave from ${text} (${address.range()})`);
  }
  return address instanceof ipaddr.IPv6 ? address.toRFC5952String() : address.toString();
}

/** RFC 5321 §4.1.1.1 allows an address literal; receivers do not (Gmail, Outlook and others want a name that resolves). */
function checkHelo(text: string, fail: Fail): string {
  const result = toAsciiDomain(text.trim());
  if (result.kind === "valid") return result.ascii;
  fail("/helo", "invalid-domain", `"${text}" ${result.reason}`);
  return text;
}
