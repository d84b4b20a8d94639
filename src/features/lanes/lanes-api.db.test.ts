/** Lanes and events of shaping: what senders tell and restore, what operators see and do. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { createTestWebApp, type TestWebApp } from "../../../test/web-app.ts";
import { laneSchema, shapingEventSchema } from "../../contract/responses-shaping.ts";
import { pageOf } from "../../contract/responses.ts";
import type { LaneFigures } from "../../contract/shaping.ts";
import type { Restriction, ShapingEvent } from "../../core/shaping/restriction.ts";
import { DAY, formatInstant, HOUR, MINUTE } from "../../core/time.ts";
import { SHAPING_CHANNEL } from "../../platform/events.ts";
import {
  endRestriction,
  findDomainSite,
  forgetLanes,
  forgetOldShaping,
  laneId,
  type LaneRow,
  loadLaneStates,
  loadPins,
  loadReleases,
  loadRestrictions,
  loadSenders,
  recordShapingEvents,
  rememberDomainSites,
  saveLanes,
  touchSender,
} from "./index.ts";

let web: TestWebApp;
beforeAll(async () => {
  web = await createTestWebApp();
});
beforeEach(() => web.db.query("truncate lanes, lane_pins, shaping_events, senders, domain_sites"));
afterAll(() => web.close());

const now = () => Date.now() + web.clock.ahead;

const figures = (changes: Partial<LaneFigures> = {}): LaneFigures => ({
  waiting: 10,
  connections: 2,
  allowedConnections: 5,
  messagesPerHour: 1000,
  acceptedLastMinute: 12,
  deferredLastMinute: 3,
  refusedLastMinute: 1,
  constraint: "rate",
  why: "1,000 messages an hour by MX rule google since 09:00",
  suspendedUntil: null,
  lastReply: "250 ok",
  lastReplyAt: "2026-11-21T09:00:00.000Z",
  ...changes,
});
const row = (changes: Partial<LaneRow> = {}): LaneRow => ({
  source: "a",
  site: "mx.example.org",
  provider: "google",
  rule: "google",
  state: { connections: 5, messagesPerHour: 1000 },
  figures: figures(),
  ...changes,
});
const event = (changes: Partial<ShapingEvent> = {}): ShapingEvent => ({
  id: "e1",
  at: now() - MINUTE,
  kind: "restricted",
  scope: { kind: "lane", source: "a", site: "mx.example.org" },
  provider: "google",
  cause: { kind: "reaction", rule: "google-4.7.28" },
  evidence: "421 4.7.28 unusual rate",
  effect: { kind: "suspend" },
  until: now() + HOUR,
  deliveryId: 7,
  messageKey: "3-5",
  ...changes,
});
/** Label of the token that the tests use. */
const ACTOR = "admin (environment)";
const LANE = laneId("a", "mx.example.org");
const listLanes = (query = "") => web.get(`/api/v1/lanes${query}`, pageOf(laneSchema));
const listEvents = (query = "") => web.get(`/api/v1/shaping-events${query}`, pageOf(shapingEventSchema));
const act = (verb: string, body?: unknown, id = LANE) => web.call("POST", `/api/v1/lanes/${id}/actions/${verb}`, body);

/** What was announced while `work` ran. */
async function announcedBy(work: () => Promise<unknown>): Promise<number> {
  let heard = 0;
  const listener = await web.db.listen(SHAPING_CHANNEL, () => heard++);
  const before = heard;
  await work();
  // NOTIFY comes in order: when this one is here, all before it are.
  const told = heard;
  await web.db.query("select pg_notify($1, 'end')", [SHAPING_CHANNEL]);
  await expect.poll(() => heard).toBeGreaterThan(told);
  await listener.close();
  return heard - before - 1;
}

