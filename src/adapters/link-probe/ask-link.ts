/**
 * Asks a link of some content whether it leads somewhere, and reads nothing of what is there: HEAD, and where that is not answered well GET for
 * one byte. Content is anybody's, so every step goes to public addresses only, also behind a name and behind a redirect; time is bounded, nothing is kept
 * open, no name or password of an address is sent.
 */
import { type IncomingMessage, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";

import { type Duration, SECOND } from "../../core/time.ts";
import { errorCode, errorText } from "../../platform/errors.ts";
import type { AskLink, LinkAnswer } from "../../platform/link-probe.ts";
import { pinnedLookup } from "../dns/pinned-lookup.ts";
import { hostOf, inTime, type ResolveName, resolveName, usableAddresses } from "../guarded-http/usable-addresses.ts";

export type ProbeOptions = {
  /** For a link with all its redirects. */
  readonly timeout?: Duration;
  /** Hosts and networks that may be asked besides public ones. */
  readonly allowed?: readonly string[];
  /** PEM; the authorities of Node when absent. */
  readonly ca?: string;
  readonly resolve?: ResolveName;
};

type Rules = { readonly allowed: readonly string[]; readonly ca: string | undefined; readonly resolve: ResolveName };

const TIMEOUT: Duration = 5 * SECOND;
const REDIRECTS_MAX = 3;

export function createLinkProbe({
  timeout = TIMEOUT,
  allowed = [],
  ca,
  resolve = resolveName,
}: ProbeOptions = {}): AskLink {
  return async (url, stop) => {
    const late = AbortSignal.timeout(timeout);
    try {
      return await follow(new URL(url), AbortSignal.any([late, stop]), { allowed, ca, resolve });
    } catch (error) {
      if (stop.aborted) return notAsked("all links together took too long");
      return notAsked(late.aborted ? `no answer within ${timeout / SECOND} s` : errorText(error));
    }
  };
}

const notAsked = (why: string): LinkAnswer => ({ kind: "not-asked", why });

async function follow(start: URL, signal: AbortSignal, rules: Rules): Promise<LinkAnswer> {
  let url = start;
  for (let redirects = 0; redirects <= REDIRECTS_MAX; redirects++) {
    const addresses = await addressesOf(url, signal, rules);
    if (addresses === null) return { kind: "no-such-host", host: hostOf(url) };
    const { status, location } = await askOnce(url, addresses, signal, rules.ca);
    if (location === null) return { kind: "answered", status };
    const next = URL.parse(location, url.href);
    if (next?.protocol !== "https:" && next?.protocol !== "http:") return notAsked("it leads to what is no web page");
    url = next;
  }
  return notAsked(`it leads on more than ${REDIRECTS_MAX} times`);
}

/** Null: there is no such name. Throws when no address of it may be asked. */
async function addressesOf(
  url: URL,
  signal: AbortSignal,
  { allowed, resolve }: Rules,
): Promise<readonly string[] | null> {
  try {
    return await inTime(usableAddresses(hostOf(url), allowed, resolve), signal);
  } catch (error) {
    if (errorCode(error) === "ENOTFOUND") return null;
    throw error;
  }
}

type Answered = { readonly status: number; readonly location: string | null };
type Method = "HEAD" | "GET";

/** Servers that do not know HEAD, or answer it otherwise than GET, are asked again. */
async function askOnce(
  url: URL,
  addresses: readonly string[],
  signal: AbortSignal,
  ca: string | undefined,
): Promise<Answered> {
  const ask = (method: Method) => request(method, url, addresses, signal, ca);
  const head = await ask("HEAD").catch(() => null);
  if (head !== null && head.status < 400) return head;
  return ask("GET");
}

function request(
  method: Method,
  url: URL,
  addresses: readonly string[],
  signal: AbortSignal,
  ca: string | undefined,
): Promise<Answered> {
  const make = url.protocol === "https:" ? httpsRequest : httpRequest;
  const target = new URL(url);
  target.username = "";
  target.password = "";
  return new Promise((resolve, reject) => {
    const asked = make(target, {
      method,
      lookup: pinnedLookup(addresses),
      // One that was checked otherwise must not be used again.
      agent: false,
      signal,
      headers: { "user-agent": "Envoi (link check)", accept: "*/*", ...(method === "GET" && { range: "bytes=0-0" }) },
      ...(ca === undefined ? {} : { ca }),
    });
    asked.on("error", reject);
    asked.on("response", (response: IncomingMessage) => {
      const { statusCode: status = 0, headers } = response;
      asked.off("error", reject).on("error", () => {});
      response.on("error", () => {});
      asked.destroy();
      resolve({ status, location: status >= 300 && status < 400 ? (headers.location ?? null) : null });
    });
    asked.end();
  });
}
