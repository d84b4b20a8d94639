/** Alerts on a real database: each kind from what raises it to what ends it, and who hears of it. */
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from "vitest";

import { NOTHING_AROUND } from "../../../test/alert-rig.ts";
import { seedInProgress } from "../../../test/seed-delivery.ts";
import { createTestWebApp, type TestWebApp } from "../../../test/web-app.ts";
import { alertSettingsSchema } from "../../contract/alerts.ts";
import { platformSettingsSchema } from "../../contract/index.ts";
import { alertSchema } from "../../contract/responses-alerts.ts";
import { pageOf } from "../../contract/responses.ts";
import { ALERT_KIND_NAMES, type AlertKind, type AlertRule } from "../../core/alert/alert-kinds.ts";
import { DAY, HOUR, MINUTE } from "../../core/time.ts";
import { createLog } from "../../platform/log.ts";
import { timestamp } from "../../platform/db.ts";
import type { Surroundings } from "./seen.ts";
import { watchAlerts } from "./watch-alerts.ts";

let web: TestWebApp;
let delivery: number;
const NOW = Date.now();
const log = createLog("silent", "test");

beforeAll(async () => {
  web = await createTestWebApp();
  delivery = await seedInProgress(web.db, 200, 100);
  await web.db.query("update deliveries set label = 'Sale', updated_at = now()");
});
afterAll(() => web.close());
beforeEach(async () => {
  await web.db.query("delete from alerts");
  await web.db.query("delete from notices");
  await setAlerts({});
});

type Given = Parameters<typeof alertSettingsSchema.parse>[0];
async function setAlerts(alerts: Given): Promise<void> {
  const settings = platformSettingsSchema.parse({ alerts });
  await web.db.query(
    `insert into platform_settings (settings, updated_at) values ($1, now())
     on conflict (id) do update set settings = excluded.settings`,
    [JSON.stringify(settings)],
  );
}
/** Only this kind is watched. */
const only = (kind: AlertKind, rule: AlertRule = {}) =>
  setAlerts({
    rules: Object.fromEntries(
      ALERT_KIND_NAMES.map((name) => [name, name === kind ? { on: true, ...rule } : { on: false }]),
    ),
  });
const look = (now = NOW, around: Partial<Surroundings> = {}) =>
  watchAlerts(
    { db: web.db, log, around: { ...NOTHING_AROUND, ...around }, publicUrl: "https://envoi.example" },
    now,
    true,
  );
const open = async () => (await web.get("/api/v1/alerts?state=open", pageOf(alertSchema))).data;
const messages = async () => (await open()).map(({ message }) => message);
const sql = (text: string, ...params: unknown[]) => web.db.query(text, params);

/** Raised by one change of the database, over by another. */
async function comesAndGoes(
  kind: AlertKind,
  cause: () => Promise<unknown>,
  cure: () => Promise<unknown>,
  text: RegExp,
) {
  await only(kind);
  await look();
  expect(await messages()).toEqual([]);
  await cause();
  await look(NOW + 1);
  await look(NOW + 2);
  const [alert, ...more] = await open();
  expect(more).toEqual([]);
  expect(alert).toMatchObject({ kind, message: expect.stringMatching(text) });
  await cure();
  await look(NOW + 3);
  expect(await messages()).toEqual([]);
}

const parts = (counts: { sent?: number; failed?: number; retrying?: number }) => {
  const { sent = 0, failed = 0, retrying = 0 } = counts;
  return sql(
    `update delivery_parts set sent = $1, failed = $2, retrying = $3, pending = to_deliver - $1 - $2 - $3`,
    sent,
    failed,
    retrying,
  );
};
const mark = (count: number, status: string, type: string | null) =>
  sql("update messages set attempts = 1, status = $2, type = $3 where seq < $1", count, status, type);
async function clean(): Promise<void> {
  await parts({});
  await sql("update messages set attempts = 0, status = 'pending', type = null");
}
const state = (text: string) => sql(`update deliveries set ${text} where id = $1`, delivery);

