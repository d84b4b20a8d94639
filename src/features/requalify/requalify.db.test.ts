/** Past messages judged again, on a real log with its quarantine: what follows, what stays, and that it can be taken back exactly. */
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { createTestWebApp, type TestWebApp } from "../../../test/web-app.ts";
import type { Requalification } from "../../contract/reply-texts.ts";
import { requalificationSchema } from "../../contract/responses-reply-texts.ts";
import { pageOf } from "../../contract/responses.ts";
import type { FailureReason, FailureType } from "../../core/bounce/verdict.ts";
import { DAY, HOUR } from "../../core/time.ts";
import { loadRuleSet } from "../bounces/index.ts";
import { loadNewQuarantines, recordAddressErrors } from "../quarantine/index.ts";
import { noteReplies } from "../reply-texts/index.ts";
import { forgetRequalifications, workRequalifications } from "./index.ts";

const BOUNCE_RULES = fileURLToPath(new URL("../../../rules/bounces", import.meta.url));
const NOW = Date.now();
const ENDED = NOW - DAY;
const MOON = "550 5.9.9 the moon is in the wrong house, ticket 4Xy92kQ1";
const GONE = "550 5.1.1 no such user here";

type Failure = { type: FailureType; reason: FailureReason; reply: string; rule?: string };
const HARD_MOON: Failure = { type: "hard", reason: "user-unknown", reply: MOON, rule: "moon" };
const OPEN_MOON: Failure = { type: "not-defined", reason: "not-defined", reply: MOON, rule: "default-unknown" };

let web: TestWebApp;
let work: (signal?: AbortSignal) => Promise<void>;
beforeAll(async () => {
  web = await createTestWebApp();
  const shipped = await loadRuleSet(BOUNCE_RULES);
  const deps = { db: web.db, now: () => Date.now() + web.clock.ahead, shipped, reactions: ["moon-reaction"] };
  work = (signal) => workRequalifications(deps, signal);
  for (const table of ["messages", "message_attempts"]) {
    await web.db.query(`create table ${table}_of_tests partition of ${table} for values from (0) to (1000000)`);
  }
});
beforeEach(async () => {
  web.clock.ahead = 0;
  await web.db.query(
    `truncate requalifications, bounce_rules, reply_texts, deliveries, delivery_parts, messages, message_attempts, quarantine,
              quarantine_history, address_allowlist, provider_answers, recipients restart identity cascade`,
  );
});
afterAll(() => web.close());

/** A delivery to `p0@one.example` and on, in parts of so many. */
async function started(count: number, partSize = 1): Promise<number> {
  await web.db.query(
    `insert into recipients (address, match_key, domain, created_at, updated_at)
     select a, a, 'one.example', now(), now() from (select 'p' || n || '@one.example' as a from generate_series(0, $1::int - 1) n) p
     on conflict do nothing`,
    [count],
  );
  const [row] = await web.db.query<{ id: number }>(
    `insert into deliveries (label, state, content, sender, audience, created_at, updated_at, started_at)
     values ('Test', 'in-progress', '{}', '{}', '{}', now(), now(), now()) returning id`,
  );
  const id = row?.id ?? 0;
  await web.db.query(
    `insert into delivery_parts (id, delivery_id, to_deliver, pending)
     select $1::int * 100 + n, $1, $3, $3 from generate_series(0, $2::int / $3::int - 1) n`,
    [id, count, partSize],
  );
  await web.db.query(
    `insert into messages (part_id, seq, recipient_id, address, vars)
     select $1::int * 100 + n / $3::int, n % $3, r.id, r.address, '{}'
       from generate_series(0, $2::int - 1) n join recipients r on r.match_key = 'p' || n || '@one.example'`,
    [id, count, partSize],
  );
  return id;
}

/** A delivery whose people all failed; its parts, one a person. */
async function failed(count: number, failure: Failure, ended = ENDED): Promise<{ delivery: number; parts: number[] }> {
  const delivery = await started(count);
  await end(delivery, failure, ended);
  return { delivery, parts: await partsOf(delivery) };
}

async function partsOf(delivery: number): Promise<number[]> {
  const rows = await web.db.query<{ id: number }>("select id from delivery_parts where delivery_id = $1 order by id", [
    delivery,
  ]);
  return rows.map(({ id }) => id);
}

