/** Addresses of a sign-in by OpenID Connect: where the provider is, and where a browser may be sent afterwards. */
import { isLoopback } from "../../core/address/is-loopback.ts";

/** HTTP without TLS is for providers on the same machine. No user, query or fragment (OpenID Connect Discovery §2). */
export function issuerProblem(text: string): string | null {
  if (!URL.canParse(text)) return "is no address";
  const { protocol, hostname, username, password, search, hash } = new URL(text);
  if (username + password + search + hash !== "") return "has a user, a query or a fragment";
  if (protocol === "https:") return null;
  if (protocol === "http:" && isLoopback(hostname)) return null;
  return "does not begin with https://";
}

/**
 * Where to go after signing in: a path of our own pages, nothing else. Browsers read `\` as `/` and skip tabs and line ends, so an
 * address of another site can look like a path.
 */
export function returnPath(text: string | undefined): string {
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  if (text === undefined || text.length > 2000 || !/^\/(?![/\\])[^\\\u0000-\u0020\u007f]*$/.test(text)) return "/";
  const base = "https://own.invalid";
  if (!URL.canParse(text, base)) return "/";
  const { origin, pathname, search } = new URL(text, base);
  // Steps up may leave two slashes at the beginning: /.//other.example
  if (origin !== base || pathname.startsWith("//") || /^\/api(?:\/|$)/.test(pathname)) return "/";
  return pathname + search;
}
