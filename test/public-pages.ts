/**
 * What tests of the pages that recipients see start from: the real server with public routes and a guarded API, real tokens, and
 * one delivery with messages whose rows are written as an analysis leaves them.
 */
import type { FastifyInstance, InjectOptions } from "fastify";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { createHttpServer } from "../src/adapters/http-server/create-http-server.ts";
import { settingsSchema } from "../src/contract/index.ts";
import { parseAddress } from "../src/core/address/parse-address.ts";
import type { Instant } from "../src/core/time.ts";
import type { ArchiveSignal } from "../src/core/tracking/classify.ts";
import { messageUrls, type MessageUrls } from "../src/core/tracking/message-urls.ts";
import {
  readTag,
  readToken,
  type Tagged,
  type Token,
  type TokenKey,
  type TokenMark,
} from "../src/core/tracking/token.ts";
import { ensureAdminToken, guardApi } from "../src/features/operators/index.ts";
import type { Db } from "../src/platform/db.ts";
import { createLog, type Log } from "../src/platform/log.ts";
import { createMetrics } from "../src/platform/metrics.ts";
import { createTestDatabase } from "./database.ts";

export const BASE = "https://mail.example";
export const AT = Date.parse("2026-11-21T09:00:00Z");
const API_TOKEN = "envoi_test-token";
export const KEY: TokenKey = { id: 1, words: [1, 2, 3, 4] };

/** `archive`: by what it was recognised, where something was. */
type Noted = { kind: "mirror" | "opt-out"; partId: number; seq: number; archive?: readonly ArchiveSignal[] };

export type PublicDeps = {
  readonly db: Db;
  readonly log: Log;
  readonly now: () => Instant;
  readonly tracker: {
    readToken(text: string): Promise<Token | null>;
    readTag(text: string): Promise<Tagged | null>;
    recogniseArchive(token: Pick<Token, "mark">): Promise<readonly ArchiveSignal[]>;
    recordReaction(reaction: {
      token: Pick<Token, "partId" | "seq">;
      kind: Noted["kind"];
      request: { method: string } | null;
      archive?: readonly ArchiveSignal[];
    }): Promise<void>;
  };
};

export type PublicPages = {
  readonly app: FastifyInstance;
  readonly db: Db;
  readonly clock: { at: Instant };
  /** As what the tracker knows all visitors. */
  readonly recognised: { by: readonly ArchiveSignal[] };
  /** Reactions that were recorded, in order. */
  readonly noted: Noted[];
  /** As a visitor: no login; `path` is absolute or relative. */
  visit(method: "GET" | "HEAD" | "POST", path: string, options?: Omit<InjectOptions, "method" | "url">): Promise<Visit>;
  /** As an operator. */
  ask(method: "GET" | "POST", path: string, options?: Omit<InjectOptions, "method" | "url">): Promise<Visit>;
  close(): Promise<void>;
};

export type Visit = { status: number; headers: Record<string, unknown>; body: string; json: () => unknown };

/** Adds the routes under test to the root scope and to that of the API. */
export type Routes = {
  readonly pages?: (app: FastifyInstance, deps: PublicDeps) => void;
  readonly api?: (api: FastifyInstance, deps: PublicDeps) => void;
};

