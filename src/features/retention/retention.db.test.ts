/** The nightly job: what goes and what stays of each kind of data, what is reported, and what a failing step does to the others: nothing. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { createTestWebApp, type TestWebApp } from "../../../test/web-app.ts";
import { platformSettingsSchema } from "../../contract/index.ts";
import { retentionRunSchema, retentionSchema } from "../../contract/responses-retention.ts";
import { RETENTION_STEPS, type RetentionStepName } from "../../contract/retention.ts";
import { DAY, HOUR, type Instant } from "../../core/time.ts";
import { timestamp } from "../../platform/db.ts";
import { createLog } from "../../platform/log.ts";
import { runRetention } from "./index.ts";

const NOW = Date.UTC(2031, 5, 1, 4);
const log = createLog("silent", "test");
let web: TestWebApp;
let asked: number[] = [];

beforeAll(async () => {
  web = await createTestWebApp({
    enqueueRetention: async (id) => {
      asked.push(id);
    },
  });
});
afterAll(() => web.close());
beforeEach(async () => {
  asked = [];
  await web.db.query(
    `truncate retention_runs, deliveries, exclusions, delivery_events, tracking_persons, imports, import_errors, quarantine,
              quarantine_history, audit_log, archive_events, webhooks, webhook_messages, alerts, notices, platform_settings,
              inbound_mails, operator_invitations, webhook_outbox cascade`,
  );
});

const run = async (id: number | null = null, now: Instant = NOW) => {
  const row = await runRetention({ db: web.db, now: () => now, log }, id);
  if (row === null) throw new Error("another run is under way");
  return { ...row, of: (step: RetentionStepName) => row.steps.find((each) => each.step === step) };
};
const texts = async (sql: string) =>
  (await web.db.query<{ v: string }>(`select (${sql})::text as v`)).map(({ v }) => v);
const list = async (table: string, column: string) =>
  (await web.db.query<{ v: string }>(`select ${column}::text as v from ${table} order by 1`)).map(({ v }) => v);

/** A delivery that ended so many days ago; null: it has not ended. */
async function delivery(label: string, days: number | null): Promise<number> {
  const [row] = await web.db.query<{ id: number }>(
    `insert into deliveries (label, state, content, sender, audience, created_at, updated_at, finished_at)
     values ($1, $2, '{}', '{}', '{}', $3, $3, $4) returning id`,
    [
      label,
      days === null ? "paused" : "finished",
      timestamp(NOW - 400 * DAY),
      days === null ? null : timestamp(NOW - days * DAY),
    ],
  );
  return row?.id ?? 0;
}

