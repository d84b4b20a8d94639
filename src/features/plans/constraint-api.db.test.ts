/** "Why is it slow?" over the API, on a real database: what holds a delivery or a message back, by whom, until when. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { seedInProgress } from "../../../test/seed-delivery.ts";
import { laneFigures } from "../../../test/seed-lanes.ts";
import { createTestWebApp, type TestWebApp } from "../../../test/web-app.ts";
import { constraintAnswerSchema } from "../../contract/responses-shaping.ts";
import type { LaneFigures } from "../../contract/shaping.ts";
import { formatInstant, HOUR, MINUTE } from "../../core/time.ts";
import { pauseDelivery, resumeDelivery, settleDelivery, stopDelivery } from "../deliveries/index.ts";
import { laneId, recordShapingEvents, rememberDomainSites, saveLanes, touchSender } from "../lanes/index.ts";

let web: TestWebApp;
let id: number;
beforeAll(async () => {
  web = await createTestWebApp();
});
beforeEach(async () => {
  await web.db.query(
    `truncate deliveries, delivery_parts, messages, message_attempts, destination_counters, recipients, list_members, delivery_events,
              lanes, shaping_events, senders, sender_status, domain_sites, sources, pools, pool_sources, warm_ups`,
  );
  id = await seedInProgress(web.db, 20, 10);
  await touchSender(web.db, "s1", 0, 1, now());
  await rememberDomainSites(
    web.db,
    [{ domain: "one.example", site: "mx.example.org", provider: "google", mx: ["mx.example.org"] }],
    now(),
  );
});
afterAll(() => web.close());

const now = () => Date.now();
const sql = (text: string, params: unknown[] = []) => web.db.query(text, params);
const whyDelivery = () => web.get(`/api/v1/deliveries/${id}/constraint`, constraintAnswerSchema);
const whyMessage = async (seq = 0) => {
  const [part] = await web.db.query<{ id: number }>("select min(id) as id from delivery_parts where delivery_id = $1", [
    id,
  ]);
  return web.get(`/api/v1/messages/${part?.id}-${seq}/constraint`, constraintAnswerSchema);
};
const lane = (changes: Partial<LaneFigures> = {}, source = "default") =>
  saveLanes(
    web.db,
    "s1",
    [
      {
        source,
        site: "mx.example.org",
        provider: "google",
        rule: "google",
        state: {},
        figures: laneFigures({
          waiting: 20,
          messagesPerHour: 100,
          acceptedLastMinute: 2,
          why: "100 messages an hour by MX rule google",
          ...changes,
        }),
      },
    ],
    now(),
  );

describe("a delivery", () => {
  test("in a lane that is held back: the lane, how much waits for it, and why", async () => {
    await lane();
    expect(await whyDelivery()).toEqual({
      constraint: "rate",
      why: "100 % of what is left goes to google from default: 100 messages an hour by MX rule google",
      until: null,
      lanes: [
        {
          laneId: laneId("default", "mx.example.org"),
          provider: "google",
          site: "mx.example.org",
          source: "default",
          waiting: 20,
          constraint: "rate",
          why: "100 messages an hour by MX rule google",
          until: null,
        },
      ],
    });
    await sql(
      "insert into destination_counters (delivery_id, domain, sender, sent) values ($1, 'one.example', 's1', 12)",
      [id],
    );
    expect((await whyDelivery()).lanes).toMatchObject([{ waiting: 8 }]);
  });

  test("paused, by whom; held, why; stopped", async () => {
    await lane();
    await pauseDelivery(web.db, id, "the night shift", now());
    expect(await whyDelivery()).toMatchObject({
      constraint: "paused",
      why: expect.stringMatching(/^It was paused by the night shift at /),
    });
    expect(await whyMessage()).toMatchObject({ constraint: "paused", why: expect.stringMatching(/the night shift/) });
    await resumeDelivery(web.db, id, "the day shift", now());
    expect((await whyDelivery()).constraint).toBe("rate");
    await sql("update deliveries set state = 'paused', hold_reason = 'the relay refuses us' where id = $1", [id]);
    expect((await whyDelivery()).why).toBe("It holds by itself: the relay refuses us");
    await stopDelivery(web.db, id, "boss", now());
    expect((await whyDelivery()).why).toMatch(/stopped by boss/);
    await settleDelivery(web.db, id, now());
    expect(await whyDelivery()).toMatchObject({ constraint: "none", why: "It is over", lanes: [] });
    expect(await whyMessage()).toMatchObject({ constraint: "none", why: "It was cancelled with its delivery" });
  });

  test("without senders, without sources, or waiting for an archive", async () => {
    await lane();
    const status = (waiting: string | null, at: number) =>
      sql(
        `insert into sender_status (sender, delivery_id, on_wire, leased_parts, updated_at, waiting_for) values ('s1', $1, 0, 1, $2, $3)
         on conflict (sender, delivery_id) do update set updated_at = excluded.updated_at, waiting_for = excluded.waiting_for`,
        [id, new Date(at), waiting],
      );
    await status("The archive Journal rests", now());
    expect(await whyDelivery()).toMatchObject({ constraint: "archive", why: "The archive Journal rests" });
    expect(await whyMessage()).toMatchObject({ constraint: "archive" });
    await status(null, now());
    await sql('update deliveries set settings = settings || \'{"pool": "Gone"}\' where id = $1', [id]);
    expect(await whyDelivery()).toMatchObject({
      constraint: "no-source",
      why: 'No source of the pool "Gone" can be used',
    });
    // Senders that say what they do are there, whatever the table of senders holds.
    await sql("delete from senders");
    expect((await whyDelivery()).why).toMatch(/No source/);
    await status(null, now() - MINUTE);
    expect(await whyDelivery()).toMatchObject({ constraint: "no-source", why: "No sender process runs" });
  });

  test("at its own speed", async () => {
    await lane({ acceptedLastMinute: 2 });
    await sql("update deliveries set settings = settings || '{\"speed\": 120}' where id = $1", [id]);
    expect(await whyDelivery()).toMatchObject({
      constraint: "delivery-speed",
      why: "Its speed is 120 messages an hour",
    });
    await lane({ acceptedLastMinute: 1 });
    expect(await whyDelivery()).toMatchObject({ constraint: "rate" });
  });

  test("of which only retries are left", async () => {
    const due = now() + HOUR;
    await sql(
      "update delivery_parts set retrying = 1, sent = to_deliver - 1, pending = 0, due_at = $2 where delivery_id = $1",
      [id, new Date(due)],
    );
    expect(await whyDelivery()).toMatchObject({ constraint: "retry-wait", until: formatInstant(due) });
  });

  test("between two waves", async () => {
    const wave = now() + HOUR;
    await sql("update delivery_parts set due_at = null, wave = 2 where delivery_id = $1", [id]);
    await sql(
      "insert into delivery_waves (delivery_id, number, to_deliver, after_ms, starts_at) values ($1, 2, 20, 0, $2)",
      [id, new Date(wave)],
    );
    expect(await whyDelivery()).toMatchObject({ constraint: "none", until: formatInstant(wave) });
    await sql("delete from delivery_waves");
  });

  test("that a provider named, in a lane that is free for others", async () => {
    await lane({ constraint: "none", why: "It is sending" });
    const until = now() + HOUR;
    await recordShapingEvents(web.db, "s1", [
      {
        id: "r1",
        at: now(),
        kind: "restricted",
        scope: { kind: "delivery", deliveryId: id, provider: "google" },
        provider: "google",
        cause: { kind: "reaction", rule: "google-4.7.28" },
        evidence: "421 4.7.28 unusual rate",
        effect: { kind: "suspend" },
        until,
        deliveryId: id,
        messageKey: null,
      },
    ]);
    const answer = await whyDelivery();
    expect(answer).toMatchObject({ constraint: "suspended", until: formatInstant(until) });
    expect(answer.why).toMatch(/Suspended by google-4.7.28: 421 4.7.28 unusual rate/);
    expect(await whyMessage()).toMatchObject({ constraint: "suspended", until: formatInstant(until) });
  });

  test("to a domain that takes nothing, in a lane that is free for others", async () => {
    await lane({ constraint: "none", why: "It is sending" });
    const until = now() + HOUR;
    const restriction = {
      id: "d1",
      at: now(),
      kind: "restricted",
      scope: { kind: "domain", domain: "one.example" },
      provider: "google",
      cause: { kind: "sweep", rule: "domain-takes-nothing" },
      evidence: "95 % of 400 attempts failed",
      effect: { kind: "suspend" },
      until,
      deliveryId: null,
      messageKey: null,
    } as const;
    await recordShapingEvents(web.db, "s1", [restriction]);
    const why = "Suspended for one.example by domain-takes-nothing: 95 % of 400 attempts failed";
    const answer = await whyDelivery();
    expect(answer).toMatchObject({ constraint: "suspended", until: formatInstant(until) });
    expect(answer.why).toContain(why);
    expect(answer.lanes[0]).toMatchObject({ constraint: "suspended", why, site: "mx.example.org" });
    expect(await whyMessage()).toMatchObject({ constraint: "suspended", until: formatInstant(until) });
    await recordShapingEvents(
      web.db,
      "s1",
      [{ ...restriction, id: "d2", scope: { kind: "domain", domain: "x.example" } }],
      [{ id: "d1", at: now(), by: "tests" }],
    );
    expect(await whyDelivery()).toMatchObject({ constraint: "none" });
  });

  test("with sources of a pool: each lane has its share", async () => {
    await sql(
      `insert into sources (name, address_v4, helo, created_at, updated_at) values
         ('a', '192.0.2.1', 'a.example.org', now(), now()), ('b', '192.0.2.2', 'b.example.org', now(), now())`,
    );
    await sql("insert into pools (name, created_at, updated_at) values ('default', now(), now())");
    await sql(
      "insert into pool_sources select p.id, s.id, case s.name when 'a' then 3 else 1 end from pools p, sources s",
    );
    await lane({}, "a");
    await lane({ constraint: "back-off", why: "The lane rests" }, "b");
    await lane({}, "somebody else's");
    expect((await whyDelivery()).lanes).toMatchObject([
      { source: "a", waiting: 15 },
      { source: "b", waiting: 5, constraint: "back-off" },
    ]);
    await lane({ constraint: "warm-up", why: "The allowance is used up" }, "b");
    expect((await whyDelivery()).lanes).toMatchObject([
      { source: "a", waiting: 20 },
      { source: "b", waiting: 0, constraint: "warm-up" },
    ]);
  });

  test("that is sending, or to places that nobody was at yet", async () => {
    await sql("update delivery_parts set owner = 's1' where delivery_id = $1", [id]);
    await lane({ constraint: "none", why: "It is sending" });
    expect(await whyDelivery()).toMatchObject({ constraint: "none", why: "Nothing holds it back: it is sending" });
    await sql("truncate domain_sites");
    expect(await whyDelivery()).toMatchObject({ constraint: "none", lanes: [] });
    expect(await whyMessage()).toMatchObject({ constraint: "none", why: "A sender has it", lanes: [] });
  });
});

describe("a message", () => {
  test("that was deferred: until when, and what the server said", async () => {
    await lane();
    const next = now() + HOUR;
    await sql("update messages set status = 'taken-into-account', attempts = 1, next_attempt_at = $1 where seq = 0", [
      new Date(next),
    ]);
    await sql(
      `insert into message_attempts (part_id, seq, attempt, at, kind, code, reply)
       select part_id, seq, 1, now(), 'refused', 451, '451 4.7.1 greylisted' from messages where seq = 0`,
    );
    expect(await whyMessage()).toEqual({
      constraint: "retry-wait",
      why: `The next attempt is at ${formatInstant(next)}; the server said: 451 4.7.1 greylisted`,
      until: formatInstant(next),
      lanes: [expect.objectContaining({ site: "mx.example.org" })],
    });
    expect(await whyMessage(1)).toMatchObject({ constraint: "rate" });
  });

  test("that a relay has, that is sent, that failed", async () => {
    await sql("update messages set status = 'taken-into-account', relayed = true where seq = 0");
    await sql("update messages set status = 'sent' where seq = 1");
    await sql("update messages set status = 'failed' where seq = 2");
    expect(await whyMessage(0)).toMatchObject({ constraint: "remote", until: expect.any(String) });
    expect(await whyMessage(1)).toMatchObject({ constraint: "none", why: "It was sent" });
    expect(await whyMessage(2)).toMatchObject({ constraint: "none", why: "It failed" });
  });

  test("goes where the delivery's routes say", async () => {
    await saveLanes(
      web.db,
      "s1",
      [
        {
          source: "default",
          site: "192.0.2.9:25",
          provider: "other",
          rule: "default",
          state: {},
          figures: laneFigures({ constraint: "remote", why: "slow" }),
        },
      ],
      now(),
    );
    await sql(`update deliveries set settings = settings || '{"routes": {"*": "192.0.2.9:25"}}' where id = $1`, [id]);
    expect(await whyMessage()).toMatchObject({ constraint: "remote", lanes: [{ site: "192.0.2.9:25" }] });
    expect(await whyDelivery()).toMatchObject({ constraint: "remote", lanes: [{ waiting: 20 }] });
  });

  test.each(["x", "0-0", "1-", "999999-0"])("there is none called %s", async (key) => {
    expect((await web.call("GET", `/api/v1/messages/${key}/constraint`)).status).toBe(404);
  });
});

test.each(["x", "0", "999999"])("there is no delivery called %s", async (wrong) => {
  expect((await web.call("GET", `/api/v1/deliveries/${wrong}/constraint`)).status).toBe(404);
});