export async function createPublicPages(routes: Routes): Promise<PublicPages> {
  const database = await createTestDatabase();
  const { db } = database;
  const log = createLog("silent", "test");
  const clock = { at: AT };
  const noted: Noted[] = [];
  const recognised: PublicPages["recognised"] = { by: [] };
  await ensureAdminToken(db, tmpdir(), API_TOKEN, AT);
  const app = await createHttpServer({
    log,
    metrics: createMetrics(),
    checks: [],
    publicUrl: BASE,
    version: "0.0.0",
    uiDir: join(tmpdir(), "envoi-no-ui"),
  });
  const keys = { current: KEY, byId: new Map([[KEY.id, KEY]]) };
  const tracker: PublicDeps["tracker"] = {
    readToken: (text) => Promise.resolve(readToken(keys, text)),
    readTag: (text) => Promise.resolve(readTag(keys, text)),
    recogniseArchive: async ({ mark }) => (mark === "copy" ? ["archive-token"] : recognised.by),
    recordReaction: async ({ kind, token: { partId, seq }, request, archive = [] }) => {
      // The tracker ignores what only looks; the routes leave that to it.
      if (request?.method !== "HEAD") noted.push({ kind, partId, seq, ...(archive.length > 0 ? { archive } : {}) });
    },
  };
  const deps = { db, log, now: () => clock.at, tracker };
  routes.pages?.(app, deps);
  await app.register(
    async (api) => {
      guardApi(api, db, Date.now);
      routes.api?.(api, deps);
    },
    { prefix: "/api/v1" },
  );
  await app.ready();
  const send = async (options: InjectOptions): Promise<Visit> => {
    const { statusCode, headers, body, json } = await app.inject(options);
    return { status: statusCode, headers, body, json };
  };
  return {
    app,
    db,
    clock,
    recognised,
    noted,
    visit: (method, path, options = {}) => send({ method, url: path.replace(BASE, ""), ...options }),
    ask: (method, path, options = {}) =>
      send({ method, url: path, ...options, headers: { authorization: `Bearer ${API_TOKEN}`, ...options.headers } }),
    close: async () => {
      await app.close();
      await database.drop();
    },
  };
}

export type Person = {
  readonly address: string;
  readonly attributes?: Record<string, unknown>;
  readonly vars?: object;
};

/** A delivery that started at `AT`; `urls(seq)` are the links of its messages, one a person. */
export async function seedMessages(
  db: Db,
  people: readonly Person[],
  changes: { readonly label?: string; readonly settings?: object; readonly manifest?: object } = {},
): Promise<{ deliveryId: number; partId: number; urls: (seq: number, mark?: TokenMark) => MessageUrls }> {
  const settings = settingsSchema.parse(changes.settings ?? {});
  const [delivery] = await db.query<{ id: number }>(
    `insert into deliveries (label, state, content, sender, audience, settings, manifest, created_at, updated_at, started_at)
     values ($1, 'in-progress', '{}', '{}', '{"all": true}', $2, $3, $4, $4, $4) returning id`,
    [changes.label ?? "Test", JSON.stringify(settings), JSON.stringify(changes.manifest ?? {}), new Date(AT)],
  );
  const deliveryId = delivery?.id ?? 0;
  const [part] = await db.query<{ id: number }>(
    `insert into delivery_parts (id, delivery_id, to_deliver, pending)
     values (nextval('delivery_part_ids'), $1, $2, $2) returning id`,
    [deliveryId, people.length],
  );
  const partId = part?.id ?? 0;
  await db.query(`create table if not exists messages_of_tests partition of messages for values from (0) to (1000000)`);
  for (const [seq, person] of people.entries()) {
    const address = parseAddress(person.address);
    if (address.kind !== "valid") throw new Error(`${person.address} is no address`);
    const [recipient] = await db.query<{ id: number }>(
      `insert into recipients (address, match_key, domain, attributes, created_at, updated_at) values ($1, $2, $3, $4, $5, $5)
       on conflict (match_key) do update set attributes = excluded.attributes returning id`,
      [address.address, address.matchKey, address.domain, JSON.stringify(person.attributes ?? {}), new Date(AT)],
    );
    await db.query("insert into messages (part_id, seq, recipient_id, address, vars) values ($1, $2, $3, $4, $5)", [
      partId,
      seq,
      recipient?.id,
      address.address,
      JSON.stringify(person.vars ?? {}),
    ]);
  }
  return {
    deliveryId,
    partId,
    urls: (seq, mark = "live") => messageUrls({ base: BASE, key: KEY, deliveryId, partId, seq, mark }),
  };
}
