/** Domains in settings, with or without those below them. */
import { toAsciiDomain } from "../../core/address/to-ascii-domain.ts";

/** `example.jp`, or `*.example.jp` for its subdomains; `*.jp` too. */
export function readPattern(pattern: string) {
  if (!pattern.startsWith("*.")) return toAsciiDomain(pattern);
  const result = toAsciiDomain(`a${pattern.slice(1)}`);
  return result.kind === "valid" ? { ...result, ascii: `*${result.ascii.slice(1)}` } : result;
}
