/** Alerts on a real database: those of the platform from what raises them to what ends them, and who hears of any. */
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from "vitest";

import { AlertRig, NOW } from "../../../test/alert-rig.ts";
import { alertSettingsSchema } from "../../contract/alerts.ts";
import { alertSchema } from "../../contract/responses-alerts.ts";
import { pageOf } from "../../contract/responses.ts";
import { ALERT_KIND_NAMES, type AlertKind } from "../../core/alert/alert-kinds.ts";
import { DAY, HOUR, MINUTE } from "../../core/time.ts";
import type { Surroundings } from "./seen.ts";

let rig: AlertRig;
beforeAll(async () => {
  rig = await AlertRig.open();
  await rig.sql("insert into senders (sender, index, of, seen_at) values ('s', 0, 1, now())");
});
afterAll(() => rig.close());
beforeEach(() => rig.clear());

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
    rig.comesAndGoes(
      kind,
      () => rig.sql(cause),
      () => rig.sql(cure),
      text,
    ),
  );

  test("many addresses in quarantine", async () => {
    await rig.only("quarantine-growth", { count: 3 });
    await rig.sql(
      `insert into quarantine (match_key, address, status, reason, updated_at)
       select n || '@b.example', n || '@b.example', 'quarantined', 'refused', now() from generate_series(1, 4) n`,
    );
    await rig.look();
    expect(await rig.messages()).toEqual(["4 addresses went into quarantine within a day"]);
    await rig.sql("delete from quarantine");
  });

  test("disk, certificate and DNS, of which the database knows nothing", async () => {
    const around: Surroundings = {
      freeBytes: () => Promise.resolve(1.5 * 1024 ** 3),
      certificate: () => Promise.resolve({ name: "mx.ours.example", validUntil: NOW + 3 * DAY }),
      dnsErrors: () => Promise.resolve([{ domain: "ours.example", check: "dkim", detail: "the record is gone" }]),
    };
    await rig.look(NOW, around);
    expect((await rig.messages()).filter((text) => !text.startsWith("Delivery")).toSorted()).toEqual([
      "1.5 GB are left on the disk of the data directory",
      "DNS of ours.example, dkim: the record is gone",
      expect.stringMatching(/^The certificate of mx.ours.example is valid until 20/),
    ]);
  });

  test("what cannot be found out leaves what is open as it is, and holds up nothing else", async () => {
    const gone = () => Promise.reject(new Error("no disk"));
    await rig.look(NOW, { freeBytes: () => Promise.resolve(0) });
    await rig.look(NOW + 1, { freeBytes: gone });
    expect((await rig.alerts()).map(({ kind }) => kind)).toContain("disk-low");
    await rig.look(NOW + 2);
    expect((await rig.alerts()).map(({ kind }) => kind)).not.toContain("disk-low");
  });
});

describe("who hears of it", () => {
  const full = { freeBytes: () => Promise.resolve(0) };
  const mails = () =>
    rig.web.db.query<{ address: string; subject: string; body: string }>(
      "select address, subject, body from notices order by id",
    );
  const watched = { rules: Object.fromEntries(ALERT_KIND_NAMES.map((kind) => [kind, { on: kind === "disk-low" }])) };

  test("one mail when it is new, one when it is over, reminders between, at their pace", async () => {
    await rig.set({ ...watched, addresses: ["ops@ours.example"] });
    for (const minutes of [0, 1, 2, 30]) await rig.look(NOW + minutes * MINUTE, full);
    expect((await mails()).map(({ subject }) => subject)).toEqual([
      "Alert: 0 GB are left on the disk of the data directory",
    ]);
    expect((await mails())[0]?.body).toMatch(/New:\n- \[error\] 0 GB .*\n\nAll alerts: https:..envoi.example.alerts/);
    await rig.look(NOW + 25 * HOUR, full);
    expect((await mails()).at(-1)?.subject).toMatch(/^Still open: 0 GB/);
    await rig.look(NOW + 25 * HOUR + MINUTE);
    expect(await mails()).toHaveLength(2);
    await rig.look(NOW + 26 * HOUR);
    expect((await mails()).at(-1)?.subject).toMatch(/^Over: 0 GB/);
    await rig.look(NOW + 60 * HOUR);
    expect(await mails()).toHaveLength(3);
  });

  test("nobody who is not named; who is named later hears of what is open", async () => {
    await rig.set(watched);
    await rig.look(NOW, full);
    expect(await mails()).toEqual([]);
    await rig.sql(
      "insert into operators (login, name, email, roles, created_at) values ('ann', 'Ann', 'ann@ours.example', '{}', now())",
    );
    await rig.sql("insert into operator_groups (name, roles, created_at) values ('Ops', '{}', now())");
    await rig.sql("insert into operator_group_members select g.id, o.id from operator_groups g, operators o");
    const [group] = await rig.web.db.query<{ id: string }>("select id::text from operator_groups");
    await rig.set({ ...watched, groups: [group?.id ?? ""], addresses: ["ops@ours.example"] });
    await rig.look(NOW + MINUTE, full);
    expect((await mails()).map(({ address }) => address).toSorted()).toEqual(["ann@ours.example", "ops@ours.example"]);
    const test = await rig.web.call("POST", "/api/v1/alerts/actions/test-mail");
    expect([test.status, test.body]).toEqual([202, { mails: 2 }]);
  });

  test("webhooks, when it is raised and when it is over", async () => {
    await rig.set(watched);
    await rig.sql("truncate webhooks, webhook_outbox");
    await rig.sql(
      "insert into webhooks (url, events, created_at, updated_at) values ('https://h.example/', '{alert.raised,alert.resolved}', now(), now())",
    );
    await rig.look(NOW, full);
    await rig.look(NOW + 1, full);
    await rig.look(NOW + 2);
    const rows = await rig.web.db.query<{ refs: { type: string; data: object }[] }>(
      "select refs from webhook_outbox order by id",
    );
    expect(rows.flatMap(({ refs }) => refs)).toEqual([
      { type: "alert.raised", data: expect.objectContaining({ kind: "disk-low", level: "error", resolvedAt: null }) },
      { type: "alert.resolved", data: expect.objectContaining({ kind: "disk-low", resolvedAt: expect.any(String) }) },
    ]);
    await rig.sql("truncate webhooks, webhook_outbox");
  });

  test("somebody takes care of it: no more reminders, and it stays open", async () => {
    await rig.set({ ...watched, addresses: ["ops@ours.example"] });
    await rig.look(NOW, full);
    const [alert] = await rig.alerts();
    const path = `/api/v1/alerts/${alert?.id}/actions/acknowledge`;
    expect(alertSchema.parse((await rig.web.call("POST", path)).body)).toMatchObject({
      acknowledgedBy: expect.stringMatching(/./),
      resolvedAt: null,
    });
    await rig.look(NOW + 25 * HOUR, full);
    expect(await mails()).toHaveLength(1);
    await rig.look(NOW + 26 * HOUR);
    expect((await rig.web.call("POST", path)).status).toBe(404);
    expect((await rig.web.get("/api/v1/alerts?kind=disk-low", pageOf(alertSchema))).data).toHaveLength(1);
  });
});

test("thresholds are only of kinds that have them", () => {
  const parse = (rules: object) => alertSettingsSchema.safeParse({ rules }).success;
  expect(parse({ "hard-bounces": { percent: 2 } })).toBe(true);
  expect(parse({ "delivery-held": { percent: 2 } })).toBe(false);
  expect(parse({ "no-such-kind": { on: true } })).toBe(false);
});
