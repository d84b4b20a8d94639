/** The MX hosts that somebody asks about: named, or those of a recipient domain that mail went to. */
import { domainToASCII } from "node:url";

import type { Queryable } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { findDomainMx } from "./site-store.ts";

/** Colons are for routes to IPv6 addresses. */
const HOST = /^[a-z0-9_:-]+(\.[a-z0-9_:-]+)*$/;

type Asked = { readonly mx?: string | undefined; readonly domain?: string | undefined };

export async function askedHosts(db: Queryable, { mx, domain }: Asked): Promise<string[]> {
  if ((mx === undefined) === (domain === undefined))
    throw invalid("?mx", "Either mx or domain says what site is meant");
  if (mx !== undefined) return readHosts(mx, "?mx");
  const [name = "", ...more] = readHosts(domain ?? "", "?domain");
  if (more.length > 0) throw invalid("?domain", "One domain at a time");
  const hosts = await findDomainMx(db, name);
  if (hosts === null) throw appError("not-found", { what: "known site of the domain", id: name });
  return hosts;
}

function readHosts(text: string, pointer: string): string[] {
  const hosts = text.split(",").map((host) => asAscii(host.trim()).toLowerCase().replace(/\.$/, ""));
  const odd = hosts.find((host) => !HOST.test(host));
  if (odd !== undefined) throw invalid(pointer, `"${odd}" is no host name`);
  return hosts;
}

/** Recipient domains are kept as DNS knows them. */
function asAscii(name: string): string {
  return /^[\x20-\x7e]*$/.test(name) ? name : domainToASCII(name);
}

function invalid(pointer: string, message: string) {
  return appError("invalid-input", { detail: `${pointer}: ${message}` }, [{ pointer, code: "invalid", message }]);
}
