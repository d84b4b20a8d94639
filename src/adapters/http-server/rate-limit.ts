/**
 * So many requests one client may send: in memory, by address, one number a client (GCRA: the moment from which its requests would
 * be on time again). Generous where strangers' servers ask for many people at once: image proxies fetch pixels of thousands, mailbox
 * providers press "unsubscribe" for their users. What signs in is counted tightly. Each web process counts for itself.
 */
import type { FastifyInstance, FastifyRequest } from "fastify";

import { clientAddress } from "../../platform/client-address.ts";
import { appError } from "../../platform/errors.ts";

/** Requests a second in the long run, and how many may come at once. */
export type Limit = { readonly perSecond: number; readonly burst: number };
export type LimitName = "sign-in" | "api" | "page" | "tracking" | "file";
export type Limits = Readonly<Record<LimitName, Limit>>;

declare module "fastify" {
  interface FastifyContextConfig {
    /** Other than the one of its place. */
    limit?: LimitName;
  }
}

export const LIMITS: Limits = {
  "sign-in": { perSecond: 1, burst: 100 },
  // POST /messages alone is to take a thousand a second.
  api: { perSecond: 4000, burst: 8000 },
  // Mirror and unsubscribe pages are made for each.
  page: { perSecond: 100, burst: 2000 },
  tracking: { perSecond: 5000, burst: 20_000 },
  file: { perSecond: 200, burst: 2000 },
};

/** Of clients whose numbers are kept; beyond, those that have been quiet go first. */
const MOST_CLIENTS = 100_000;

export function limitRequests(
  app: FastifyInstance,
  limits: Limits = LIMITS,
  now: () => number = () => performance.now(),
): void {
  const meters = new Map(Object.entries(limits).map(([name, limit]) => [name, createMeter(limit)]));
  app.addHook("onRequest", async (request) => {
    const wait = meters.get(limitOf(request))?.(clientAddress(request.ip), now()) ?? 0;
    if (wait > 0) throw appError("too-many-requests", { seconds: Math.ceil(wait / 1000) });
  });
}

function limitOf({ routeOptions, url }: FastifyRequest): LimitName {
  if (routeOptions.config.limit !== undefined) return routeOptions.config.limit;
  if (url.startsWith("/r/") || url.startsWith("/o/")) return "tracking";
  if (url.startsWith("/m/") || url.startsWith("/u/") || url.startsWith("/s/")) return "page";
  return url.startsWith("/api/") ? "api" : "file";
}

/** Answers how many milliseconds too early a request is; 0: it is let through, and counted. */
export function createMeter(
  { perSecond, burst }: Limit,
  most: number = MOST_CLIENTS,
): (client: string, now: number) => number {
  const interval = 1000 / perSecond;
  const tolerance = interval * (burst - 1);
  /** In the order of their last request: the first have been quiet for longest. */
  const due = new Map<string, number>();
  return (client, now) => {
    const at = Math.max(due.get(client) ?? now, now);
    const early = at - now - tolerance;
    if (early > 1e-6) return early;
    due.delete(client);
    due.set(client, at + interval);
    for (const [quiet, free] of due) {
      if (free > now && due.size <= most) break;
      due.delete(quiet);
    }
    return 0;
  };
}