describe("each kind of data goes after its period, and not before", () => {
  test("what belongs to deliveries counts from their end; one that has not ended keeps all", async () => {
    const ages = { "29d": 29, "31d": 31, "179d": 179, "181d": 181, "366d": 366, open: null };
    for (const [label, days] of Object.entries(ages)) {
      const id = await delivery(label, days);
      await web.db.query("insert into tracking_persons (delivery_id, person, human) values ($1, $2, true)", [
        id,
        label,
      ]);
      await web.db.query("insert into exclusions (delivery_id, address, reason) values ($1, $2, 'duplicate')", [
        id,
        label,
      ]);
      await web.db.query(
        "insert into delivery_events (delivery_id, at, kind, actor) values ($1, $2, 'delivery.created', $3)",
        [id, timestamp(NOW - 400 * DAY), label],
      );
    }
    const done = await run();
    expect(done.failed).toBe(0);
    expect(await list("tracking_persons", "person")).toEqual(["29d", "open"]);
    expect(await list("exclusions", "address")).toEqual(["179d", "29d", "31d", "open"]);
    expect(await list("delivery_events", "actor")).toEqual(["179d", "181d", "29d", "31d", "open"]);
    expect([done.of("visitors")?.rows, done.of("exclusions")?.rows, done.of("delivery-events")?.rows]).toEqual([
      4, 2, 1,
    ]);
    expect(await list("deliveries", "label"), "the deliveries themselves stay").toHaveLength(6);
  });

  test("imports' rejects, audit, webhooks, alerts, mails to operators", async () => {
    const at = (days: number) => `'${new Date(NOW - days * DAY).toISOString()}'::timestamptz`;
    await web.db.query(`with i as (
        insert into imports (status, file_name, created_at, finished_at)
        values ('completed', 'old.csv', ${at(181)}, ${at(181)}), ('completed', 'new.csv', ${at(179)}, ${at(179)}) returning id, file_name)
      insert into import_errors (import_id, line, "column", value, reason) select id, 2, 'email', file_name, 'invalid-address' from i`);
    await web.db.query(`insert into audit_log (at, actor, address, action, resource)
      values (${at(181)}, 'old', '', 'PUT', 'settings'), (${at(179)}, 'new', '', 'PUT', 'settings')`);
    await web.db.query(`with w as (insert into webhooks (url, events, created_at, updated_at) values ('https://h.example', '{*}', now(), now()) returning id)
      insert into webhook_messages (webhook_id, at, events, types, body, state, finished_at, next_attempt_at, key)
      select id, ${at(40)}, 1, '{}'::text[], '', 'delivered', ${at(31)}, null::timestamptz, 'old' from w union all
      select id, ${at(29)}, 1, '{}', '', 'failed', ${at(29)}, null, 'new' from w union all
      select id, ${at(400)}, 1, '{}', '', 'pending', null, now(), 'pending' from w`);
    await web.db.query(`insert into alerts (kind, subject, raised_at, seen_at, resolved_at)
      values ('a', 'old', ${at(200)}, ${at(200)}, ${at(181)}), ('a', 'open', ${at(900)}, ${at(0)}, null)`);
    await web.db.query(`insert into notices (at, address, subject, body, due_at)
      values (${at(181)}, 'old', '', '', null), (${at(181)}, 'due', '', '', now())`);
    const done = await run();
    expect(done.failed).toBe(0);
    expect(await list("import_errors", "value")).toEqual(["new.csv"]);
    expect(await list("audit_log", "actor")).toEqual(["new"]);
    expect(await list("webhook_messages", "key")).toEqual(["new", "pending"]);
    expect(await list("alerts", "subject")).toEqual(["open"]);
    expect(await list("notices", "address")).toEqual(["due"]);
    expect(done.of("alerts")?.rows).toBe(2);
  });

  test("of an address that is still in quarantine the last entry stays", async () => {
    const old = timestamp(NOW - 500 * DAY);
    await web.db.query(
      "insert into quarantine (match_key, address, status, reason, updated_at) values ('a', 'a', 'quarantined', 'user-unknown', $1)",
      [old],
    );
    await web.db.query(
      `insert into quarantine_history (match_key, at, status, reason, note)
       values ('a', $1::timestamptz - interval '1 day', 'with-errors', 'refused', 'a first'), ('a', $1, 'quarantined', 'user-unknown', 'a last'),
              ('b', $1, 'valid', 'user-unknown', 'b'), ('b', $2, 'valid', 'user-unknown', 'b new')`,
      [old, timestamp(NOW - DAY)],
    );
    expect((await run()).of("quarantine-history")?.rows).toBe(2);
    expect(await list("quarantine_history", "note")).toEqual(["a last", "b new"]);
  });

  test("sessions, invitations, tokens and idempotency keys that are over", async () => {
    const at = (hours: number) => timestamp(NOW + hours * HOUR);
    const [operator] = await web.db.query<{ id: number }>(
      "insert into operators (login, name, roles, created_at) values ('ann@example.com', 'Ann', '{}', now()) returning id",
    );
    const session = `insert into operator_sessions (id_hash, operator_id, created_at, seen_at, expires_at, address, user_agent) values ($1, $2, $3, $3, $4, '', '')`;
    await web.db.query(session, ["over", operator?.id, at(-1), at(-1)]);
    await web.db.query(session, ["idle", operator?.id, at(-13), at(24)]);
    await web.db.query(session, ["live", operator?.id, at(-1), at(24)]);
    const invitation = "insert into operator_invitations (token_hash, operator_id, expires_at) values ($1, $2, $3)";
    await web.db.query(invitation, ["over", operator?.id, at(-1)]);
    await web.db.query(invitation, ["live", operator?.id, at(1)]);
    const token = "insert into api_tokens (token_hash, label, created_at, expires_at) values ($1, $1, $2, $3)";
    await web.db.query(token, ["long over", at(-1000), at(-31 * 24)]);
    await web.db.query(token, ["just over", at(-1000), at(-29 * 24)]);
    const key = "insert into idempotency_keys (token_hash, key, request_hash, created_at) values ('t', $1, '', $2)";
    await web.db.query(key, ["old", at(-25)]);
    await web.db.query(key, ["new", at(-23)]);
    expect((await run()).of("sign-in")).toMatchObject({ status: "done", rows: 5 });
    expect(await list("operator_sessions", "id_hash")).toEqual(["live"]);
    expect(await list("operator_invitations", "token_hash")).toEqual(["live"]);
    expect(
      await texts("select string_agg(label, ' ' order by label) from api_tokens where expires_at is not null"),
    ).toEqual(["just over"]);
    expect(await list("idempotency_keys where token_hash = 't'", "key")).toEqual(["new"]);
  });

  test("periods are settings", async () => {
    await web.db.query(
      "insert into audit_log (at, actor, address, action, resource) values ($1, 'x', '', 'PUT', 'settings')",
      [timestamp(NOW - 8 * DAY)],
    );
    await run();
    expect(await list("audit_log", "actor")).toEqual(["x"]);
    const settings = platformSettingsSchema.parse({ retention: { auditLog: "7d" } });
    await web.db.query("insert into platform_settings (settings, updated_at) values ($1, now())", [
      JSON.stringify(settings),
    ]);
    expect((await run()).of("audit-log")?.rows).toBe(1);
    expect((await web.get("/api/v1/retention", retentionSchema)).periods).toMatchObject({
      auditLog: "7d",
      exclusions: "180d",
    });
  });

  test("more rows than a batch go too", async () => {
    const id = await delivery("large", 300);
    await web.db.query(
      "insert into exclusions (delivery_id, address, reason) select $1, n::text, 'duplicate' from generate_series(1, 45000) n",
      [id],
    );
    expect((await run()).of("exclusions")?.rows).toBe(45_000);
    expect(await list("exclusions", "address")).toEqual([]);
  });
});