async function end(delivery: number, { type, reason, reply, rule = "any" }: Failure, ended = ENDED): Promise<void> {
  const at = new Date(ended);
  await web.db.query("update deliveries set started_at = $2 where id = $1", [delivery, at]);
  const messages = await web.db.query<{ part_id: number; address: string }>(
    `update messages m set status = 'failed', type = $2, reason = $3, attempts = 1, final_at = $4
       from delivery_parts p where p.id = m.part_id and p.delivery_id = $1 returning m.part_id, m.address`,
    [delivery, type, reason, at],
  );
  await web.db.query(
    `insert into message_attempts (part_id, seq, attempt, at, kind, stage, code, enhanced, reply, mx, type, reason, rule)
     select m.part_id, m.seq, 1, $2, 'refused', 'rcpt', 550, substring($3 from 5 for 5), $3, 'mx.one.example', $4, $5, $6
       from messages m join delivery_parts p on p.id = m.part_id where p.delivery_id = $1`,
    [delivery, at, reply, type, reason, rule],
  );
  await web.db.query("update delivery_parts set failed = pending, pending = 0, due_at = null where delivery_id = $1", [
    delivery,
  ]);
  const told = { at: ended, verdict: { type, reason, scope: "address" } as const, reply, provider: null };
  const errors = messages.map(({ part_id: partId, address }) => {
    return { ...told, address, matchKey: address, deliveryId: delivery, partId, seq: 0 };
  });
  await web.db.transaction((tx) => recordAddressErrors(tx, errors, ended));
}

const note = ({ type, reason, reply: text, rule = "any" }: Failure) =>
  web.db.transaction((tx) => {
    const from = { stage: "rcpt", code: 550, enhanced: "5.9.9", mx: null, provider: null } as const;
    return noteReplies(tx, [{ ...from, text, type, reason, rule, at: ENDED }]);
  });

async function ask(path: string, body: object = {}): Promise<Requalification> {
  const answer = await web.call("POST", `/api/v1${path}`, body);
  expect(answer.status, answer.text).toBe(202);
  return requalificationSchema.parse(answer.body);
}
const shown = (id: string) => web.get(`/api/v1/requalifications/${id}`, requalificationSchema);
async function done(path: string, body: object = {}): Promise<Requalification> {
  const { id } = await ask(path, body);
  await work();
  return shown(id);
}
const undo = ({ id }: Requalification) => done(`/requalifications/${id}/actions/undo`);
const saidOf = (type: FailureType, reason: FailureReason) =>
  web.call("PATCH", "/api/v1/reply-texts/1", { type, reason });
const ALL = "/reply-texts/actions/requalify";
const TEXT = "/reply-texts/1/actions/requalify";

const verdicts = () =>
  web.db.query<{ type: string; reason: string; rule: string; message: string }>(
    `select a.type, a.reason, a.rule, m.type || ' ' || m.reason as message
       from message_attempts a join messages m on m.part_id = a.part_id and m.seq = a.seq order by a.part_id, a.attempt`,
  );
const quarantined = async () =>
  (
    await web.db.query<{ match_key: string }>(
      "select match_key from quarantine where status = 'quarantined' order by match_key",
    )
  ).map(({ match_key: key }) => key);
/** Everything that a requalification may change, to the last column. */
const everything = () =>
  Promise.all(
    ["message_attempts", "messages", "delivery_parts", "quarantine", "reply_texts"].map((table) =>
      web.db.query(`select to_jsonb(t)::text as row from ${table} t order by 1`),
    ),
  );