describe("a delivery", () => {
  beforeEach(() => sql("update deliveries set started_at = $1", timestamp(NOW - MINUTE)));

  it("pauses by itself", () =>
    comesAndGoes(
      "delivery-held",
      () => state("state = 'paused', hold_reason = 'no key signs'"),
      () => state("state = 'in-progress', hold_reason = null"),
      /^Delivery \d+ "Sale" paused by itself: no key signs$/,
    ));

  it("cannot be analysed", () =>
    comesAndGoes(
      "analysis-failed",
      async () => {
        await state("state = 'editing'");
        await sql(
          "insert into delivery_events (delivery_id, at, kind, actor, detail) values ($1, $2, 'analysis.failed', '', $3)",
          delivery,
          timestamp(NOW),
          { error: "disk" },
        );
      },
      async () => {
        await state("state = 'in-progress'");
        await sql("delete from delivery_events where kind = 'analysis.failed'");
      },
      /^The analysis of delivery \d+ "Sale" failed: disk$/,
    ));

  it("does not begin in time", () =>
    comesAndGoes(
      "start-late",
      () =>
        sql(
          "update deliveries set state = 'scheduled', start_at = $1, start_not_after = $2, start_by = ''",
          timestamp(NOW - HOUR),
          timestamp(NOW + HOUR),
        ),
      () => state("state = 'in-progress', start_at = null, start_not_after = null, start_by = null"),
      /should have begun and has not/,
    ));

  it("missed its date", () =>
    comesAndGoes(
      "start-missed",
      async () => {
        await state("state = 'ready'");
        await sql(
          "insert into delivery_events (delivery_id, at, kind, actor) values ($1, $2, 'delivery.missed', '')",
          delivery,
          timestamp(NOW),
        );
      },
      async () => {
        await state("state = 'in-progress'");
        await sql("delete from delivery_events where kind = 'delivery.missed'");
      },
      /too late when it could have/,
    ));

  it("bounces hard", () =>
    comesAndGoes(
      "hard-bounces",
      async () => {
        await parts({ sent: 90, failed: 10 });
        await mark(100, "sent", null);
        await mark(10, "failed", "hard");
      },
      clean,
      /: 10 % of 200 messages looked at bounced hard$/,
    ));

  it("meets soft errors; hard ones are not meant", async () => {
    const soft = async () => {
      await parts({ sent: 90, failed: 4, retrying: 6 });
      await mark(100, "sent", null);
      await mark(10, "failed", "hard");
      await mark(6, "taken-into-account", "soft");
    };
    await comesAndGoes("soft-bounces", soft, clean, /: 6 % of 200 messages looked at met soft errors$/);
  });

  it("29: 5.1 % soft errors are in the next mail, those of 49 messages and of a delivery that ended a day ago in none", async () => {
    const rules = Object.fromEntries(ALERT_KIND_NAMES.map((kind) => [kind, { on: kind === "soft-bounces" }]));
    await setAlerts({ rules, addresses: ["ops@ours.example"] });
    const subjects = () => web.db.query("select subject from notices");
    await parts({ sent: 21, retrying: 3 });
    await sql(
      "update delivery_parts set sent = 22, pending = pending - 1 where id = (select min(id) from delivery_parts)",
    );
    await mark(24, "sent", null);
    await mark(3, "taken-into-account", "soft");
    await look();
    expect(await subjects()).toEqual([]);
    await parts({ sent: 93, retrying: 5 });
    await mark(98, "sent", null);
    await mark(5, "taken-into-account", "soft");
    await look(NOW + 1);
    expect(await subjects()).toEqual([
      { subject: expect.stringMatching(/: 5.1 % of 196 messages looked at met soft errors$/) },
    ]);
    await sql("update deliveries set state = 'finished', finished_at = $1", timestamp(NOW - 25 * HOUR));
    await look(NOW + 2);
    expect(await messages()).toEqual([]);
    await state("state = 'in-progress', finished_at = null");
    await clean();
  });

  it("says nothing while few are final", async () => {
    await only("low-success", { least: 300 });
    await parts({ sent: 50, failed: 50 });
    await look();
    expect(await messages()).toEqual([]);
    await only("low-success");
    await look();
    expect(await messages()).toEqual([expect.stringMatching(/only 50 % of 200 messages arrived$/)]);
    // It ended long ago.
    await look(NOW + 2 * DAY);
    expect(await messages()).toHaveLength(1);
    await sql("update deliveries set state = 'finished', finished_at = $1", timestamp(NOW - 2 * DAY));
    await look(NOW + 2 * DAY + 1);
    expect(await messages()).toEqual([]);
    await state("state = 'in-progress', finished_at = null");
    await clean();
  });

  it("is called spam", async () => {
    await only("complaints", { least: 100, percent: 1 });
    await parts({ sent: 100 });
    await sql(
      "insert into tracking_counters (delivery_id, kind, link, recipients) values ($1, 'complaint', 0, 3)",
      delivery,
    );
    await look();
    expect(await messages()).toEqual([expect.stringMatching(/3 recipients called it spam, 1.5 % of 200$/)]);
    await sql("delete from tracking_counters");
    await clean();
  });

  it("is slow", () =>
    comesAndGoes(
      "slow",
      async () => {
        await parts({ sent: 10 });
        await sql("update deliveries set started_at = $1", timestamp(NOW - 2 * HOUR));
      },
      async () => {
        await clean();
        await sql("update deliveries set started_at = $1", timestamp(NOW - MINUTE));
      },
      /is slow: 20 of 200 messages, 10 an hour$/,
    ));

  it("is in progress, which only who wants to know is told", async () => {
    await look();
    expect((await open()).map(({ kind }) => kind)).not.toContain("running");
    await only("running");
    await look(NOW + 1);
    expect((await open()).map(({ level, deliveryId }) => [level, deliveryId])).toEqual([["info", String(delivery)]]);
  });

  it("waits for senders that are not there", async () => {
    await only("senders-silent");
    await sql("update delivery_parts set due_at = $1", timestamp(NOW - HOUR));
    await look();
    expect(await messages()).toEqual(["No sender runs, and messages of 1 deliveries are due"]);
    await sql("insert into senders (sender, index, of, seen_at) values ('s', 0, 1, $1)", timestamp(NOW));
    await look(NOW + 1);
    expect(await messages()).toEqual([]);
  });
});

