/** The arguments of MAIL and RCPT (RFC 5321 §4.1.1.2, §4.1.2): lenient where clients differ, exact where it would hide mistakes. */

export type Path = { readonly address: string; readonly params: readonly (readonly [key: string, value: string])[] };

const PATH = /^(from|to): ?<((?:"(?:[^"\\]|\\.)*"|[^<>"])*)>((?: +[^ ]+)*) *$/i;
const DOMAIN = /^(?:[^\s@<>()[\]\\,;:".]+(?:\.[^\s@<>()[\]\\,;:".]+)*|\[[0-9a-f.:IPv]+\])$/i;
const ATOMS = /^[^\s@<>()[\]\\,;:".]+(?:\.[^\s@<>()[\]\\,;:".]+)*$/;
const QUOTED = /^"(?:[^"\\]|\\.)*"$/;
const MAX_ADDRESS = 320;

/** `FROM:<a@b> KEY=VALUE …`; null when it is no such thing. The address may be empty and is not checked. */
export function parsePath(keyword: "FROM" | "TO", text: string): Path | null {
  const match = PATH.exec(text);
  if (!match || match[1]?.toUpperCase() !== keyword) return null;
  const params = (match[3] ?? "").split(" ").filter((part) => part !== "");
  return {
    // a source route is to be ignored (RFC 5321 §4.1.2, appendix C)
    address: (match[2] ?? "").replace(/^@[^:]*:/, ""),
    params: params.map((part) => {
      const equals = part.indexOf("=");
      return equals < 0 ? [part.toUpperCase(), ""] : [part.slice(0, equals).toUpperCase(), part.slice(equals + 1)];
    }),
  };
}

/** Local part and domain (lower case) of a well-formed address, else null. */
export function mailbox(address: string): { readonly local: string; readonly domain: string } | null {
  const at = address.lastIndexOf("@");
  if (at < 1 || address.length > MAX_ADDRESS) return null;
  const local = address.slice(0, at);
  const domain = address.slice(at + 1);
  if (!DOMAIN.test(domain) || !(ATOMS.test(local) || QUOTED.test(local))) return null;
  return { local, domain: domain.toLowerCase() };
}
