/** Reports of relays, over the real server with real tags and a real database: what becomes of message, counters, quarantine. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import {
  createInboundRig,
  type InboundRig,
  pathOf,
  report as reportTo,
  type Report,
} from "../../../test/inbound-rig.ts";
import { AT, KEY, seedMessages } from "../../../test/public-pages.ts";
import { mintTag } from "../../core/tracking/token.ts";

let rig: InboundRig;
let web: InboundRig["web"];
beforeAll(async () => {
  rig = await createInboundRig();
  web = rig.web;
});
afterAll(() => web.close());
beforeEach(() => rig.clear());

const PEOPLE = [{ address: "Ada@One.example" }, { address: "bob@two.example" }];

/** Both messages are with the relay: one attempt each. */
async function relayed(change = "") {
  const seeded = await seedMessages(web.db, PEOPLE);
  const { partId, deliveryId } = seeded;
  await web.db.query(
    `update messages set status = 'taken-into-account', relayed = true, attempts = 1, next_attempt_at = now() + interval '3 days'
      where part_id = $1`,
    [partId],
  );
  await web.db.query("update delivery_parts set pending = 0, retrying = 2, due_at = now() where id = $1", [partId]);
  await web.db.query(
    "insert into destination_counters (delivery_id, domain, sender, to_deliver, retrying) values ($1, 'one.example', 'a-1', 1, 1)",
    [deliveryId],
  );
  if (change !== "") await web.db.query(change, [partId]);
  return seeded;
}

type Told = Partial<Report> & { readonly action: string };

/** Programs of relays that report call themselves automatic answers. */
function report(told: Told): string {
  return reportTo({ to: "news@back.example", head: ["Auto-Submitted: auto-replied"], returned: "", ...told });
}

const FULL = ["Status: 5.2.2", "Diagnostic-Code: smtp; 552 5.2.2 Mailbox full", "Remote-MTA: dns; MX.one.example"];
const UNKNOWN = ["Status: 5.1.1", "Diagnostic-Code: smtp; 550 5.1.1 User unknown"];

async function hand(mail: string) {
  const answer = await rig.post(mail);
  return { status: answer.status, body: answer.json() as Record<string, unknown> };
}

async function stateOf(partId: number) {
  const { db } = web;
  const [message] = await db.query(
    "select status, type, reason, attempts, final_at, relayed from messages where part_id = $1 and seq = 0",
    [partId],
  );
  const [part] = await db.query(
    "select retrying, sent, failed, due_at is null as done, pending from delivery_parts where id = $1",
    [partId],
  );
  const [domain] = await db.query(
    `select sum(c.retrying) as retrying, sum(c.sent) as sent, sum(c.failed) as failed from destination_counters c
       join delivery_parts p using (delivery_id) where p.id = $1 and c.domain = 'one.example'`,
    [partId],
  );
  const attempts = await db.query(
    `select attempt, kind, stage, code, enhanced, reply, mx, type, reason, rule from message_attempts
      where part_id = $1 order by attempt`,
    [partId],
  );
  return { message, part, domain, attempts };
}

const quarantined = () =>
  web.db.query("select match_key, reason, error_text from quarantine where status = 'quarantined'");

describe.each(["delivered", "relayed", "expanded"])("reported as %s", (action) => {
  test("a message is sent, once", async () => {
    const { partId } = await relayed();
    const mail = report({ action, to: pathOf(partId), fields: ["Status: 2.0.0"] });
    const word = { kind: "final-word", messageKey: `${partId}-0`, status: "sent" };
    expect(await hand(mail)).toEqual({ status: 200, body: { ...word, changed: true } });
    const after = await stateOf(partId);
    expect(after).toMatchObject({
      message: { status: "sent", type: null, reason: null, attempts: 2, final_at: AT, relayed: true },
      part: { retrying: 1, sent: 1, failed: 0, pending: 0, done: false },
      domain: { retrying: 0, sent: 1, failed: 0 },
      attempts: [{ attempt: 2, kind: "final-word", stage: null, reply: "2.0.0", type: null, rule: null }],
    });
    expect(await hand(mail)).toEqual({ status: 200, body: { ...word, changed: false } });
    expect(await stateOf(partId)).toEqual(after);
    expect(await quarantined()).toEqual([]);
  });
});

test("reported as failed, a message has failed for the reason that the report quotes", async () => {
  const { partId } = await relayed();
  expect((await hand(report({ action: "failed", to: pathOf(partId), fields: FULL }))).body).toMatchObject({
    kind: "final-word",
    status: "failed",
    changed: true,
  });
  expect(await stateOf(partId)).toMatchObject({
    message: { status: "failed", type: "soft", reason: "mailbox-full", attempts: 2, final_at: AT },
    part: { retrying: 1, sent: 0, failed: 1 },
    domain: { retrying: 0, sent: 0, failed: 1 },
    attempts: [
      {
        code: 552,
        enhanced: "5.2.2",
        reply: "552 5.2.2 Mailbox full",
        mx: "mx.one.example",
        type: "soft",
        reason: "mailbox-full",
        rule: expect.any(String),
      },
    ],
  });
  expect(await quarantined()).toEqual([]);
});

