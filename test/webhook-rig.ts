/** Webhooks on a database of their own: a real HTTP server that answers as told, and the courier that goes there. */
import { createHmac } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { createWebhookPost } from "../src/adapters/webhook-post/post.ts";
import { type Webhook, type WebhookInput, type WebhookMessage } from "../src/contract/webhooks.ts";
import { openMasterKey } from "../src/features/secrets/index.ts";
import { type Courier, openCourier } from "../src/features/webhooks/index.ts";
import { createLog } from "../src/platform/log.ts";
import { type OutboxFacts, putOutbox } from "../src/platform/outbox.ts";
import { createTestWebApp, type TestWebApp } from "./web-app.ts";

export type Got = { readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: string };
export type Event = { type: string; id: string; timestamp: string; version: number; data: Record<string, unknown> };

export type WebhookRig = {
  readonly web: TestWebApp;
  /** Base of the server. */
  readonly url: string;
  readonly got: Got[];
  /** How requests are answered from now on; 204 at first. */
  answer: (response: ServerResponse, got: Got) => void;
  add(input: Partial<WebhookInput> & Pick<WebhookInput, "events">, path?: string): Promise<Webhook>;
  find(id: string): Promise<Webhook>;
  secret(id: string): Promise<string>;
  messages(id: string, query?: string): Promise<WebhookMessage[]>;
  /** So many alerts are raised, in one transaction. */
  happen(count?: number): Promise<void>;
  /** Everything that is due is tried once; how many requests came. */
  deliver(): Promise<number>;
  /** Since the last time, in the order in which they came. */
  events(): Event[];
  openCourier(overrides?: { allowed?: readonly string[]; timeout?: number }): Courier;
  /** Nothing is there any more. */
  clear(): Promise<void>;
  close(): Promise<void>;
};

export async function createWebhookRig(): Promise<WebhookRig> {
  const web = await createTestWebApp();
  const got: Got[] = [];
  let seen = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const one = { path: request.url ?? "", headers: request.headers, body: Buffer.concat(chunks).toString("utf8") };
      got.push(one);
      rig.answer(response, one);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const masterKey = await openMasterKey(web.db, { secretKey: null, dataDir: web.dir }, Date.now());
  const json = async <T>(method: "GET" | "POST", path: string, body?: unknown): Promise<T> => {
    const answer = await web.call(method, `/api/v1${path}`, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return answer.body as T;
  };
  const rig: WebhookRig = {
    web,
    url,
    got,
    answer: (response) => void response.writeHead(204).end(),
    add: (input, path = "/") => json("POST", "/webhooks", { url: `${url}${path}`, ...input }),
    find: (id) => json("GET", `/webhooks/${id}`),
    secret: async (id) => (await json<{ secret: string }>("GET", `/webhooks/${id}/secret`)).secret,
    messages: async (id, query = "") =>
      (await json<{ data: WebhookMessage[] }>("GET", `/webhooks/${id}/messages${query}`)).data,
    happen: (count = 1) => web.db.transaction((tx) => putAlerts(tx, count)),
    deliver: async () => {
      const before = got.length;
      const courier = rig.openCourier();
      await courier.look();
      await courier.idle();
      await courier.close();
      return got.length - before;
    },
    events: () => {
      const fresh = got.slice(seen);
      seen = got.length;
      return fresh.flatMap(({ body }) => JSON.parse(body) as Event | Event[]);
    },
    openCourier: ({ allowed = ["127.0.0.1"], timeout = 5000 } = {}) => {
      const now = () => Date.now() + web.clock.ahead;
      const deps = { db: web.db, masterKey, now, random: () => 0, version: "0.0.0", allowed };
      return openCourier({ ...deps, post: createWebhookPost({ timeout }) }, createLog("silent", "test"));
    },
    clear: async () => {
      await web.db.query("truncate webhooks, webhook_outbox, webhook_messages, webhook_attempts");
      web.clock.ahead = 0;
      got.length = 0;
      seen = 0;
      rig.answer = (response) => void response.writeHead(204).end();
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await web.close();
    },
  };
  return rig;
}

/** So many alerts are raised, numbered from 0, if this transaction is committed. */
export function putAlerts(tx: Parameters<typeof putOutbox>[0], count: number): Promise<void> {
  const facts = (): OutboxFacts["plain"] =>
    Array.from({ length: count }, (_, n) => ({ type: "alert.raised", data: { n } }));
  return putOutbox(tx, "plain", ["alert.raised"], facts, Date.now());
}

/** As the specification tells receivers to, written down on its own: whether one of the signatures is right. */
export function isSigned({ headers, body }: Got, secret: string): boolean {
  const key = Buffer.from(secret.slice("whsec_".length), "base64");
  const signed = `${String(headers["webhook-id"])}.${String(headers["webhook-timestamp"])}.${body}`;
  const right = createHmac("sha256", key).update(signed).digest("base64");
  return String(headers["webhook-signature"]).split(" ").includes(`v1,${right}`);
}