describe("blocks of the log", () => {
  /** A block of its own that is full, with one part. */
  async function block(from: number, days: number): Promise<number> {
    const id = await delivery(`block ${from}`, days);
    for (const table of ["messages", "message_attempts", "tracking_events", "message_reactions", "archive_copies"]) {
      await web.db.query(
        `create table ${table}_${from} partition of ${table} for values from (${from}) to (${from + 4096})`,
      );
    }
    await web.db.query(
      "insert into message_partitions (from_part, to_part, created_at) values ($1::bigint, $1::bigint + 4096, $2)",
      [from, timestamp(NOW - 500 * DAY)],
    );
    await web.db.query("select setval('delivery_part_ids', greatest($1, (select last_value from delivery_part_ids)))", [
      from + 4096,
    ]);
    await web.db.query(
      "insert into delivery_parts (id, delivery_id, to_deliver, pending, sent) values ($1, $2, 1, 0, 1)",
      [from, id],
    );
    return id;
  }

  test("go with the log first and the reactions later; rules about pressure keep them", async () => {
    await block(8192, 200);
    await block(16_384, 400);
    await web.db.query(
      `insert into typology_rules (typology_id, kind, name, definition)
       select id, 'pressure', 'three a year', '{"days": 300, "grouping": "quarter", "threshold": 3}' from typologies limit 1`,
    );
    const pressed = await run();
    expect(pressed.of("delivery-logs")).toMatchObject({ partitions: 1, rows: 1 });
    expect(await list("message_partitions where log_dropped_at is not null", "from_part")).toEqual([]);
    await web.db.query("delete from typology_rules");
    const done = await run();
    expect(done.of("delivery-logs")).toMatchObject({ status: "done", partitions: 1, rows: 1, kept: [] });
    expect(await list("message_partitions", "from_part"), "the younger one still has its reactions").toEqual(["8192"]);
    expect(await texts("to_regclass('messages_8192')")).toEqual([null]);
    expect(await texts("to_regclass('tracking_events_8192')")).toEqual(["tracking_events_8192"]);
  });

  test("that something needs are named with the reason", async () => {
    const id = await block(24_576, 300);
    await web.db.query("update deliveries set state = 'paused', finished_at = null where id = $1", [id]);
    expect((await run()).of("delivery-logs")).toMatchObject({
      partitions: 0,
      kept: [{ block: 24_576, reason: `delivery ${id} is paused` }],
    });
  });
});