test("a hard bounce quarantines the address, as it would have at once", async () => {
  const { partId } = await relayed();
  await hand(report({ action: "failed", to: pathOf(partId), fields: UNKNOWN }));
  expect(await stateOf(partId)).toMatchObject({ message: { status: "failed", type: "hard", reason: "user-unknown" } });
  expect(await quarantined()).toEqual([
    { match_key: "ada@one.example", reason: "user-unknown", error_text: "550 5.1.1 User unknown" },
  ]);
  const history = await web.db.query("select part_id, seq, status from quarantine_history where part_id = $1", [
    partId,
  ]);
  expect(history).toEqual([{ part_id: partId, seq: 0, status: "quarantined" }]);
});

test("a delay only says why, however often; the last word comes after it", async () => {
  const { partId } = await relayed();
  const fields = ["Status: 4.2.2", "Diagnostic-Code: smtp; 452 4.2.2 Mailbox full"];
  for (let i = 0; i < 2; i++) {
    expect((await hand(report({ action: "delayed", to: pathOf(partId), fields }))).body).toMatchObject({
      status: "taken-into-account",
    });
  }
  expect(await stateOf(partId)).toMatchObject({
    message: { status: "taken-into-account", type: "soft", reason: "mailbox-full", attempts: 1, final_at: null },
    part: { retrying: 2, sent: 0, failed: 0 },
    attempts: [],
  });
  await hand(report({ action: "delivered", to: pathOf(partId) }));
  expect(await stateOf(partId)).toMatchObject({ message: { status: "sent", type: null, reason: null } });
});

test("a failure that comes after the end still counts; a success after a failure does not", async () => {
  const { partId } = await relayed();
  await hand(report({ action: "relayed", to: pathOf(partId) }));
  await hand(report({ action: "failed", to: pathOf(partId), fields: FULL }));
  const failed = await stateOf(partId);
  expect(failed).toMatchObject({
    message: { status: "failed", attempts: 3 },
    part: { retrying: 1, sent: 0, failed: 1 },
    domain: { retrying: 0, sent: 0, failed: 1 },
  });
  for (const action of ["delivered", "delayed", "failed"]) {
    expect((await hand(report({ action, to: pathOf(partId) }))).body).toMatchObject({
      status: "failed",
      changed: false,
    });
  }
  expect(await stateOf(partId)).toEqual(failed);
});

test("the same report from two relays at once counts once", async () => {
  const { partId } = await relayed();
  const mail = report({ action: "failed", to: pathOf(partId), fields: FULL });
  const answers = await Promise.all(Array.from({ length: 6 }, () => hand(mail)));
  expect(answers.filter(({ body }) => body["changed"] === true)).toHaveLength(1);
  expect(await stateOf(partId)).toMatchObject({ message: { attempts: 2 }, part: { retrying: 1, failed: 1 } });
});

test("with the last word of the last message its part is done and the delivery has finished", async () => {
  const { partId, deliveryId } = await relayed();
  await hand(report({ action: "delivered", to: pathOf(partId) }));
  await hand(report({ action: "failed", to: pathOf(partId, 1), recipient: "bob@two.example", fields: UNKNOWN }));
  expect(await stateOf(partId)).toMatchObject({ part: { retrying: 0, sent: 1, failed: 1, done: true } });
  expect(await web.db.query("select state from deliveries where id = $1", [deliveryId])).toEqual([
    { state: "finished" },
  ]);
  const late = await hand(report({ action: "failed", to: pathOf(partId), fields: FULL }));
  expect(late.body).toMatchObject({ status: "failed", changed: true });
});

test("a part that a sender holds stays the sender's", async () => {
  const { partId, deliveryId } = await relayed("update delivery_parts set owner = 'a-1', epoch = 4 where id = $1");
  await hand(report({ action: "delivered", to: pathOf(partId) }));
  await hand(report({ action: "delivered", to: pathOf(partId, 1), recipient: "bob@two.example" }));
  expect(
    await web.db.query("select owner, epoch, due_at is null as done, retrying from delivery_parts where id = $1", [
      partId,
    ]),
  ).toEqual([{ owner: "a-1", epoch: 4, done: false, retrying: 0 }]);
  expect(await web.db.query("select state from deliveries where id = $1", [deliveryId])).toEqual([
    { state: "in-progress" },
  ]);
});

