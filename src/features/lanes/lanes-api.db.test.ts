/** Lanes over the API: what senders tell and restore, what operators see and do. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { countAnnouncements } from "../../../test/count-announcements.ts";
import { laneFigures, laneRow, shapingEvent } from "../../../test/seed-lanes.ts";
import { createTestWebApp, type TestWebApp } from "../../../test/web-app.ts";
import { laneSchema, shapingEventSchema } from "../../contract/responses-shaping.ts";
import { pageOf } from "../../contract/responses.ts";
import type { Restriction } from "../../core/shaping/restriction.ts";
import { DAY, HOUR } from "../../core/time.ts";
import {
  forgetLanes,
  laneId,
  loadLaneStates,
  loadPins,
  loadReleases,
  loadRestrictions,
  recordShapingEvents,
  saveLanes,
} from "./index.ts";

let web: TestWebApp;
beforeAll(async () => {
  web = await createTestWebApp();
});
beforeEach(() => web.db.query("truncate lanes, lane_pins, shaping_events, senders, domain_sites"));
afterAll(() => web.close());

const now = () => Date.now();

/** Label of the token that the tests use. */
const ACTOR = "admin (environment)";
const LANE = laneId("a", "mx.example.org");
const listLanes = (query = "") => web.get(`/api/v1/lanes${query}`, pageOf(laneSchema));
const listEvents = (query = "") => web.get(`/api/v1/shaping-events${query}`, pageOf(shapingEventSchema));
const act = (verb: string, body?: unknown, id = LANE) => web.call("POST", `/api/v1/lanes/${id}/actions/${verb}`, body);

describe("lanes", () => {
  test("are saved by the thousand in one statement, restored by the sender that had them, and change", async () => {
    const many = Array.from({ length: 3000 }, (_, i) => laneRow({ site: `mx${i}.example.org` }));
    await saveLanes(web.db, "s1", many, now());
    await saveLanes(web.db, "s2", [laneRow({ source: "b" })], now());
    await saveLanes(web.db, "s1", [laneRow({ site: "mx7.example.org", state: { connections: 1 } })], now());
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
    await saveLanes(web.db, "s1", [laneRow(), laneRow({ figures: laneFigures({ lastReply, waiting: 3 }) })], now());
    const { data } = await listLanes();
    expect(data).toMatchObject([{ id: LANE, figures: { waiting: 3, lastReply: "421 \ufffd \ufffd '\\ \u{1f600}" } }]);
  });

  test("are listed with most waiting first, in pages, filtered", async () => {
    await saveLanes(
      web.db,
      "s1",
      [
        laneRow({ figures: laneFigures({ waiting: 5 }) }),
        laneRow({ site: "b.example.org", figures: laneFigures({ waiting: 9, constraint: "suspended" }) }),
        laneRow({
          site: "c.example.org",
          provider: "other",
          figures: laneFigures({ waiting: 5, messagesPerHour: null }),
        }),
        laneRow({ source: "b", figures: laneFigures({ waiting: 7 }) }),
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
      [
        laneRow({
          ...shared,
          figures: laneFigures({ waiting: 1, lastReply: "new", lastReplyAt: "2026-11-21T10:00:00.000Z" }),
        }),
      ],
      now(),
    );
    await saveLanes(
      web.db,
      "s2",
      [laneRow({ ...shared, figures: laneFigures({ waiting: 4, constraint: "back-off", why: "rests" }) })],
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

  test.each([laneId("a", "nowhere.example"), "x", "..%2f"])("there is none called %s", async (id) => {
    expect((await web.call("GET", `/api/v1/lanes/${id}`)).status).toBe(404);
    expect((await act("release", undefined, id)).status).toBe(404);
  });
});

describe("an operator", () => {
  beforeEach(() => saveLanes(web.db, "s1", [laneRow()], now()));

  test("pins a lane and gives it back; senders hear of it, and the events say who", async () => {
    expect(await countAnnouncements(web.db, () => act("pin", { connections: 1 }))).toBe(1);
    expect(await loadPins(web.db)).toEqual([
      { source: "a", site: "mx.example.org", connections: 1, messagesPerHour: null },
    ]);
    const pinned = await act("pin", { connections: 2, messagesPerHour: 50 });
    expect(pinned.status).toBe(202);
    expect(laneSchema.parse(pinned.body).pin).toMatchObject({ connections: 2, messagesPerHour: 50, actor: ACTOR });
    expect(await countAnnouncements(web.db, () => act("unpin"))).toBe(1);
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
    expect(await countAnnouncements(web.db, () => act("suspend", { for: "2h" }))).toBe(1);
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
      shapingEvent(),
      shapingEvent({ id: "e2", effect: { kind: "avoid" }, until: null }),
      shapingEvent({
        id: "e3",
        effect: { kind: "limit", messagesPerHour: 5, connections: null, messagesPerConnection: null },
      }),
      shapingEvent({ id: "e4", scope: { kind: "source", source: "a" } }),
      shapingEvent({ id: "e5", scope: { kind: "lane", source: "b", site: "mx.example.org" } }),
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
    await recordShapingEvents(web.db, "s1", [
      shapingEvent(),
      shapingEvent({ id: "e2", kind: "adjusted", until: null }),
    ]);
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