describe("lanes", () => {
  test("are saved by the thousand in one statement, restored by the sender that had them, and change", async () => {
    const many = Array.from({ length: 3000 }, (_, i) => row({ site: `mx${i}.example.org` }));
    await saveLanes(web.db, "s1", many, now());
    await saveLanes(web.db, "s2", [row({ source: "b" })], now());
    await saveLanes(web.db, "s1", [row({ site: "mx7.example.org", state: { connections: 1 } })], now());
    const states = await loadLaneStates(web.db, "s1", now());
    expect(states).toHaveLength(3000);
    expect(states.find(({ site }) => site === "mx7.example.org")).toMatchObject({
      source: "a",
      state: { connections: 1 },
    });
    await forgetLanes(web.db, "s1", [{ source: "a", site: "mx7.example.org" }]);
    expect(await loadLaneStates(web.db, "s1", now())).toHaveLength(2999);
    expect(await loadLaneStates(web.db, "s1", now() + 8 * DAY)).toEqual([]);
  });

  test("of one batch twice: the later row counts; and replies may hold anything", async () => {
    const lastReply = "421 \u0000 \ud800 '\\ \u{1f600}";
    await saveLanes(web.db, "s1", [row(), row({ figures: figures({ lastReply, waiting: 3 }) })], now());
    const { data } = await listLanes();
    expect(data).toMatchObject([{ id: LANE, figures: { waiting: 3, lastReply: "421 \ufffd \ufffd '\\ \u{1f600}" } }]);
  });

  test("are listed with most waiting first, in pages, filtered", async () => {
    await saveLanes(
      web.db,
      "s1",
      [
        row({ figures: figures({ waiting: 5 }) }),
        row({ site: "b.example.org", figures: figures({ waiting: 9, constraint: "suspended" }) }),
        row({ site: "c.example.org", provider: "other", figures: figures({ waiting: 5, messagesPerHour: null }) }),
        row({ source: "b", figures: figures({ waiting: 7 }) }),
      ],
      now(),
    );
    const all = (await listLanes()).data;
    expect(all.map(({ figures: { waiting } }) => waiting)).toEqual([9, 7, 5, 5]);
    const first = await listLanes("?limit=3");
    const second = await listLanes(`?limit=3&cursor=${first.nextCursor}`);
    expect([...first.data, ...second.data]).toEqual(all);
    expect(second.nextCursor).toBeNull();
    expect((await listLanes("?provider=other")).data.map(({ site }) => site)).toEqual(["c.example.org"]);
    expect((await listLanes("?source=b")).data.map(({ source }) => source)).toEqual(["b"]);
    expect((await listLanes("?constraint=suspended")).data.map(({ site }) => site)).toEqual(["b.example.org"]);
    expect((await web.call("GET", "/api/v1/lanes?constraint=weather")).status).toBe(422);
    expect((await web.call("GET", "/api/v1/lanes?cursor=x")).status).toBe(422);
  });

  test("that several senders share are one lane", async () => {
    const shared = { source: "default", site: "mx.example.org" };
    await saveLanes(
      web.db,
      "s1",
      [row({ ...shared, figures: figures({ waiting: 1, lastReply: "new", lastReplyAt: "2026-11-21T10:00:00.000Z" }) })],
      now(),
    );
    await saveLanes(
      web.db,
      "s2",
      [row({ ...shared, figures: figures({ waiting: 4, constraint: "back-off", why: "rests" }) })],
      now(),
    );
    expect((await listLanes()).data).toMatchObject([
      {
        id: laneId("default", "mx.example.org"),
        sender: "s2, s1",
        figures: {
          waiting: 5,
          connections: 4,
          messagesPerHour: 2000,
          constraint: "back-off",
          why: "rests",
          lastReply: "new",
        },
      },
    ]);
  });

  test.each([laneId("a", "nowhere.example"), "x", "%00", "..%2f"])("there is none called %s", async (id) => {
    expect((await web.call("GET", `/api/v1/lanes/${id}`)).status).toBe(404);
    expect((await act("release", undefined, id)).status).toBe(404);
  });
});