describe("by the Message-ID of the message that is given back", () => {
  const returnedOf = (partId: number, archive: number | null = null) =>
    `Subject: Hello\r\nMessage-ID:\r\n <${partId}-0.mi1a2b.${mintTag(KEY, { partId, seq: 0 }, archive)}@news.example>`;

  test("where the return path has no tag, if it speaks of the recipient", async () => {
    const { partId } = await relayed();
    const returned = returnedOf(partId);
    const other = { action: "failed", fields: FULL, returned, recipient: "copies@archive.example" };
    expect((await hand(report(other))).body).toEqual({ kind: "other", why: "bounce" });
    expect((await hand(report({ ...other, recipient: "ADA@one.example" }))).body).toMatchObject({ status: "failed" });
  });

  test("also where the recipient is written as it was asked for", async () => {
    const { partId } = await relayed(
      "update messages set address = 'ada+shop@one.example' where part_id = $1 and seq = 0",
    );
    const fields = ["Original-Recipient: rfc822; ada+2Bshop@one.example"];
    const given = { action: "delivered", fields, returned: returnedOf(partId), recipient: "ada@inside.one.example" };
    expect((await hand(report(given))).body).toMatchObject({ status: "sent" });
  });

  test("not of a copy that counts nothing", async () => {
    const { partId } = await relayed();
    expect((await hand(report({ action: "failed", returned: returnedOf(partId, 0) }))).body).toEqual({
      kind: "other",
      why: "bounce",
    });
  });
});

test("of several whom it reached what arrived counts", async () => {
  const { partId } = await relayed();
  const fields = [...FULL, "", "Final-Recipient: rfc822; eve@three.example", "Action: delivered"];
  const mail = report({ action: "failed", to: pathOf(partId), recipient: "ada@three.example", fields });
  expect((await hand(mail)).body).toMatchObject({ status: "sent" });
});

describe("changes nothing", () => {
  test.each<[string, (partId: number) => string, string]>([
    ["an altered tag", (id) => report({ action: "failed", to: pathOf(id).replace(/.@/, "!@") }), "bounce"],
    ["no tag", () => report({ action: "failed" }), "bounce"],
    ["an action that nobody knows", (id) => report({ action: "vanished", to: pathOf(id) }), "bounce"],
    ["a bounce without a report", (id) => `From: mailer-daemon@relay.example\r\nTo: ${pathOf(id)}\r\n\r\nno`, "bounce"],
    ["a message that is no more", (id) => report({ action: "failed", to: pathOf(id, 7) }), "message-unknown"],
  ])("%s", async (_, make, why) => {
    const { partId } = await relayed();
    const before = await stateOf(partId);
    expect(await hand(make(partId))).toEqual({ status: 200, body: { kind: "other", why } });
    expect(await stateOf(partId)).toEqual(before);
  });

  test.each(["sent", "failed", "cancelled"])("a message that is %s and that no relay had", async (status) => {
    const { partId } = await relayed(
      `update messages set relayed = false, status = '${status}' where part_id = $1 and seq = 0`,
    );
    const { body } = await hand(report({ action: "failed", to: pathOf(partId), fields: UNKNOWN }));
    // Nobody tried to send them, or it is long known.
    expect(body).toMatchObject(status === "cancelled" ? { kind: "other", why: "bounce" } : { status, changed: false });
    expect(await quarantined()).toEqual([]);
  });

  test("what was cancelled stays so", async () => {
    const { partId } = await relayed("update messages set status = 'cancelled' where part_id = $1 and seq = 0");
    expect((await hand(report({ action: "failed", to: pathOf(partId) }))).body).toMatchObject({
      status: "cancelled",
      changed: false,
    });
  });
});

test("a report that is faster than the sender's own note is to come again", async () => {
  const { partId } = await relayed(
    "update messages set relayed = false, attempts = 0, status = 'pending' where part_id = $1",
  );
  await web.db.query("update delivery_parts set pending = 2, retrying = 0, owner = 'a-1' where id = $1", [partId]);
  const mail = report({ action: "delivered", to: pathOf(partId) });
  expect(await hand(mail)).toMatchObject({ status: 503, body: { code: "final-word-early" } });
  await web.db.query(
    "update messages set relayed = true, attempts = 1, status = 'taken-into-account' where part_id = $1",
    [partId],
  );
  await web.db.query("update delivery_parts set pending = 0, retrying = 2 where id = $1", [partId]);
  expect(await hand(mail)).toMatchObject({ status: 200, body: { status: "sent", changed: true } });
});

test("whatever a report quotes is kept as text that the database takes, cut short", async () => {
  const { partId } = await relayed();
  const fields = ["Status: 5.0.0", `Diagnostic-Code: smtp; 550 \0${"x".repeat(50_000)}`];
  expect((await hand(report({ action: "failed", to: pathOf(partId), fields }))).body).toMatchObject({
    status: "failed",
  });
  const { attempts } = await stateOf(partId);
  expect(attempts).toMatchObject([{ reply: expect.stringMatching(/^550 .x{1900,1996}$/s) }]);
});
