/** A delivery with links of every kind, a server of its public paths, and what came of it; fresh for each test of a file. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";

import { HOUR } from "../src/core/time.ts";
import { loadTrackingIndicators } from "../src/features/tracking/index.ts";
import { createTestDatabase, type TestDatabase } from "./database.ts";
import {
  BROWSER,
  createTrackedDelivery,
  startTrackingServer,
  type TrackedDelivery,
  type TrackingServer,
} from "./tracking-rig.ts";

export const SHOP = "https://shop.example/a?x=%20&y=1&y=2#top";

type EventRow = { kind: string; link: number; class: string; signals: string; seq: number; ip: string };

type Response = Awaited<ReturnType<TrackingServer["app"]["inject"]>>;

export type TrackingFixture = {
  database: TestDatabase;
  dir: string;
  server: TrackingServer;
  delivery: TrackedDelivery;
  get(path: string, headers?: Record<string, string>, method?: "GET" | "HEAD", ip?: string): Promise<Response>;
  /** Oldest first. */
  events(): Promise<EventRow[]>;
  figures(): ReturnType<typeof loadTrackingIndicators>;
};

export function useTracking(): TrackingFixture {
  const fixture: Partial<TrackingFixture> = {
    get: (url, headers = {}, method = "GET", ip = "192.0.2.1") =>
      all.server.app.inject({ method, url, headers: { "user-agent": BROWSER, ...headers }, remoteAddress: ip }),
    events: () =>
      all.database.db.query<EventRow>(
        "select kind, link, class, signals, seq, ip from tracking_events where delivery_id = $1 order by at, event_id",
        [all.delivery.deliveryId],
      ),
    figures: () => loadTrackingIndicators(all.database.db, all.delivery.deliveryId),
  };
  const all = fixture as TrackingFixture;
  beforeAll(async () => {
    all.database = await createTestDatabase();
  });
  afterAll(() => all.database.drop());
  beforeEach(async () => {
    all.dir = mkdtempSync(join(tmpdir(), "envoi-tracking-"));
    const now = Date.now();
    all.delivery = await createTrackedDelivery(all.database.db, {
      links: [
        { url: SHOP, label: "Shop", category: "sales" },
        { url: "https://bücher.example/straße?stadt=Köln#größe" },
        { url: "https://x.example/?c={{ recipient.code }}", personalised: true, label: "Code" },
        { url: "{{ message.mirror_url }}", personalised: true, mode: "mirror" },
        { url: "{{ message.unsubscribe_url }}", personalised: true, mode: "opt-out" },
        { url: "https://shop.example/leave", mode: "opt-out" },
        { url: "http://127.0.0.1/bait" },
        { url: "https://shop.example/8" },
        { url: "https://shop.example/9" },
      ],
      honeypot: 7,
      messages: 10,
      startedAt: now - HOUR,
      sentAt: now - HOUR,
    });
    all.server = await startTrackingServer(all.database.db, all.dir);
  });
  afterEach(async () => {
    await all.server.close();
    rmSync(all.dir, { recursive: true, force: true });
  });
  return all;
}