describe("an operator", () => {
  beforeEach(() => saveLanes(web.db, "s1", [row()], now()));

  test("pins a lane and gives it back; senders hear of it, and the events say who", async () => {
    expect(await announcedBy(() => act("pin", { connections: 1 }))).toBe(1);
    expect(await loadPins(web.db)).toEqual([
      { source: "a", site: "mx.example.org", connections: 1, messagesPerHour: null },
    ]);
    const pinned = await act("pin", { connections: 2, messagesPerHour: 50 });
    expect(pinned.status).toBe(202);
    expect(laneSchema.parse(pinned.body).pin).toMatchObject({ connections: 2, messagesPerHour: 50, actor: ACTOR });
    expect(await announcedBy(() => act("unpin"))).toBe(1);
    expect(await loadPins(web.db)).toEqual([]);
    // A second time there is nothing to take away, and nothing to tell.
    expect(laneSchema.parse((await act("unpin")).body).pin).toBeNull();
    const { data } = await listEvents();
    expect(data.map(({ kind, evidence, cause }) => [kind, evidence, cause])).toEqual(
      ["no longer pinned", "pinned: 2 connections, 50 messages an hour", "pinned: 1 connection"].map((evidence) => [
        "adjusted",
        evidence,
        { kind: "operator", rule: ACTOR },
      ]),
    );
    expect(await loadRestrictions(web.db, now())).toEqual([]);
  });

  test.each([{}, { connections: null }, { connections: 0 }, { messagesPerHour: 1.5 }, { speed: 3 }])(
    "cannot pin %j",
    async (body) => {
      expect((await act("pin", body)).status).toBe(422);
      expect(await loadPins(web.db)).toEqual([]);
    },
  );

  test("suspends a lane for a time, which is a restriction like any other", async () => {
    expect(await announcedBy(() => act("suspend", { for: "2h" }))).toBe(1);
    const [restriction] = await loadRestrictions(web.db, now());
    expect(restriction).toMatchObject({
      scope: { kind: "lane", source: "a", site: "mx.example.org" },
      effect: { kind: "suspend" },
      cause: { kind: "operator", rule: ACTOR },
    } satisfies Partial<Restriction>);
    expect((restriction?.until ?? 0) - (restriction?.since ?? 0)).toBe(2 * HOUR);
    expect(await loadRestrictions(web.db, now() + 3 * HOUR)).toEqual([]);
  });

  test.each(["", "2", "0h", "31d", "99999d", "-1h", "1w"])("cannot suspend it for %j", async (time) => {
    expect((await act("suspend", { for: time })).status).toBe(422);
    expect(await loadRestrictions(web.db, now())).toEqual([]);
  });

  test("releases a lane: what suspends just it ends, what is wider or limits it stays", async () => {
    const before = now() - 1;
    await recordShapingEvents(web.db, "s1", [
      event(),
      event({ id: "e2", effect: { kind: "avoid" }, until: null }),
      event({
        id: "e3",
        effect: { kind: "limit", messagesPerHour: 5, connections: null, messagesPerConnection: null },
      }),
      event({ id: "e4", scope: { kind: "source", source: "a" } }),
      event({ id: "e5", scope: { kind: "lane", source: "b", site: "mx.example.org" } }),
    ]);
    expect((await act("release")).status).toBe(202);
    expect((await loadRestrictions(web.db, now())).map(({ id }) => id)).toEqual(["e3", "e4", "e5"]);
    expect(await loadReleases(web.db, before)).toMatchObject([{ source: "a", site: "mx.example.org" }]);
    expect(await loadReleases(web.db, now())).toEqual([]);
    const { data } = await listEvents("?kind=adjusted");
    expect(data).toMatchObject([{ evidence: `released by ${ACTOR}: 2 restrictions ended`, effect: null }]);
    expect((await listEvents("?kind=restricted")).data.find(({ id }) => id === "e1")).toMatchObject({
      endedBy: ACTOR,
    });
  });

  test("undoes a restriction once", async () => {
    await recordShapingEvents(web.db, "s1", [event(), event({ id: "e2", kind: "adjusted", until: null })]);
    const undo = (id: string) => web.call("POST", `/api/v1/shaping-events/${id}/actions/undo`);
    const undone = await undo("e1");
    expect(undone.status).toBe(202);
    expect(shapingEventSchema.parse(undone.body)).toMatchObject({ id: "e1", endedBy: ACTOR });
    expect(await loadRestrictions(web.db, now())).toEqual([]);
    const again = await undo("e1");
    expect([again.status, again.body]).toEqual([
      409,
      expect.objectContaining({ code: "shaping-event-over", detail: expect.stringMatching(/ended at .* \(admin/) }),
    ]);
    expect((await undo("e2")).body).toMatchObject({ status: 409, detail: expect.stringMatching(/restricts nothing/) });
    expect((await undo("nothing")).status).toBe(404);
  });
});

describe("events", () => {
  test("are kept once, whatever they hold, and announced when they restrict", async () => {
    const hostile = event({
      id: "e'\u0000",
      evidence: "550 \u0000\ud800",
      scope: { kind: "domain", domain: "\u0000" },
    });
    expect(await announcedBy(() => recordShapingEvents(web.db, "s1", [event(), hostile]))).toBe(1);
    expect(await announcedBy(() => recordShapingEvents(web.db, "s1", [event({ id: "a", kind: "adjusted" })]))).toBe(0);
    await recordShapingEvents(web.db, "s2", [event({ evidence: "changed" })]);
    const { data } = await listEvents();
    expect(new Map(data.map(({ id, evidence, sender }) => [id, [evidence, sender]]))).toEqual(
      new Map([
        ["e1", ["421 4.7.28 unusual rate", "s1"]],
        ["e'\ufffd", ["550 \ufffd\ufffd", "s1"]],
        ["a", ["421 4.7.28 unusual rate", "s1"]],
      ]),
    );
    expect(await loadRestrictions(web.db, now())).toHaveLength(2);
    await recordShapingEvents(web.db, "s1", [], [{ id: "e1", at: now(), by: "acceptance" }]);
    expect((await loadRestrictions(web.db, now())).map(({ id }) => id)).toEqual(["e'\ufffd"]);
  });

  test("of hundreds of replies at once", async () => {
    const many = Array.from({ length: 500 }, (_, i) => event({ id: `e${i}`, at: now() - i }));
    await recordShapingEvents(web.db, "s1", many);
    const ids = new Set<string>();
    for (let cursor: string | null = ""; cursor !== null; ) {
      const page: { data: { id: string }[]; nextCursor: string | null } = await listEvents(
        `?limit=170${cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`}`,
      );
      for (const { id } of page.data) ids.add(id);
      cursor = page.nextCursor;
    }
    expect(ids.size).toBe(500);
  });

  test("newest first, filtered; a restriction whose time is over ended by itself", async () => {
    await recordShapingEvents(web.db, "s1", [
      event({ id: "old", at: now() - 2 * HOUR, until: now() - HOUR }),
      event({
        id: "standing",
        until: null,
        provider: "outlook",
        deliveryId: null,
        scope: { kind: "delivery", deliveryId: 9, provider: "outlook" },
      }),
      event({ id: "alert", at: now() - 2 * MINUTE, kind: "alert", effect: null, until: null }),
    ]);
    const ids = async (query: string) => (await listEvents(query)).data.map(({ id }) => id);
    expect(await ids("")).toEqual(["standing", "alert", "old"]);
    expect(await ids("?standing=true")).toEqual(["standing"]);
    expect(await ids("?kind=alert")).toEqual(["alert"]);
    expect(await ids("?provider=outlook")).toEqual(["standing"]);
    expect(await ids("?source=a")).toEqual(["alert", "old"]);
    expect(await ids("?deliveryId=9")).toEqual(["standing"]);
    expect(await ids("?deliveryId=7")).toEqual(["alert", "old"]);
    const old = (await listEvents()).data.find(({ id }) => id === "old");
    expect(old).toMatchObject({ endedBy: "time", endedAt: old?.until });
    expect(await endRestriction(web.db, "old", "x", now())).toBe("over");
    expect(await endRestriction(web.db, "gone", "x", now())).toBe("missing");
    expect((await web.call("GET", "/api/v1/shaping-events?cursor=x")).status).toBe(422);
    expect((await web.call("GET", "/api/v1/shaping-events?deliveryId=x")).status).toBe(422);
  });
});

describe("domains and senders", () => {
  const site = { domain: "example.org", site: "mx.example.org", provider: "other", mx: ["mx.example.org"] };
  const seenAt = async () => (await web.db.query<{ at: number }>("select seen_at as at from domain_sites"))[0]?.at;

  test("where a domain went is written when it changes, else once a day", async () => {
    const first = now();
    await rememberDomainSites(web.db, [site, { ...site, domain: "a.example" }, site], first);
    await rememberDomainSites(web.db, [site], first + HOUR);
    expect(await findDomainSite(web.db, "example.org")).toEqual(site);
    await web.db.query("delete from domain_sites where domain <> 'example.org'");
    expect(await seenAt()).toBe(first);
    await rememberDomainSites(web.db, [site], first + 25 * HOUR);
    expect(await seenAt()).toBe(first + 25 * HOUR);
    const moved = { ...site, site: "mx.google.example", provider: "google", mx: ["mx.google.example", "b,c"] };
    await rememberDomainSites(web.db, [moved], first + 26 * HOUR);
    expect(await findDomainSite(web.db, "example.org")).toEqual(moved);
    expect(await findDomainSite(web.db, "nowhere.example")).toBeNull();
  });

  test("a sender that said nothing for a minute is not there", async () => {
    await touchSender(web.db, "s1", 0, 2, now() - 2 * MINUTE);
    await touchSender(web.db, "s2", 1, 2, now());
    expect(await loadSenders(web.db, now())).toMatchObject([{ sender: "s2", index: 1, of: 2 }]);
    await touchSender(web.db, "s1", 0, 2, now());
    expect(await loadSenders(web.db, now())).toHaveLength(2);
  });
});

test("what is old goes: lanes after a week, events after 90 days unless they stand", async () => {
  await saveLanes(web.db, "s1", [row()], now() - 8 * DAY);
  await saveLanes(web.db, "s1", [row({ site: "b.example.org" })], now());
  await recordShapingEvents(web.db, "s1", [
    event({ id: "old", at: now() - 91 * DAY, until: now() - 90 * DAY }),
    event({ id: "standing", at: now() - 91 * DAY, until: null }),
    event({ id: "new" }),
  ]);
  await forgetOldShaping(web.db, now());
  expect(await web.db.query("select site from lanes")).toEqual([{ site: "b.example.org" }]);
  expect(await web.db.query("select id from shaping_events order by id")).toEqual([{ id: "new" }, { id: "standing" }]);
});

test("Prometheus has lanes of running senders by constraint, with a bounded number of providers", async () => {
  await touchSender(web.db, "s1", 0, 1, now());
  const lanes = Array.from({ length: 60 }, (_, i) =>
    row({ site: `mx${i}.example.org`, provider: `p${i}`, figures: figures({ waiting: i + 1 }) }),
  );
  await saveLanes(web.db, "s1", lanes, now());
  await saveLanes(
    web.db,
    "gone",
    [row({ source: "g", figures: figures({ waiting: 1_000_000, constraint: "cpu" }) })],
    now(),
  );
  await recordShapingEvents(web.db, "s1", [event({ until: null }), event({ id: "e2" })]);
  const { text } = await web.call("GET", "/metrics");
  expect(text).toContain('envoi_lanes{constraint="rate"} 60');
  expect(text).not.toContain('constraint="cpu"');
  expect(text).toContain('envoi_lane_messages{provider="p59"} 60');
  expect(text).toContain('envoi_lane_messages{provider="all others"} 55');
  expect(text.match(/envoi_lane_messages\{/g)).toHaveLength(51);
  expect(text).toContain('envoi_shaping_restrictions{provider="google"} 2');
});

test("times are told as the contract says", async () => {
  const at = now();
  await saveLanes(web.db, "s1", [row()], at);
  expect((await listLanes()).data[0]?.updatedAt).toBe(formatInstant(at));
});
