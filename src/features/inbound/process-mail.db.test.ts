/** Mail that was stored first is worked off by workers, in batches: each once, whatever becomes of the others. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import {
  bounce,
  complaint,
  createInboundRig,
  idOf,
  FULL,
  type InboundRig,
  pathOf,
  UNKNOWN,
} from "../../../test/inbound-rig.ts";
import { AT } from "../../../test/public-pages.ts";
import { createLog } from "../../platform/log.ts";
import { processWaiting, storeMails } from "./index.ts";

let rig: InboundRig;
beforeAll(async () => {
  rig = await createInboundRig();
});
afterAll(() => rig.web.close());
beforeEach(() => rig.clear());

describe("what is stored is processed by the worker", () => {
  const log = createLog("silent", "test");
  const store = (raw: string, recipient: string) =>
    storeMails(
      rig.web.db,
      [{ raw: Buffer.from(raw), recipient, returnPath: "", source: "smtp", remote: "192.0.2.7", mailbox: null }],
      AT,
    );

  test("unless somebody handed it in and waits for what comes of it", async () => {
    const { partId } = await rig.sent();
    let isOver = false;
    const worker = (async () => {
      while (!isOver) await processWaiting(rig.deps, log);
    })();
    const kinds: unknown[] = [];
    for (let i = 0; i < 20; i++) kinds.push((await rig.hand(complaint("abuse", `${partId}-0.x.y@news.example`))).kind);
    isOver = true;
    await worker;
    expect(new Set(kinds)).toEqual(new Set(["other"]));
  });

  test("once, however many work on it", async () => {
    const { partId } = await rig.sent();
    await store(bounce("x@y.example", "failed", FULL), pathOf(partId));
    await Promise.all([processWaiting(rig.deps, log), processWaiting(rig.deps, log), processWaiting(rig.deps, log)]);
    expect(await rig.stateOf(partId)).toMatchObject({
      message: { status: "failed", attempts: 2 },
      part: { failed: 1 },
    });
    expect(await rig.outcomes()).toEqual(["failed"]);
  });

  test("again, when whoever took it died: that counts once", async () => {
    const { partId } = await rig.sent();
    await store(bounce("x@y.example", "failed", FULL), pathOf(partId));
    await processWaiting(rig.deps, log);
    // It died before it wrote down that it was done.
    await rig.web.db.query("update inbound_mails set state = 'waiting'");
    rig.web.clock.at = AT + 10 * 60_000;
    expect(await processWaiting(rig.deps, log)).toBe(1);
    expect(await rig.stateOf(partId)).toMatchObject({ message: { attempts: 2 }, part: { failed: 1 } });
    expect(await processWaiting(rig.deps, log)).toBe(0);
  });

  test("later, when it is faster than the sender's own note", async () => {
    const { partId } = await rig.sent("pending");
    await rig.web.db.query("update delivery_parts set owner = 'a-1', pending = 2, sent = 0 where id = $1", [partId]);
    await store(bounce("x@y.example", "failed", UNKNOWN), pathOf(partId));
    await processWaiting(rig.deps, log);
    expect(await rig.web.db.query("select state, outcome from inbound_mails")).toEqual([
      { state: "waiting", outcome: null },
    ]);
    await rig.web.db.query("update delivery_parts set owner = null, pending = 0, sent = 2 where id = $1", [partId]);
    await rig.web.db.query("update messages set status = 'sent' where part_id = $1", [partId]);
    rig.web.clock.at = AT + 60_000;
    await processWaiting(rig.deps, log);
    expect(await rig.stateOf(partId)).toMatchObject({ message: { status: "failed" } });
  });
});

describe("a batch", () => {
  const log = createLog("silent", "test");
  const work = () => processWaiting(rig.deps, log);
  /** To the messages of one part: seq and mail. */
  const store = (partId: number, mails: readonly (readonly [number, string])[]) =>
    storeMails(
      rig.web.db,
      mails.map(([seq, raw]) => {
        const recipient = pathOf(partId, seq);
        return { raw: Buffer.from(raw), recipient, returnPath: "", source: "smtp", remote: null, mailbox: null };
      }),
      AT,
    );
  const bounceOf = (seq: number, action = "failed", diagnostic = FULL) =>
    bounce("x@y.example", action, diagnostic, "Subject: Hello", seq === 0 ? "ada@one.example" : "bob@two.example");

  test("has the effect that its mails have one by one, the same message twice included", async () => {
    const { partId } = await rig.sent();
    await store(partId, [
      [0, bounceOf(0, "delayed")],
      [1, bounceOf(1, "failed", UNKNOWN)],
      [0, bounceOf(0, "failed")],
      [0, bounceOf(0, "failed")],
      [7, bounceOf(0)],
      [0, "From: ada@one.example\r\nSubject: Hello\r\n\r\nHow are you?"],
    ]);
    expect(await work()).toBe(6);
    expect(await rig.outcomes()).toEqual(["reason", "failed", "failed", "unchanged", "message-unknown", "unreadable"]);
    expect(await rig.stateOf(partId)).toEqual({
      message: { status: "failed", type: "soft", reason: "mailbox-full", attempts: 2 },
      part: { sent: 0, failed: 2, in_doubt: 0 },
      quarantine: ["with-errors", "quarantined"],
    });
    const domains = await rig.web.db.query(
      "select domain, sent, failed from destination_counters where delivery_id = (select delivery_id from delivery_parts where id = $1) order by 1",
      [partId],
    );
    expect(domains).toEqual([
      { domain: "one.example", sent: -1, failed: 1 },
      { domain: "two.example", sent: -1, failed: 1 },
    ]);
    expect(await rig.web.db.query("select count from reply_texts order by count")).toEqual([
      { count: 1 },
      { count: 3 },
    ]);
  });

  test("is not spoiled by a mail that the database does not take: that one waits, with the reason", async () => {
    const { partId } = await rig.sent();
    // An attempt of this number is there already: it cannot be written down.
    await rig.web.db.query(
      "insert into message_attempts (part_id, seq, attempt, at, kind, reply) values ($1, 0, 2, $2, 'bounce', '')",
      [partId, new Date(AT)],
    );
    await store(partId, [
      [0, bounceOf(0)],
      [1, bounceOf(1, "failed", UNKNOWN)],
    ]);
    expect(await work()).toBe(2);
    expect(await rig.stateOf(partId)).toMatchObject({
      message: { status: "sent" },
      part: { sent: 1, failed: 1 },
      quarantine: ["quarantined"],
    });
    expect(
      await rig.web.db.query("select state, outcome, error is null as fine from inbound_mails order by id"),
    ).toEqual([
      { state: "waiting", outcome: null, fine: false },
      { state: "done", outcome: "failed", fine: true },
    ]);
  });

  test("that was not committed has done nothing and is done later", async () => {
    const { partId } = await rig.sent();
    const before = await rig.stateOf(partId);
    await store(partId, [[0, bounceOf(0)]]);
    // The process dies with the last statement before the commit: reply texts come last.
    await rig.web.db.query("alter table reply_texts rename to away");
    await work();
    expect(await rig.stateOf(partId)).toEqual(before);
    expect(await rig.outcomes()).toEqual([null]);
    await rig.web.db.query("alter table away rename to reply_texts");
    rig.web.clock.at = AT + 10 * 60_000;
    expect(await work()).toBe(1);
    expect(await rig.stateOf(partId)).toMatchObject({
      message: { status: "failed", attempts: 2 },
      part: { failed: 1 },
    });
  });

  test("counts no text twice where nothing is signed, when it could not write down that it was done", async () => {
    const mail = {
      recipient: "news@back.example",
      returnPath: "",
      source: "smtp",
      remote: null,
      mailbox: null,
    } as const;
    await storeMails(rig.web.db, [{ ...mail, raw: Buffer.from(bounceOf(0)) }], AT);
    await rig.web.db.query("alter table inbound_mails add constraint never check (state <> 'done')");
    await work();
    expect(await rig.web.db.query("select count from reply_texts")).toEqual([]);
    await rig.web.db.query("alter table inbound_mails drop constraint never");
    rig.web.clock.at = AT + 10 * 60_000;
    expect(await work()).toBe(1);
    expect(await rig.web.db.query("select count, providers from reply_texts")).toEqual([
      { count: 1, providers: ["unsigned"] },
    ]);
  });

  test.each<[string, (partId: number) => string]>([
    ["a complaint", (id) => complaint("abuse", idOf(id))],
    ["a wish", () => "From: ada@one.example\r\nSubject: unsubscribe\r\n\r\n"],
  ])("%s whose worker died before it wrote down that it was done counts once", async (_, make) => {
    const { partId, deliveryId } = await rig.sent();
    await storeMails(
      rig.web.db,
      [
        {
          raw: Buffer.from(make(partId)),
          recipient: pathOf(partId),
          returnPath: "ada@one.example",
          source: "smtp",
          remote: null,
          mailbox: null,
        },
      ],
      AT,
    );
    const effects = async () => [
      await rig.web.db.query("select address, denylisted_at from recipients where denylisted_at is not null"),
      await rig.web.db.query("select kind, recipients, total from tracking_counters where delivery_id = $1", [
        deliveryId,
      ]),
      await rig.web.db.query("select address, denylisted from unsubscriptions"),
      rig.web.noted.length,
    ];
    await work();
    const after = await effects();
    expect(after[0]).toHaveLength(1);
    await rig.web.db.query("update inbound_mails set state = 'waiting'");
    rig.web.clock.at = AT + 10 * 60_000;
    expect(await work()).toBe(1);
    expect(await effects()).toEqual(after);
  });
});