describe("the platform", () => {
  it.each<[AlertKind, string, string, RegExp]>([
    [
      "quarantine-held",
      `insert into quarantine (match_key, address, status, reason, updated_at, provider)
       values ('a@b.example', 'a@b.example', 'held', 'user-unknown', now(), 'example')`,
      "delete from quarantine",
      /^1 unknown users of example wait/,
    ],
    [
      "lane-suspended",
      `insert into shaping_events (id, at, sender, kind, scope, provider, cause, rule, evidence, effect)
       values ('1', now() - interval '1 h', 's', 'restricted', '{"kind": "lane", "source": "a", "site": "mx.b.example"}', 'b', 'sweep', 'r', '421', '{"kind": "suspend"}')`,
      "update shaping_events set ended_at = now()",
      /^a mx.b.example is suspended since .*: 421$/,
    ],
    [
      "shaping-rule",
      `insert into shaping_events (id, at, sender, kind, scope, provider, cause, rule, evidence)
       values ('2', now(), 's', 'alert', '{"kind": "source", "source": "a"}', 'b', 'reaction', 'listed', 'see https://list.example')`,
      "delete from shaping_events",
      /^Shaping rule listed at b: see/,
    ],
    [
      "archive",
      `insert into archive_alerts (kind, at, detail) values ('debt-full', now(), '{"keys": [], "count": 9, "limit": 5}')`,
      "delete from archive_alerts",
      /^The debt limit is reached: 9 copies owed, 5 allowed/,
    ],
    [
      "mailbox-failing",
      `insert into mailboxes (name, protocol, host, port, user_name, auth, created_at, updated_at, failures, last_error)
       values ('Bounces', 'imap', 'h', 993, 'u', 'password', now(), now(), 3, 'login refused')`,
      "update mailboxes set failures = 0",
      /^The mailbox "Bounces" cannot be read, 3 times in a row: login refused$/,
    ],
    [
      "run-missed",
      `with made as (
         insert into series (label, definition, is_on, saved_by, created_at, updated_at) values ('News', '{}', true, '', now(), now())
         returning id)
       insert into series_runs (series_id, at, outcome, reason, recorded_at)
       select id, '2026-11-01T08:00:00Z', 'missed', 'nothing ran', now() from made`,
      "insert into series_runs (series_id, at, outcome, delivery_id, recorded_at) select id, now(), 'made', 1, now() from series",
      /^The series "News" has no delivery of 2026-11-01T08:00:00.000Z: nothing ran$/,
    ],
    [
      "service-mail",
      `insert into services (name, public_key, welcome_template, created_at, updated_at) values ('Letter', 'k', 99, now(), now())`,
      "update services set welcome_template = null",
      /^The welcome mail of the service "Letter" goes out by the built-in text: the template 99 is gone or not published$/,
    ],
    [
      "webhook-failing",
      `insert into webhooks (url, events, created_at, updated_at, failing_since, failures, last_error)
       values ('https://h.example/', '{*}', now(), now(), now() - interval '2 h', 7, 'answered 500')`,
      "update webhooks set failing_since = null",
      /^The webhook https:..h.example. takes nothing, 7 times in a row: answered 500$/,
    ],
    [
      "webhook-disabled",
      "update webhooks set enabled = false, disabled_reason = 'gone'",
      "delete from webhooks",
      /^The webhook https:..h.example. was switched off: gone$/,
    ],
    [
      "retention-failed",
      "insert into retention_runs (started_at, finished_at, actor, failed) values (now(), now(), '', 2)",
      "insert into retention_runs (started_at, finished_at, actor) values (now(), now(), '')",
      /^2 steps of the last nightly retention failed$/,
    ],
  ])("%s", (kind, cause, cure, text) =>
    comesAndGoes(
      kind,
      () => sql(cause),
      () => sql(cure),
      text,
    ),
  );

  test("many addresses in quarantine", async () => {
    await only("quarantine-growth", { count: 3 });
    await sql(
      `insert into quarantine (match_key, address, status, reason, updated_at)
       select n || '@b.example', n || '@b.example', 'quarantined', 'refused', now() from generate_series(1, 4) n`,
    );
    await look();
    expect(await messages()).toEqual(["4 addresses went into quarantine within a day"]);
    await sql("delete from quarantine");
  });

  test("disk, certificate and DNS, of which the database knows nothing", async () => {
    const around: Surroundings = {
      freeBytes: () => Promise.resolve(1.5 * 1024 ** 3),
      certificate: () => Promise.resolve({ name: "mx.ours.example", validUntil: NOW + 3 * DAY }),
      dnsErrors: () => Promise.resolve([{ domain: "ours.example", check: "dkim", detail: "the record is gone" }]),
    };
    await look(NOW, around);
    expect((await messages()).filter((text) => !text.startsWith("Delivery")).toSorted()).toEqual([
      "1.5 GB are left on the disk of the data directory",
      "DNS of ours.example, dkim: the record is gone",
      expect.stringMatching(/^The certificate of mx.ours.example is valid until 20/),
    ]);
  });

  test("what cannot be found out leaves what is open as it is, and holds up nothing else", async () => {
    const gone = () => Promise.reject(new Error("no disk"));
    await look(NOW, { freeBytes: () => Promise.resolve(0) });
    await look(NOW + 1, { freeBytes: gone });
    expect((await open()).map(({ kind }) => kind)).toContain("disk-low");
    await look(NOW + 2);
    expect((await open()).map(({ kind }) => kind)).not.toContain("disk-low");
  });
});

