/** Past messages judged again by what a person said of a text: what follows, what stays, and that it can be taken back exactly. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { ALL, ENDED, HARD_MOON, MOON, NOW, OPEN_MOON, RequalifyRig, TEXT } from "../../../test/requalify-rig.ts";
import { DAY, HOUR } from "../../core/time.ts";
import { loadNewQuarantines } from "../quarantine/index.ts";

const GONE = "550 5.1.1 no such user here";

let rig: RequalifyRig;
beforeAll(async () => {
  rig = await RequalifyRig.open();
});
beforeEach(() => rig.clear());
afterAll(() => rig.web.close());

describe("a text that a person qualified", () => {
  beforeEach(() => rig.note(HARD_MOON));

  test("is counted first, then followed by log, quarantine and figures, and taken back exactly", async () => {
    const { delivery } = await rig.failed(3, HARD_MOON);
    await rig.web.db.query(
      `insert into message_attempts (part_id, seq, attempt, at, kind, reply, type, reason)
       select part_id, seq, 2, at, 'expired', 'over', type, reason from message_attempts`,
    );
    await rig.saidOf("soft", "mailbox-full");
    const before = await rig.everything();
    const tried = await rig.done(TEXT, { dryRun: true });
    const counts = { messages: 3, attempts: 6, deliveries: 1, quarantined: 0, released: 3, kept: 0 };
    expect(tried).toMatchObject({ state: "completed", dryRun: true, type: "soft", counts, undoUntil: null });
    expect(tried.progress).toEqual({ parts: 3, done: 3 });
    expect(await rig.everything()).toEqual(before);
    expect(await loadNewQuarantines(rig.web.db, delivery)).toBe(3);

    const run = await rig.done(TEXT);
    expect(run).toMatchObject({ state: "completed", textId: "1", counts, error: null });
    const soft = { type: "soft", reason: "mailbox-full", message: "soft mailbox-full" };
    expect((await rig.verdicts()).slice(0, 2)).toEqual([
      { ...soft, rule: "reply-text-1" },
      { ...soft, rule: null },
    ]);
    expect(await rig.quarantined()).toEqual([]);
    expect(await loadNewQuarantines(rig.web.db, delivery)).toBe(0);
    const [told] = await rig.web.db.query(
      "select * from quarantine_history where cause = 'requalified' order by match_key",
    );
    expect(told).toMatchObject({ match_key: "p0@one.example", status: "valid", note: `requalification ${run.id}` });

    expect(await rig.undo(run)).toMatchObject({ state: "undone", counts, undoUntil: null });
    expect(await rig.everything()).toEqual(before);
    expect(await loadNewQuarantines(rig.web.db, delivery)).toBe(3);
    expect((await rig.web.call("POST", `/api/v1/requalifications/${run.id}/actions/undo`)).status).toBe(409);
    expect(await rig.web.db.query("select 1 from requalified_attempts")).toEqual([]);
  });

  test("touches no other text, and nothing that ended before", async () => {
    await rig.failed(1, { ...HARD_MOON, reply: GONE });
    await rig.failed(2, HARD_MOON, NOW - 40 * DAY);
    const before = await rig.everything();
    await rig.saidOf("ignored", "refused");
    const other = await rig.done(TEXT);
    expect(other.counts).toMatchObject({ messages: 0, released: 0 });
    expect((await rig.everything()).slice(0, 4)).toEqual(before.slice(0, 4));
    const long = new Date(NOW - 50 * DAY).toISOString();
    expect((await rig.done(TEXT, { since: long })).counts).toMatchObject({ messages: 2, released: 1 });
  });

  test("leaves what somebody changed since, and says how much", async () => {
    const { parts } = await rig.failed(3, HARD_MOON);
    await rig.saidOf("soft", "refused");
    const run = await rig.done(TEXT);
    await rig.web.call("POST", "/api/v1/quarantine", { address: "p1@one.example", note: "by hand" });
    await rig.web.db.query("update message_attempts set type = 'ignored' where part_id = $1", [parts[2]]);
    await rig.web.db.query("update messages set type = 'ignored' where part_id = $1", [parts[2]]);
    expect((await rig.undo(run)).counts).toMatchObject({ kept: 2 });
    expect((await rig.verdicts()).map(({ type }) => type)).toEqual(["hard", "hard", "ignored"]);
    expect(await rig.quarantined()).toEqual(["p0@one.example", "p1@one.example", "p2@one.example"]);
    const [byHand] = await rig.web.db.query(
      "select reason, part_id from quarantine where match_key = 'p1@one.example'",
    );
    expect(byHand).toEqual({ reason: "not-defined", part_id: null });
  });

  test("releases nobody who is held by something else, until that is judged otherwise too", async () => {
    const [first, second] = [await rig.started(1), await rig.started(1)];
    await rig.end(first, HARD_MOON);
    await rig.end(
      second,
      { type: "hard", reason: "user-unknown", reply: "550 5.9.9 gone with the wind" },
      ENDED + HOUR,
    );
    await rig.saidOf("soft", "refused");
    expect((await rig.done(TEXT)).counts).toMatchObject({ messages: 1, released: 0 });
    expect(await rig.quarantined()).toEqual(["p0@one.example"]);
    expect((await rig.done(ALL)).counts).toMatchObject({ messages: 1, released: 1 });
    expect(await rig.quarantined()).toEqual([]);
  });

  test("releases nobody whom a person put in", async () => {
    await rig.web.call("POST", "/api/v1/quarantine", { address: "p0@one.example", note: "by hand" });
    await rig.web.db.query("update quarantine_history set at = at - interval '9 days'");
    await rig.web.db.query("update quarantine set status = 'with-errors'");
    const { parts } = await rig.failed(1, OPEN_MOON);
    await rig.web.db.query("update quarantine set status = 'quarantined', part_id = $1, seq = 0", parts);
    await rig.saidOf("ignored", "refused");
    expect((await rig.done(TEXT)).counts).toMatchObject({ messages: 1, released: 0 });
  });
});

describe("what becomes hard", () => {
  beforeEach(async () => {
    await rig.note(OPEN_MOON);
    await rig.saidOf("hard", "user-unknown");
  });

  test("quarantines, unless it is allowed, was let go, or got mail since; and not by weighing it against what is usual", async () => {
    const { delivery } = await rig.failed(4, OPEN_MOON);
    await rig.web.call("POST", "/api/v1/allowlist", { address: "p1@one.example" });
    await rig.web.db.query(
      `insert into quarantine_history (match_key, at, status, reason, cause)
       values ('p2@one.example', now(), 'valid', 'user-unknown', 'released')`,
    );
    await rig.web.db.query(
      `insert into messages (part_id, seq, recipient_id, address, vars, status, final_at)
       select part_id, 1, recipient_id, address, '{}', 'sent', now() from messages where address = 'p3@one.example'`,
    );
    const expected = { messages: 4, quarantined: 1, released: 0 };
    expect((await rig.done(TEXT, { dryRun: true })).counts).toMatchObject(expected);
    const before = await rig.everything();
    const run = await rig.done(TEXT);
    expect(run.counts).toMatchObject(expected);
    expect(await rig.web.db.query("select match_key, reason, error_text, delivery_id from quarantine")).toEqual([
      { match_key: "p0@one.example", reason: "user-unknown", error_text: MOON, delivery_id: delivery },
    ]);
    expect(await loadNewQuarantines(rig.web.db, delivery)).toBe(1);
    expect(await rig.web.db.query("select 1 from provider_answers")).toEqual([]);
    await rig.undo(run);
    expect(await rig.everything()).toEqual(before);
    expect(await loadNewQuarantines(rig.web.db, delivery)).toBe(0);
  });

  test("and then has another reason, takes the entry along", async () => {
    await rig.failed(1, OPEN_MOON);
    await rig.done(TEXT);
    await rig.saidOf("hard", "account-disabled");
    const run = await rig.done(TEXT);
    expect(run.counts).toMatchObject({ messages: 1, quarantined: 0, released: 0 });
    expect(await rig.web.db.query("select reason from quarantine")).toEqual([{ reason: "account-disabled" }]);
    await rig.undo(run);
    expect(await rig.web.db.query("select reason from quarantine")).toEqual([{ reason: "user-unknown" }]);
  });
});
