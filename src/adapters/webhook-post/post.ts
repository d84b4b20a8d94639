/**
 * One POST to an address that an operator wrote down, so it may be anything: only public addresses after the name is resolved, and the
 * connection goes to exactly those (no second look-up that could say otherwise); no redirect is followed, certificates must be
 * valid, time and what is read of the answer are bounded. Nothing is kept open: each request has a connection of its own.
 */
import { type IncomingMessage, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";

import { type Duration, SECOND } from "../../core/time.ts";
import { errorText } from "../../platform/errors.ts";
import type { PostResult, WebhookPost, WebhookRequest } from "../../platform/webhook-post.ts";
import { pinnedLookup } from "../dns/pinned-lookup.ts";
import {
  hostOf,
  inTime,
  isAllowed,
  type ResolveName,
  resolveName,
  usableAddresses,
} from "../guarded-http/usable-addresses.ts";

export type PostOptions = {
  /** For all of it: name, connection, TLS, answer. */
  readonly timeout?: Duration;
  /** PEM; the authorities of Node when absent. */
  readonly ca?: string;
  readonly resolve?: ResolveName;
};

/** Standard Webhooks: between 15 and 30 s. */
const TIMEOUT: Duration = 15 * SECOND;
/** More of an answer is not read. */
const READ_MAX = 16 * 1024;
const SHOWN_MAX = 1000;

export function createWebhookPost({ timeout = TIMEOUT, ca, resolve = resolveName }: PostOptions = {}): WebhookPost {
  return async (wish) => {
    const began = performance.now();
    const late = AbortSignal.timeout(timeout);
    const signal = AbortSignal.any([late, wish.signal]);
    const took = () => Math.round(performance.now() - began);
    try {
      const addresses = await inTime(addressesOf(new URL(wish.url), wish.allowed, resolve), signal);
      const answer = await post(wish, addresses, signal, ca);
      return { ...answer, error: null, durationMs: took() };
    } catch (error) {
      const text = late.aborted ? `no answer within ${timeout / SECOND} s` : errorText(error);
      return { status: null, error: text, retryAfter: null, response: "", durationMs: took() };
    }
  };
}

/** Throws when it may not be asked. */
function addressesOf(url: URL, allowed: readonly string[], resolve: ResolveName): Promise<readonly string[]> {
  const host = hostOf(url);
  if (url.protocol !== "https:" && !isAllowed(host, allowed))
    throw new Error("http is only for hosts that the settings allow; use https");
  return usableAddresses(host, allowed, resolve);
}

type Answered = Pick<PostResult, "status" | "retryAfter" | "response">;

function post(
  { url, headers, body }: WebhookRequest,
  addresses: readonly string[],
  signal: AbortSignal,
  ca: string | undefined,
): Promise<Answered> {
  const target = new URL(url);
  const make = target.protocol === "https:" ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const asked = make(target, {
      method: "POST",
      lookup: pinnedLookup(addresses),
      // One that was checked otherwise must not be used again.
      agent: false,
      signal,
      headers: { ...headers, "content-length": Buffer.byteLength(body) },
      ...(ca === undefined ? {} : { ca }),
    });
    asked.on("error", reject);
    asked.on("response", (response) => {
      const { statusCode: status = null } = response;
      const retryAfter = response.headers["retry-after"] ?? null;
      // What was answered counts, even when its text does not come to an end.
      asked.off("error", reject).on("error", () => {});
      const done = (text: string) => {
        asked.destroy();
        resolve({ status, retryAfter, response: text });
      };
      void readBeginning(response).then(done, () => done(""));
    });
    asked.end(body);
  });
}

/** Of what is there in time. */
async function readBeginning(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size >= READ_MAX) break;
    }
  } catch {
    // It broke off, or took too long: the status is what counts.
  }
  return Buffer.concat(chunks).toString("utf8").slice(0, SHOWN_MAX);
}