describe("who hears of it", () => {
  const full = { freeBytes: () => Promise.resolve(0) };
  const mails = () =>
    web.db.query<{ address: string; subject: string; body: string }>(
      "select address, subject, body from notices order by id",
    );
  const watched = { rules: Object.fromEntries(ALERT_KIND_NAMES.map((kind) => [kind, { on: kind === "disk-low" }])) };

  test("one mail when it is new, one when it is over, reminders between, at their pace", async () => {
    await setAlerts({ ...watched, addresses: ["ops@ours.example"] });
    for (const minutes of [0, 1, 2, 30]) await look(NOW + minutes * MINUTE, full);
    expect((await mails()).map(({ subject }) => subject)).toEqual([
      "Alert: 0 GB are left on the disk of the data directory",
    ]);
    expect((await mails())[0]?.body).toMatch(/New:\n- \[error\] 0 GB .*\n\nAll alerts: https:..envoi.example.alerts/);
    await look(NOW + 25 * HOUR, full);
    expect((await mails()).at(-1)?.subject).toMatch(/^Still open: 0 GB/);
    await look(NOW + 25 * HOUR + MINUTE);
    expect(await mails()).toHaveLength(2);
    await look(NOW + 26 * HOUR);
    expect((await mails()).at(-1)?.subject).toMatch(/^Over: 0 GB/);
    await look(NOW + 60 * HOUR);
    expect(await mails()).toHaveLength(3);
  });

  test("nobody who is not named; who is named later hears of what is open", async () => {
    await setAlerts(watched);
    await look(NOW, full);
    expect(await mails()).toEqual([]);
    await sql(
      "insert into operators (login, name, email, roles, created_at) values ('ann', 'Ann', 'ann@ours.example', '{}', now())",
    );
    await sql("insert into operator_groups (name, roles, created_at) values ('Ops', '{}', now())");
    await sql("insert into operator_group_members select g.id, o.id from operator_groups g, operators o");
    const [group] = await web.db.query<{ id: string }>("select id::text from operator_groups");
    await setAlerts({ ...watched, groups: [group?.id ?? ""], addresses: ["ops@ours.example"] });
    await look(NOW + MINUTE, full);
    expect((await mails()).map(({ address }) => address).toSorted()).toEqual(["ann@ours.example", "ops@ours.example"]);
    const test = await web.call("POST", "/api/v1/alerts/actions/test-mail");
    expect([test.status, test.body]).toEqual([202, { mails: 2 }]);
  });

  test("webhooks, when it is raised and when it is over", async () => {
    await setAlerts(watched);
    await sql("truncate webhooks, webhook_outbox");
    await sql(
      "insert into webhooks (url, events, created_at, updated_at) values ('https://h.example/', '{alert.raised,alert.resolved}', now(), now())",
    );
    await look(NOW, full);
    await look(NOW + 1, full);
    await look(NOW + 2);
    const rows = await web.db.query<{ refs: { type: string; data: object }[] }>(
      "select refs from webhook_outbox order by id",
    );
    expect(rows.flatMap(({ refs }) => refs)).toEqual([
      { type: "alert.raised", data: expect.objectContaining({ kind: "disk-low", level: "error", resolvedAt: null }) },
      { type: "alert.resolved", data: expect.objectContaining({ kind: "disk-low", resolvedAt: expect.any(String) }) },
    ]);
    await sql("truncate webhooks, webhook_outbox");
  });

  test("somebody takes care of it: no more reminders, and it stays open", async () => {
    await setAlerts({ ...watched, addresses: ["ops@ours.example"] });
    await look(NOW, full);
    const [alert] = await open();
    const path = `/api/v1/alerts/${alert?.id}/actions/acknowledge`;
    expect(alertSchema.parse((await web.call("POST", path)).body)).toMatchObject({
      acknowledgedBy: expect.stringMatching(/./),
      resolvedAt: null,
    });
    await look(NOW + 25 * HOUR, full);
    expect(await mails()).toHaveLength(1);
    await look(NOW + 26 * HOUR);
    expect((await web.call("POST", path)).status).toBe(404);
    expect((await web.get("/api/v1/alerts?kind=disk-low", pageOf(alertSchema))).data).toHaveLength(1);
  });
});

test("thresholds are only of kinds that have them", () => {
  const parse = (rules: object) => alertSettingsSchema.safeParse({ rules }).success;
  expect(parse({ "hard-bounces": { percent: 2 } })).toBe(true);
  expect(parse({ "delivery-held": { percent: 2 } })).toBe(false);
  expect(parse({ "no-such-kind": { on: true } })).toBe(false);
});
