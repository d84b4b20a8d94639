/**
 * Gets a domain's MTA-STS policy (RFC 8461 §3.3): HTTPS with a valid certificate, no redirect, plain text, within limits.
 * A stranger names the server: it must be at a public address.
 */
import { X509Certificate } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { checkServerIdentity, type PeerCertificate } from "node:tls";

import { type Duration, SECOND } from "../../core/time.ts";
import { errorText } from "../../platform/errors.ts";
import { pinnedLookup } from "../dns/pinned-lookup.ts";

export type Fetched =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "failed"; readonly detail: string };
export type FetchPolicy = (domain: string) => Promise<Fetched>;

export type FetchOptions = {
  /** Only addresses that may be connected to. */
  readonly resolveAddresses: (
    host: string,
  ) => Promise<
    | { readonly kind: "found"; readonly addresses: readonly string[] }
    | { readonly kind: "no-address" | "unavailable"; readonly detail: string }
  >;
  readonly port: number;
  /** PEM; null: the authorities of Node. */
  readonly ca: string | null;
  /** For all of it. */
  readonly timeout: Duration;
};

export const FETCH_DEFAULTS = { port: 443, ca: null, timeout: 10 * SECOND } as const;

/** RFC 8461 §3.3 suggests it. */
const MAX_BYTES = 64 * 1024;
const PATH = "/.well-known/mta-sts.txt";

export function createFetchPolicy(options: FetchOptions): FetchPolicy {
  return async (domain) => {
    const host = `mta-sts.${domain}`;
    const resolved = await options.resolveAddresses(host);
    if (resolved.kind !== "found") return { kind: "failed", detail: resolved.detail };
    try {
      return { kind: "text", text: await get(host, resolved.addresses, options) };
    } catch (error) {
      return { kind: "failed", detail: `https://${host}${PATH}: ${errorText(error)}` };
    }
  };
}

function get(host: string, addresses: readonly string[], { port, ca, timeout }: FetchOptions): Promise<string> {
  const signal = AbortSignal.timeout(timeout);
  return new Promise((resolve, reject) => {
    const asked = request({
      host,
      port,
      path: PATH,
      lookup: pinnedLookup(addresses),
      // A connection of its own: one that was checked otherwise must not be used again.
      agent: false,
      signal,
      checkServerIdentity: checkIdentity,
      ...(ca === null ? {} : { ca }),
    });
    const fail = (error: Error) => {
      asked.destroy();
      reject(signal.aborted ? new Error(`no answer within ${timeout / SECOND} s`) : error);
    };
    asked.on("error", fail);
    asked.on("response", (response) => readText(response).then(resolve, fail));
    asked.end();
  });
}

/** RFC 8461 §3.3: the name must be among the certificate's DNS names; a wildcard stands for one whole label. */
function checkIdentity(host: string, certificate: PeerCertificate): Error | undefined {
  const options = { subject: "never", partialWildcards: false } as const;
  if (new X509Certificate(certificate.raw).checkHost(host, options) === undefined) {
    return checkServerIdentity(host, certificate) ?? new Error(`the certificate does not list ${host} as a DNS name`);
  }
  return undefined;
}

async function readText(response: IncomingMessage): Promise<string> {
  if (response.statusCode !== 200) throw new Error(`answers ${response.statusCode}`);
  const type = (response.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase();
  if (type !== "text/plain") throw new Error(`is ${type ? `of the type ${type}` : "of no type"}, not text/plain`);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BYTES) throw new Error(`is larger than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