describe("a run", () => {
  test("30: of the nightly retention goes on after a step that fails, says which and why, and raises a fact", async () => {
    await web.db.query(
      "insert into webhooks (url, events, created_at, updated_at) values ('https://h.example', '{retention.failed}', now(), now())",
    );
    await web.db.query(
      "insert into audit_log (at, actor, address, action, resource) values ($1, 'x', '', 'PUT', 'settings')",
      [timestamp(0)],
    );
    await web.db.query("alter table exclusions rename to away");
    const done = await run();
    await web.db.query("alter table away rename to exclusions");
    expect(done.failed).toBe(1);
    expect(done.steps.map(({ step }) => step)).toEqual(RETENTION_STEPS);
    expect(done.of("exclusions")).toMatchObject({ status: "failed", error: expect.stringContaining("exclusions") });
    expect(done.of("audit-log")).toMatchObject({ status: "done", rows: 1 });
    const [outbox] = await web.db.query<{ refs: unknown }>("select refs from webhook_outbox");
    expect(outbox?.refs).toMatchObject([
      { type: "retention.failed", data: { run: String(done.id), steps: [{ step: "exclusions" }] } },
    ]);
    const { runs } = await web.get("/api/v1/retention", retentionSchema);
    expect(runs[0]).toMatchObject({ id: String(done.id), actor: "worker", failed: 1, dryRun: false });
  });

  test("that is dry says what would go, and nothing goes", async () => {
    const id = await delivery("old", 300);
    await web.db.query("insert into exclusions (delivery_id, address, reason) values ($1, 'a', 'duplicate')", [id]);
    await web.db.query(
      "insert into operator_invitations (token_hash, operator_id, expires_at) select 'over', id, $1 from operators limit 1",
      [timestamp(0)],
    );
    web.clock.ahead = NOW - Date.now();
    const answer = await web.call("POST", "/api/v1/retention/actions/run", { dryRun: true });
    web.clock.ahead = 0;
    expect(answer.status).toBe(202);
    const waiting = retentionRunSchema.parse(answer.body);
    expect(waiting).toMatchObject({ dryRun: true, finishedAt: null, steps: [] });
    expect(asked).toEqual([Number(waiting.id)]);
    const dry = await run(Number(waiting.id));
    expect([dry.failed, dry.of("exclusions")?.rows, dry.of("sign-in")?.rows]).toEqual([0, 1, 1]);
    expect(await list("exclusions", "address")).toEqual(["a"]);
    expect(await list("operator_invitations", "token_hash")).toEqual(["over"]);
    const real = await run();
    expect(real.steps.map(({ step, rows }) => [step, rows])).toEqual(dry.steps.map(({ step, rows }) => [step, rows]));
    expect(await web.get(`/api/v1/retention/runs/${waiting.id}`, retentionRunSchema)).toMatchObject({
      id: waiting.id,
      failed: 0,
    });
    expect((await web.call("GET", "/api/v1/retention/runs/999999")).status).toBe(404);
  });

  test("is alone, happens once, and says of the one before that it was cut short", async () => {
    const [cut] = await web.db.query<{ id: number }>(
      `insert into retention_runs (started_at, actor, steps) values ($1, 'worker',
         '[{"step": "visitors", "status": "done"}, {"step": "exclusions", "status": "running"}, {"step": "alerts", "status": "waiting"}]') returning id`,
      [timestamp(NOW)],
    );
    const lock = await web.db.tryLock("retention", () => {});
    expect(await runRetention({ db: web.db, now: () => NOW, log }, null)).toBeNull();
    await lock?.close();
    const { id } = await run();
    expect((await run(id)).id, "told twice").toBe(id);
    const [row] = await web.db.query(
      "select failed, finished_at is not null as over, steps->1->>'error' as error from retention_runs where id = $1",
      [cut?.id],
    );
    expect(row).toEqual({ failed: 2, over: true, error: "the worker ended meanwhile" });
    expect(await list("retention_runs", "id")).toHaveLength(2);
  });

  test("that is stopped leaves the rest to the next", async () => {
    const stop = new AbortController();
    stop.abort();
    const stopped = await runRetention({ db: web.db, now: () => NOW, log, signal: stop.signal }, null);
    expect(stopped).toMatchObject({ finished_at: null, failed: 0 });
  });
});
