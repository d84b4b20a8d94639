/** `host:port` of an archive's mail server; IPv6 addresses in brackets. */
import { toAsciiDomain } from "../../core/address/to-ascii-domain.ts";
import { isIP } from "node:net";

type Server = { readonly host: string; readonly port: number };

/** A name of one label (`mailhost`) is a host of the local network. Null: no server. */
export function parseServer(text: string): Server | null {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:\s[\]/@]+)):(\d{1,5})$/.exec(text.trim());
  const port = Number(match?.[3]);
  if (!match || port < 1 || port > 65535) return null;
  if (match[1] !== undefined) return isIP(match[1]) === 6 ? { host: match[1], port } : null;
  const name = match[2] ?? "";
  if (isIP(name) === 4 || /^(?=[^.]*[a-z])[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(name))
    return { host: name.toLowerCase(), port };
  const domain = toAsciiDomain(name);
  return domain.kind === "valid" ? { host: domain.ascii, port } : null;
}