describe("a text that a person qualified", () => {
  beforeEach(() => note(HARD_MOON));

  test("is counted first, then followed by log, quarantine and figures, and taken back exactly", async () => {
    const { delivery } = await failed(3, HARD_MOON);
    await web.db.query(
      `insert into message_attempts (part_id, seq, attempt, at, kind, reply, type, reason)
       select part_id, seq, 2, at, 'expired', 'over', type, reason from message_attempts`,
    );
    await saidOf("soft", "mailbox-full");
    const before = await everything();
    const tried = await done(TEXT, { dryRun: true });
    const counts = { messages: 3, attempts: 6, deliveries: 1, quarantined: 0, released: 3, kept: 0 };
    expect(tried).toMatchObject({ state: "completed", dryRun: true, type: "soft", counts, undoUntil: null });
    expect(tried.progress).toEqual({ parts: 3, done: 3 });
    expect(await everything()).toEqual(before);
    expect(await loadNewQuarantines(web.db, delivery)).toBe(3);

    const run = await done(TEXT);
    expect(run).toMatchObject({ state: "completed", textId: "1", counts, error: null });
    const soft = { type: "soft", reason: "mailbox-full", message: "soft mailbox-full" };
    expect((await verdicts()).slice(0, 2)).toEqual([
      { ...soft, rule: "reply-text-1" },
      { ...soft, rule: null },
    ]);
    expect(await quarantined()).toEqual([]);
    expect(await loadNewQuarantines(web.db, delivery)).toBe(0);
    const [told] = await web.db.query(
      "select * from quarantine_history where cause = 'requalified' order by match_key",
    );
    expect(told).toMatchObject({ match_key: "p0@one.example", status: "valid", note: `requalification ${run.id}` });

    expect(await undo(run)).toMatchObject({ state: "undone", counts, undoUntil: null });
    expect(await everything()).toEqual(before);
    expect(await loadNewQuarantines(web.db, delivery)).toBe(3);
    expect((await web.call("POST", `/api/v1/requalifications/${run.id}/actions/undo`)).status).toBe(409);
    expect(await web.db.query("select 1 from requalified_attempts")).toEqual([]);
  });

  test("touches no other text, and nothing that ended before", async () => {
    await failed(1, { ...HARD_MOON, reply: GONE });
    await failed(2, HARD_MOON, NOW - 40 * DAY);
    const before = await everything();
    await saidOf("ignored", "refused");
    const other = await done(TEXT);
    expect(other.counts).toMatchObject({ messages: 0, released: 0 });
    expect((await everything()).slice(0, 4)).toEqual(before.slice(0, 4));
    const long = new Date(NOW - 50 * DAY).toISOString();
    expect((await done(TEXT, { since: long })).counts).toMatchObject({ messages: 2, released: 1 });
  });

  test("leaves what somebody changed since, and says how much", async () => {
    const { parts } = await failed(3, HARD_MOON);
    await saidOf("soft", "refused");
    const run = await done(TEXT);
    await web.call("POST", "/api/v1/quarantine", { address: "p1@one.example", note: "by hand" });
    await web.db.query("update message_attempts set type = 'ignored' where part_id = $1", [parts[2]]);
    await web.db.query("update messages set type = 'ignored' where part_id = $1", [parts[2]]);
    expect((await undo(run)).counts).toMatchObject({ kept: 2 });
    expect((await verdicts()).map(({ type }) => type)).toEqual(["hard", "hard", "ignored"]);
    expect(await quarantined()).toEqual(["p0@one.example", "p1@one.example", "p2@one.example"]);
    const [byHand] = await web.db.query("select reason, part_id from quarantine where match_key = 'p1@one.example'");
    expect(byHand).toEqual({ reason: "not-defined", part_id: null });
  });

  test("releases nobody who is held by something else, until that is judged otherwise too", async () => {
    const [first, second] = [await started(1), await started(1)];
    await end(first, HARD_MOON);
    await end(second, { type: "hard", reason: "user-unknown", reply: "550 5.9.9 gone with the wind" }, ENDED + HOUR);
    await saidOf("soft", "refused");
    expect((await done(TEXT)).counts).toMatchObject({ messages: 1, released: 0 });
    expect(await quarantined()).toEqual(["p0@one.example"]);
    expect((await done(ALL)).counts).toMatchObject({ messages: 1, released: 1 });
    expect(await quarantined()).toEqual([]);
  });

  test("releases nobody whom a person put in", async () => {
    await web.call("POST", "/api/v1/quarantine", { address: "p0@one.example", note: "by hand" });
    await web.db.query("update quarantine_history set at = at - interval '9 days'");
    await web.db.query("update quarantine set status = 'with-errors'");
    const { parts } = await failed(1, OPEN_MOON);
    await web.db.query("update quarantine set status = 'quarantined', part_id = $1, seq = 0", parts);
    await saidOf("ignored", "refused");
    expect((await done(TEXT)).counts).toMatchObject({ messages: 1, released: 0 });
  });
});

