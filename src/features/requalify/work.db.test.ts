/** Past messages judged again by the rules of now, and the work itself: cut short, stopped, beside others, forgotten. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { ALL, HARD_MOON, MOON, NOW, OPEN_MOON, RequalifyRig, TEXT } from "../../../test/requalify-rig.ts";
import { requalificationSchema } from "../../contract/responses-reply-texts.ts";
import { pageOf } from "../../contract/responses.ts";
import { DAY } from "../../core/time.ts";
import { forgetRequalifications } from "./index.ts";

let rig: RequalifyRig;
beforeAll(async () => {
  rig = await RequalifyRig.open();
});
beforeEach(() => rig.clear());
afterAll(() => rig.web.close());

describe("rules of now", () => {
  const RULE = {
    name: "house",
    code: ["550"],
    text: ["moon * wrong house"],
    verdict: { type: "soft", reason: "refused", scope: "message" },
    examples: [{ reply: MOON, stage: "rcpt" }],
  };

  test("judge all replies or those of one rule, and texts that nobody qualified; reactions and breakers stay", async () => {
    await rig.note(OPEN_MOON);
    await rig.failed(1, OPEN_MOON);
    const others = await rig.failed(2, OPEN_MOON);
    const overruled = "update message_attempts set rule = $2 where part_id = $1";
    await rig.web.db.query(overruled, [others.parts[0], "moon-reaction"]);
    await rig.web.db.query(overruled, [others.parts[1], "breaker-outage"]);
    expect((await rig.web.call("POST", "/api/v1/bounce-rules", RULE)).status).toBe(201);
    const before = await rig.everything();
    const run = await rig.done(ALL, { rule: "house" });
    expect(run).toMatchObject({ rule: "house", counts: { messages: 1, attempts: 1, deliveries: 1 } });
    expect((await rig.verdicts()).map(({ rule }) => rule)).toEqual(["house", "moon-reaction", "breaker-outage"]);
    const text = { state: "keep", type: "soft", reason: "refused", rule: "house" };
    expect(await rig.web.db.query("select * from reply_texts")).toMatchObject([text]);
    await rig.undo(run);
    expect(await rig.everything()).toEqual(before);
    await rig.web.call("DELETE", "/api/v1/bounce-rules/1");
    expect((await rig.done(ALL)).counts).toMatchObject({ messages: 0 });
  });

  test("of a name that nobody has are refused", async () => {
    const answer = await rig.web.call("POST", `/api/v1${ALL}`, { rule: "no-such-rule" });
    expect([answer.status, answer.body]).toMatchObject([422, { errors: [{ pointer: "/rule" }] }]);
    expect((await rig.web.call("POST", "/api/v1/reply-texts/9/actions/requalify", {})).status).toBe(404);
  });
});

describe("the work", () => {
  beforeEach(async () => {
    await rig.note(HARD_MOON);
    await rig.saidOf("soft", "refused");
  });
  /** Each part is a batch of its own, because it says that it has many messages. */
  const many = (delivery: number) =>
    rig.web.db.query("update delivery_parts set to_deliver = 900, failed = 900 where delivery_id = $1", [delivery]);

  test("that is cut short goes on where it was, counts nothing twice, and can be taken back from there", async () => {
    const { delivery, parts } = await rig.failed(3, HARD_MOON);
    await many(delivery);
    const before = await rig.everything();
    await rig.web.db.query(
      `create function refuse() returns trigger language plpgsql as $$ begin raise exception 'the disk is full'; end $$`,
    );
    await rig.web.db.query(
      `create trigger refuse before update on messages for each row when (old.part_id = ${parts[1]}) execute function refuse()`,
    );
    const { id } = await rig.ask(TEXT);
    await expect(rig.work()).rejects.toThrow("the disk is full");
    expect(await rig.shown(id)).toMatchObject({
      state: "running",
      error: expect.stringContaining("the disk is full"),
      progress: { parts: 3, done: 1 },
      counts: { messages: 1 },
    });
    const half = await rig.ask(`/requalifications/${id}/actions/undo`);
    await rig.work();
    expect(await rig.shown(half.id)).toMatchObject({ state: "undone", error: null, progress: { parts: 1, done: 1 } });
    expect(await rig.everything()).toEqual(before);
    const again = await rig.ask(TEXT);
    await expect(rig.work()).rejects.toThrow("the disk is full");
    await rig.web.db.query("drop trigger refuse on messages");
    await rig.work();
    expect(await rig.shown(again.id)).toMatchObject({
      state: "completed",
      error: null,
      counts: { messages: 3, deliveries: 1, released: 3 },
    });
    const list = await rig.web.get("/api/v1/requalifications?limit=1", pageOf(requalificationSchema));
    expect([list.data.map((one) => one.id), list.nextCursor]).toEqual([[again.id], again.id]);
  });

  test("that is asked to stop stops after its batch", async () => {
    const { delivery } = await rig.failed(2, HARD_MOON);
    await many(delivery);
    const { id } = await rig.ask(TEXT);
    await rig.work(AbortSignal.abort());
    expect(await rig.shown(id)).toMatchObject({ state: "running", progress: { done: 0 } });
  });

  test("waits for a late bounce of the same part, and judges it too", async () => {
    const delivery = await rig.started(2, 2);
    await rig.end(delivery, HARD_MOON);
    const [part] = await rig.partsOf(delivery);
    const one = "where part_id = $1 and seq = 1";
    await rig.web.db.query(`update messages set status = 'sent', type = null, reason = null ${one}`, [part]);
    await rig.web.db.query(`delete from message_attempts ${one}`, [part]);
    await rig.web.db.query("update delivery_parts set failed = 1, sent = 1");
    const { id } = await rig.ask(TEXT);
    const isWaiting = () =>
      rig.web.db.query(
        `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
            and query like '%delivery_parts%'`,
      );
    const working = await rig.web.db.transaction(async (tx) => {
      await tx.query("select 1 from delivery_parts where id = $1 for update", [part]);
      const promise = rig.work();
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
    expect((await rig.shown(id)).counts).toMatchObject({ messages: 2 });
    expect((await rig.verdicts()).map(({ message }) => message)).toEqual(["soft refused", "soft refused"]);
  });

  test("cannot be taken back after 30 days, when what was before is forgotten", async () => {
    await rig.failed(1, HARD_MOON);
    const run = await rig.done(TEXT);
    rig.web.clock.ahead = 31 * DAY;
    const late = await rig.web.call("POST", `/api/v1/requalifications/${run.id}/actions/undo`);
    expect([late.status, late.body]).toMatchObject([409, { code: "requalification-not-undoable" }]);
    await forgetRequalifications(rig.web.db, NOW + 31 * DAY);
    expect(await rig.web.db.query("select 1 from requalified_attempts")).toEqual([]);
    expect(await rig.shown(run.id)).toMatchObject({ counts: { messages: 1 } });
    await forgetRequalifications(rig.web.db, NOW + 181 * DAY);
    expect((await rig.web.call("GET", `/api/v1/requalifications/${run.id}`)).status).toBe(404);
  });
});
