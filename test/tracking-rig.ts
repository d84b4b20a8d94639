/** What tests and benchmarks of tracking stand on: a delivery with links and messages, token keys, a server with the public paths. */
import { fastify, type FastifyInstance } from "fastify";

import type { CopyTiming } from "../src/core/archive/archive.ts";
import type { Link } from "../src/core/message/manifest.ts";
import { messageUrls } from "../src/core/tracking/message-urls.ts";
import type { TokenKey, TokenKeys, TokenMark } from "../src/core/tracking/token.ts";
import { allocateParts } from "../src/features/analysis/partitions.ts";
import { registerTrackingRoutes, startTracker } from "../src/features/tracking/index.ts";
import { timestamp, type Db } from "../src/platform/db.ts";
import { createLog } from "../src/platform/log.ts";

export const KEY: TokenKey = { id: 1, words: [0x11111111, 0x22222222, 0x33333333, 0xffffffff] };
export const KEYS: TokenKeys = { current: KEY, byId: new Map([[KEY.id, KEY]]) };
export const BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

type NewDelivery = {
  readonly links: readonly (Partial<Link> & { readonly url: string })[];
  readonly messages: number;
  /** Null: not started. */
  readonly startedAt: number | null;
  /** When every message was accepted; null: none was. */
  readonly sentAt?: number | null;
  readonly tracking?: object;
  readonly honeypot?: number;
  /** When its copies are made; absent: none are. */
  readonly copies?: CopyTiming;
};

export type TrackedDelivery = {
  readonly deliveryId: number;
  readonly partId: number;
  /** Path and query below the public URL. */
  paths(seq: number, options?: { mark?: TokenMark; key?: TokenKey }): ReturnType<typeof messageUrls>;
};

/** A delivery as analysis and confirmation leave it, in one part. */
export async function createTrackedDelivery(db: Db, wanted: NewDelivery): Promise<TrackedDelivery> {
  const now = Date.now();
  const links = wanted.links.map((link, i) => ({
    number: i + 1,
    personalised: false,
    mode: "tracked",
    label: "",
    category: "",
    part: "html",
    line: 1,
    column: 1,
    ...link,
  }));
  const [row] = await db.query<{ id: number }>(
    `insert into deliveries (label, state, content, sender, audience, settings, manifest, created_at, updated_at, started_at, archive)
     values ('tracked', 'in-progress', '{}', '{}', '{}', $1, $2, $3, $3, $4, $5) returning id`,
    [
      JSON.stringify({ tracking: { validity: "180d", ...wanted.tracking } }),
      JSON.stringify({ links, honeypot: wanted.honeypot ?? null }),
      timestamp(now),
      wanted.startedAt === null ? null : timestamp(wanted.startedAt),
      wanted.copies === undefined ? null : JSON.stringify({ timing: wanted.copies }),
    ],
  );
  const deliveryId = row?.id ?? 0;
  const partId = await allocateParts(db, 1, now);
  const sentAt = wanted.sentAt ?? null;
  await db.query("insert into delivery_parts (id, delivery_id, to_deliver, pending, sent) values ($1, $2, $3, 0, $3)", [
    partId,
    deliveryId,
    wanted.messages,
  ]);
  await db.query(
    `insert into messages (part_id, seq, address, vars, status, final_at)
     select $1, n, 'person' || n || '@example.org', '{}', 'sent', $3 from generate_series(1, $2::int) as n`,
    [partId, wanted.messages, sentAt === null ? null : timestamp(sentAt)],
  );
  return {
    deliveryId,
    partId,
    paths: (seq, { mark = "live", key = KEY } = {}) => messageUrls({ base: "", key, deliveryId, partId, seq, mark }),
  };
}

export type TrackingServer = {
  readonly app: FastifyInstance;
  readonly tracker: Awaited<ReturnType<typeof startTracker>>;
  readonly clock: { ahead: number };
  /** Everything that happened is in the database when it returns. */
  close(): Promise<void>;
};

export async function startTrackingServer(
  db: Db,
  dataDir: string,
  publicUrl = "http://news.shop.example",
): Promise<TrackingServer> {
  const clock = { ahead: 0 };
  const tracker = await startTracker({
    db,
    log: createLog("silent", "test"),
    now: () => Date.now() + clock.ahead,
    dataDir,
    publicUrl,
    keys: KEYS,
    reloadKeys: () => Promise.resolve(KEYS),
  });
  const app = fastify({ routerOptions: { maxParamLength: 2000 } });
  registerTrackingRoutes(app, tracker);
  await app.ready();
  let closed = false;
  return {
    app,
    tracker,
    clock,
    close: async () => {
      if (closed) return;
      closed = true;
      await app.close();
      await tracker.close();
    },
  };
}