describe("what becomes hard", () => {
  beforeEach(async () => {
    await note(OPEN_MOON);
    await saidOf("hard", "user-unknown");
  });

  test("quarantines, unless it is allowed, was let go, or got mail since; and not by weighing it against what is usual", async () => {
    const { delivery } = await failed(4, OPEN_MOON);
    await web.call("POST", "/api/v1/allowlist", { address: "p1@one.example" });
    await web.db.query(
      `insert into quarantine_history (match_key, at, status, reason, cause)
       values ('p2@one.example', now(), 'valid', 'user-unknown', 'released')`,
    );
    await web.db.query(
      `insert into messages (part_id, seq, recipient_id, address, vars, status, final_at)
       select part_id, 1, recipient_id, address, '{}', 'sent', now() from messages where address = 'p3@one.example'`,
    );
    const expected = { messages: 4, quarantined: 1, released: 0 };
    expect((await done(TEXT, { dryRun: true })).counts).toMatchObject(expected);
    const before = await everything();
    const run = await done(TEXT);
    expect(run.counts).toMatchObject(expected);
    expect(await web.db.query("select match_key, reason, error_text, delivery_id from quarantine")).toEqual([
      { match_key: "p0@one.example", reason: "user-unknown", error_text: MOON, delivery_id: delivery },
    ]);
    expect(await loadNewQuarantines(web.db, delivery)).toBe(1);
    expect(await web.db.query("select 1 from provider_answers")).toEqual([]);
    await undo(run);
    expect(await everything()).toEqual(before);
    expect(await loadNewQuarantines(web.db, delivery)).toBe(0);
  });

  test("and then has another reason, takes the entry along", async () => {
    await failed(1, OPEN_MOON);
    await done(TEXT);
    await saidOf("hard", "account-disabled");
    const run = await done(TEXT);
    expect(run.counts).toMatchObject({ messages: 1, quarantined: 0, released: 0 });
    expect(await web.db.query("select reason from quarantine")).toEqual([{ reason: "account-disabled" }]);
    await undo(run);
    expect(await web.db.query("select reason from quarantine")).toEqual([{ reason: "user-unknown" }]);
  });
});

describe("rules of now", () => {
  const RULE = {
    name: "house",
    code: ["550"],
    text: ["moon * wrong house"],
    verdict: { type: "soft", reason: "refused", scope: "message" },
    examples: [{ reply: MOON, stage: "rcpt" }],
  };

  test("judge all replies or those of one rule, and texts that nobody qualified; reactions and breakers stay", async () => {
    await note(OPEN_MOON);
    await failed(1, OPEN_MOON);
    const others = await failed(2, OPEN_MOON);
    const overruled = "update message_attempts set rule = $2 where part_id = $1";
    await web.db.query(overruled, [others.parts[0], "moon-reaction"]);
    await web.db.query(overruled, [others.parts[1], "breaker-outage"]);
    expect((await web.call("POST", "/api/v1/bounce-rules", RULE)).status).toBe(201);
    const before = await everything();
    const run = await done(ALL, { rule: "house" });
    expect(run).toMatchObject({ rule: "house", counts: { messages: 1, attempts: 1, deliveries: 1 } });
    expect((await verdicts()).map(({ rule }) => rule)).toEqual(["house", "moon-reaction", "breaker-outage"]);
    const text = { state: "keep", type: "soft", reason: "refused", rule: "house" };
    expect(await web.db.query("select * from reply_texts")).toMatchObject([text]);
    await undo(run);
    expect(await everything()).toEqual(before);
    await web.call("DELETE", "/api/v1/bounce-rules/1");
    expect((await done(ALL)).counts).toMatchObject({ messages: 0 });
  });

  test("of a name that nobody has are refused", async () => {
    const answer = await web.call("POST", `/api/v1${ALL}`, { rule: "no-such-rule" });
    expect([answer.status, answer.body]).toMatchObject([422, { errors: [{ pointer: "/rule" }] }]);
    expect((await web.call("POST", "/api/v1/reply-texts/9/actions/requalify", {})).status).toBe(404);
  });
});

