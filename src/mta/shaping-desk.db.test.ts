/** Shaping and the database: what operators decide comes in, what shaping does goes out, and nothing is lost while the database is away. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { createTestDatabase, type TestDatabase } from "../../test/database.ts";
import { FACTS, filesWith, reactionTo, refused, sendable } from "../../test/dispatch-rig.ts";
import { NOW } from "../../test/seed-delivery.ts";
import type { Verdict } from "../core/bounce/verdict.ts";
import { HOUR, type Instant, MINUTE, SECOND } from "../core/time.ts";
import { endRestriction, loadLaneStates, loadRestrictions } from "../features/lanes/index.ts";
import type { Db } from "../platform/db.ts";
import type { Log } from "../platform/log.ts";
import { timestamp } from "../platform/db.ts";
import { holdPart } from "./held-part.ts";
import type { LaneState } from "./lane.ts";
import { openShapingDesk, type ShapingDesk } from "./shaping-desk.ts";
import type { SiteShaping } from "./site-shaping.ts";
import type { Task } from "./task.ts";

const GOING = { site: "mx.example.org", mxHosts: ["mx.example.org"] };
const RETRY: Verdict = { type: "soft", reason: "refused", action: "retry", scope: "message", rule: "test" };
const WAITING: LaneState = { waiting: 7, connections: 2, wanting: 0, held: 0 };
const NO_LANES = () => new Map<SiteShaping, LaneState>();

let database: TestDatabase;
let now: Instant;
let isAway: boolean;
let warnings: string[];
let decided: number;

beforeEach(async () => {
  database = await createTestDatabase();
  now = NOW;
  isAway = false;
  warnings = [];
  decided = 0;
});
afterEach(() => database.drop());

/** The database, until it is away: then every statement fails as it does when nobody answers. */
const flaky = (): Db => {
  const away = () => Promise.reject(Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" }));
  return {
    ...database.db,
    query: (sql, params) => (isAway ? away() : database.db.query(sql, params)),
    transaction: (work) => (isAway ? away() : database.db.transaction(work)),
  };
};

const open = (db = flaky()): Promise<ShapingDesk> =>
  openShapingDesk({
    db,
    log: {
      info: () => {},
      debug: () => {},
      warn: (_: unknown, text: string) => void warnings.push(text),
    } as unknown as Log,
    sender: "test-1",
    index: 0,
    of: 1,
    files: filesWith({
      reactions: [reactionTo("blocked", { duration: HOUR }), reactionTo("slow down", { action: { kind: "slow" } })],
    }),
    // Three minutes ahead of the steady clock: what is kept are dates.
    clock: { now: () => now, steady: () => now - 3 * MINUTE },
    onDecided: () => void decided++,
    onGranted: () => {},
  });

function siteOf({ shaper, sources }: ShapingDesk): SiteShaping {
  const [source] = sources.candidates({ pool: null, source: null });
  const site = source && shaper.siteOf(source, GOING);
  if (!site) throw new Error("no site");
  return site;
}

function hear(desk: ShapingDesk, text: string): void {
  const part = holdPart({ partId: 1, deliveryId: 1, domain: null, epoch: 1, takenOver: false }, sendable());
  const task = { part, seq: 0, address: "a@one.example", domain: "one.example", matchKey: "a@one.example" } as Task;
  desk.shaper.heard(siteOf(desk), task, refused(450, text), FACTS, RETRY);
}

async function tickAfter(desk: ShapingDesk, ms: number, lanes = NO_LANES): Promise<void> {
  now += ms;
  await desk.tick(lanes, null);
}

const eventCount = async () =>
  (await database.db.query<{ count: number }>("select count(*) as count from shaping_events"))[0]?.count;

describe("what shaping did", () => {
  test("is written down, and stands again after a restart with what the lane had learnt", async () => {
    const desk = await open();
    hear(desk, "slow down");
    const connections = siteOf(desk).connections(now - 3 * MINUTE);
    hear(desk, "blocked");
    await tickAfter(desk, 5 * SECOND, () => new Map([[siteOf(desk), WAITING]]));
    expect(await loadRestrictions(database.db, now)).toMatchObject([{ until: NOW + HOUR, since: NOW }]);
    expect(await loadLaneStates(database.db, "test-1", now)).toMatchObject([
      { source: "default", site: "mx.example.org" },
    ]);
    await desk.close();
    const again = await open();
    const site = siteOf(again);
    expect(site.suspendedUntil(now - 3 * MINUTE)).toBe(NOW - 3 * MINUTE + HOUR);
    expect(site.controller().connections).toBeLessThanOrEqual(connections);
    const [row] = await database.db.query<{ waiting: number }>(
      "select (figures->>'waiting')::int as waiting from lanes",
    );
    expect(row?.waiting).toBe(0);
  });

  test("waits for the database in memory, holds meanwhile, and is written once", async () => {
    const desk = await open();
    isAway = true;
    hear(desk, "blocked");
    for (let i = 0; i < 10; i++) await tickAfter(desk, 10 * SECOND);
    expect(warnings.length).toBeGreaterThan(0);
    expect(siteOf(desk).suspendedUntil(now - 3 * MINUTE)).toBeGreaterThan(now);
    isAway = false;
    // What is read first does not know of it yet.
    for (let i = 0; i < 3; i++) {
      await tickAfter(desk, 10 * SECOND);
      expect(siteOf(desk).suspendedUntil(now - 3 * MINUTE)).toBeGreaterThan(now);
    }
    expect(await eventCount()).toBe(1);
  });

  test("is written although what operators decided cannot be read", async () => {
    const desk = await open();
    await database.db.query("alter table lane_pins rename to lane_pins_gone");
    hear(desk, "blocked");
    await tickAfter(desk, 10 * SECOND);
    expect([await eventCount(), warnings]).toEqual([1, ["what operators decided cannot be read"]]);
    await database.db.query("alter table lane_pins_gone rename to lane_pins");
  });

  test("and what cannot be written keeps nothing else from being written", async () => {
    const desk = await open();
    await database.db.query("alter table shaping_events rename to shaping_events_gone");
    hear(desk, "blocked");
    desk.noteRoute("one.example", "mx.example.org", "example", ["mx.example.org"]);
    await tickAfter(desk, 3 * SECOND, () => new Map([[siteOf(desk), WAITING]]));
    expect(await loadLaneStates(database.db, "test-1", now)).toHaveLength(1);
    expect(await database.db.query("select domain from domain_sites")).toEqual([{ domain: "one.example" }]);
    await database.db.query("alter table shaping_events_gone rename to shaping_events");
    await tickAfter(desk, 3 * SECOND);
    expect(await eventCount()).toBe(1);
  });

  test("lanes are written when something changed, and not else", async () => {
    const desk = await open();
    const lanes = () => new Map([[siteOf(desk), WAITING]]);
    await tickAfter(desk, 3 * SECOND, lanes);
    const updatedAt = async () => (await loadLaneStates(database.db, "test-1", now))[0]?.updatedAt;
    const first = await updatedAt();
    await tickAfter(desk, 3 * SECOND, lanes);
    expect(await updatedAt()).toBe(first);
    desk.noteReply(siteOf(desk), "450 later");
    await tickAfter(desk, 3 * SECOND, lanes);
    expect(await updatedAt()).toBe(now);
  });
});

describe("what operators decide", () => {
  test("an end is news for what was put off; our own events are not, and neither is a restriction of another sender", async () => {
    const desk = await open();
    await tickAfter(desk, SECOND);
    hear(desk, "blocked");
    await tickAfter(desk, 3 * SECOND);
    const before = decided;
    desk.noteDecision();
    await tickAfter(desk, SECOND);
    await database.db.query(
      `insert into shaping_events (id, at, sender, kind, scope, provider, cause, rule, evidence, effect, until)
       select 'other', at, 'test-2', kind, scope, provider, cause, rule, evidence, effect, until from shaping_events`,
    );
    desk.noteDecision();
    await tickAfter(desk, SECOND);
    expect(decided).toBe(before);
    for (const { id } of await loadRestrictions(database.db, now))
      await endRestriction(database.db, id, "somebody", now);
    desk.noteDecision();
    await tickAfter(desk, SECOND);
    expect(decided).toBe(before + 1);
    expect(siteOf(desk).suspendedUntil(now - 3 * MINUTE)).toBeLessThanOrEqual(now - 3 * MINUTE);
  });

  test("is read again when it could not be read", async () => {
    const desk = await open();
    await tickAfter(desk, SECOND);
    const before = decided;
    isAway = true;
    desk.noteDecision();
    await tickAfter(desk, SECOND);
    isAway = false;
    await tickAfter(desk, SECOND);
    expect(decided).toBe(before + 1);
  });

  test("a lane that is let go is let go once, although it is read again and again", async () => {
    const desk = await open();
    const site = siteOf(desk);
    const fails = () =>
      site.siteFailed(
        { kind: "lost", stage: "connect", trouble: "unreachable", detail: "", inDoubt: false },
        FACTS,
        now - 3 * MINUTE,
      );
    fails();
    await database.db.query(
      `insert into shaping_events (id, at, sender, kind, scope, provider, cause, rule, evidence)
       values ('release', $1, '', 'adjusted', $2, 'example', 'operator', 'somebody', '')`,
      [timestamp(now), JSON.stringify({ kind: "lane", source: "default", site: "mx.example.org" })],
    );
    desk.noteDecision();
    await tickAfter(desk, SECOND);
    expect(site.suspendedUntil(now - 3 * MINUTE)).toBeLessThanOrEqual(now - 3 * MINUTE);
    fails();
    desk.noteDecision();
    await tickAfter(desk, SECOND);
    expect(site.suspendedUntil(now - 3 * MINUTE)).toBeGreaterThan(now - 3 * MINUTE);
  });
});
