/** Events of shaping: kept once, announced when they restrict, listed, ended. And what else senders leave behind: domains' sites, themselves, old things. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { countAnnouncements } from "../../../test/count-announcements.ts";
import { laneFigures, laneRow, shapingEvent } from "../../../test/seed-lanes.ts";
import { createTestWebApp, type TestWebApp } from "../../../test/web-app.ts";
import { laneSchema, shapingEventSchema } from "../../contract/responses-shaping.ts";
import { pageOf } from "../../contract/responses.ts";
import { DAY, formatInstant, HOUR, MINUTE } from "../../core/time.ts";
import {
  endRestriction,
  findDomainSite,
  forgetOldShaping,
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

const now = () => Date.now();
const listLanes = (query = "") => web.get(`/api/v1/lanes${query}`, pageOf(laneSchema));
const listEvents = (query = "") => web.get(`/api/v1/shaping-events${query}`, pageOf(shapingEventSchema));

describe("events", () => {
  test("are kept once, whatever they hold, and announced when they restrict", async () => {
    const hostile = shapingEvent({
      id: "e'\u0000",
      evidence: "550 \u0000\ud800",
      scope: { kind: "domain", domain: "\u0000" },
    });
    expect(await countAnnouncements(web.db, () => recordShapingEvents(web.db, "s1", [shapingEvent(), hostile]))).toBe(
      1,
    );
    expect(
      await countAnnouncements(web.db, () =>
        recordShapingEvents(web.db, "s1", [shapingEvent({ id: "a", kind: "adjusted" })]),
      ),
    ).toBe(0);
    await recordShapingEvents(web.db, "s2", [shapingEvent({ evidence: "changed" })]);
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
    const many = Array.from({ length: 500 }, (_, i) => shapingEvent({ id: `e${i}`, at: now() - i }));
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
      shapingEvent({ id: "old", at: now() - 2 * HOUR, until: now() - HOUR }),
      shapingEvent({
        id: "standing",
        until: null,
        provider: "outlook",
        deliveryId: null,
        scope: { kind: "delivery", deliveryId: 9, provider: "outlook" },
      }),
      shapingEvent({ id: "alert", at: now() - 2 * MINUTE, kind: "alert", effect: null, until: null }),
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
  await saveLanes(web.db, "s1", [laneRow()], now() - 8 * DAY);
  await saveLanes(web.db, "s1", [laneRow({ site: "b.example.org" })], now());
  await recordShapingEvents(web.db, "s1", [
    shapingEvent({ id: "old", at: now() - 91 * DAY, until: now() - 90 * DAY }),
    shapingEvent({ id: "standing", at: now() - 91 * DAY, until: null }),
    shapingEvent({ id: "new" }),
  ]);
  await forgetOldShaping(web.db, now());
  expect(await web.db.query("select site from lanes")).toEqual([{ site: "b.example.org" }]);
  expect(await web.db.query("select id from shaping_events order by id")).toEqual([{ id: "new" }, { id: "standing" }]);
});

test("Prometheus has lanes of running senders by constraint, with a bounded number of providers", async () => {
  await touchSender(web.db, "s1", 0, 1, now());
  const lanes = Array.from({ length: 60 }, (_, i) =>
    laneRow({ site: `mx${i}.example.org`, provider: `p${i}`, figures: laneFigures({ waiting: i + 1 }) }),
  );
  await saveLanes(web.db, "s1", lanes, now());
  await saveLanes(
    web.db,
    "gone",
    [laneRow({ source: "g", figures: laneFigures({ waiting: 1_000_000, constraint: "cpu" }) })],
    now(),
  );
  await recordShapingEvents(web.db, "s1", [shapingEvent({ until: null }), shapingEvent({ id: "e2" })]);
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
  await saveLanes(web.db, "s1", [laneRow()], at);
  expect((await listLanes()).data[0]?.updatedAt).toBe(formatInstant(at));
});