describe("the work", () => {
  beforeEach(async () => {
    await note(HARD_MOON);
    await saidOf("soft", "refused");
  });
  /** Each part is a batch of its own, because it says that it has many messages. */
  const many = (delivery: number) =>
    web.db.query("update delivery_parts set to_deliver = 900, failed = 900 where delivery_id = $1", [delivery]);

  test("that is cut short goes on where it was, counts nothing twice, and can be taken back from there", async () => {
    const { delivery, parts } = await failed(3, HARD_MOON);
    await many(delivery);
    const before = await everything();
    await web.db.query(
      `create function refuse() returns trigger language plpgsql as $$ begin raise exception 'the disk is full'; end $$`,
    );
    await web.db.query(
      `create trigger refuse before update on messages for each row when (old.part_id = ${parts[1]}) execute function refuse()`,
    );
    const { id } = await ask(TEXT);
    await expect(work()).rejects.toThrow("the disk is full");
    expect(await shown(id)).toMatchObject({
      state: "running",
      error: expect.stringContaining("the disk is full"),
      progress: { parts: 3, done: 1 },
      counts: { messages: 1 },
    });
    const half = await ask(`/requalifications/${id}/actions/undo`);
    await work();
    expect(await shown(half.id)).toMatchObject({ state: "undone", error: null, progress: { parts: 1, done: 1 } });
    expect(await everything()).toEqual(before);
    const again = await ask(TEXT);
    await expect(work()).rejects.toThrow("the disk is full");
    await web.db.query("drop trigger refuse on messages");
    await work();
    expect(await shown(again.id)).toMatchObject({
      state: "completed",
      error: null,
      counts: { messages: 3, deliveries: 1, released: 3 },
    });
    const list = await web.get("/api/v1/requalifications?limit=1", pageOf(requalificationSchema));
    expect([list.data.map((one) => one.id), list.nextCursor]).toEqual([[again.id], again.id]);
  });

  test("that is asked to stop stops after its batch", async () => {
    const { delivery } = await failed(2, HARD_MOON);
    await many(delivery);
    const { id } = await ask(TEXT);
    await work(AbortSignal.abort());
    expect(await shown(id)).toMatchObject({ state: "running", progress: { done: 0 } });
  });

  test("waits for a late bounce of the same part, and judges it too", async () => {
    const delivery = await started(2, 2);
    await end(delivery, HARD_MOON);
    const [part] = await partsOf(delivery);
    const one = "where part_id = $1 and seq = 1";
    await web.db.query(`update messages set status = 'sent', type = null, reason = null ${one}`, [part]);
    await web.db.query(`delete from message_attempts ${one}`, [part]);
    await web.db.query("update delivery_parts set failed = 1, sent = 1");
    const { id } = await ask(TEXT);
    const isWaiting = () =>
      web.db.query(
        `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
            and query like '%delivery_parts%'`,
      );
    const working = await web.db.transaction(async (tx) => {
      await tx.query("select 1 from delivery_parts where id = $1 for update", [part]);
      const promise = work();
      await expect.poll(isWaiting).toHaveLength(1);
      await tx.query(`update messages set status = 'failed', type = 'hard', reason = 'user-unknown' ${one}`, [part]);
      await tx.query(
        `insert into message_attempts (part_id, seq, attempt, at, kind, code, reply, type, reason, rule)
         values ($1, 1, 2, now(), 'bounce', 550, $2, 'hard', 'user-unknown', 'moon')`,
        [part, MOON],
      );
      await tx.query("update delivery_parts set failed = 2, sent = 0");
      return { promise };
    });
    await working.promise;
    expect((await shown(id)).counts).toMatchObject({ messages: 2 });
    expect((await verdicts()).map(({ message }) => message)).toEqual(["soft refused", "soft refused"]);
  });

  test("cannot be taken back after 30 days, when what was before is forgotten", async () => {
    await failed(1, HARD_MOON);
    const run = await done(TEXT);
    web.clock.ahead = 31 * DAY;
    const late = await web.call("POST", `/api/v1/requalifications/${run.id}/actions/undo`);
    expect([late.status, late.body]).toMatchObject([409, { code: "requalification-not-undoable" }]);
    await forgetRequalifications(web.db, NOW + 31 * DAY);
    expect(await web.db.query("select 1 from requalified_attempts")).toEqual([]);
    expect(await shown(run.id)).toMatchObject({ counts: { messages: 1 } });
    await forgetRequalifications(web.db, NOW + 181 * DAY);
    expect((await web.call("GET", `/api/v1/requalifications/${run.id}`)).status).toBe(404);
  });
});
