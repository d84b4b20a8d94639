/** Bounces, delays and complaints about messages that were handed over, with real tags and a real database: what each kind does. */
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { AT, createPublicPages, KEY, seedMessages, type PublicPages } from "../../../test/public-pages.ts";
import { DAY } from "../../core/time.ts";
import { mintTag } from "../../core/tracking/token.ts";
import { COMPLAINT_CHANNEL } from "../../platform/events.ts";
import { createLog } from "../../platform/log.ts";
import { loadRules } from "../bounces/index.ts";
import { inboundMailSchema } from "../../contract/responses-inbound.ts";
import { pageOf } from "../../contract/responses.ts";
import {
  forgetInbound,
  forwardMails,
  type InboundDeps,
  processWaiting,
  registerInboundApi,
  registerInboundList,
  type SendMail,
  storeMails,
} from "./index.ts";

const BOUNCE_RULES = fileURLToPath(new URL("../../../rules/bounces", import.meta.url));
const OTHER_KEY = { id: 1, words: [9, 9, 9, 9] } as const;

let web: PublicPages;
let deps: InboundDeps;
beforeAll(async () => {
  const bounceRules = await loadRules(BOUNCE_RULES);
  web = await createPublicPages({
    api: (api, given) => {
      deps = { ...given, bounceRules };
      registerInboundApi(api, deps);
      registerInboundList(api, deps);
    },
  });
  for (const table of ["message_attempts", "message_reactions"]) {
    await web.db.query(`create table ${table}_of_tests partition of ${table} for values from (0) to (1000000)`);
  }
  const settings = { bounceDomain: "back.example", unqualifiedAddress: "people@shop.example" };
  await web.db.query("insert into platform_settings (settings, updated_at) values ($1, now())", [
    JSON.stringify(settings),
  ]);
});
afterAll(() => web.close());
beforeEach(async () => {
  web.clock.at = AT;
  for (const table of ["quarantine", "recipients", "inbound_mails", "reply_texts"]) {
    await web.db.query(`delete from ${table}`);
  }
});

/** Two messages that their servers took a minute ago. */
async function sent(status = "sent") {
  const seeded = await seedMessages(web.db, [{ address: "ada@one.example" }, { address: "bob@two.example" }]);
  const at = new Date(AT - 60_000);
  await web.db.query("update messages set status = $2, attempts = 1, final_at = $3 where part_id = $1", [
    seeded.partId,
    status,
    at,
  ]);
  await web.db.query(
    `insert into message_attempts (part_id, seq, attempt, at, kind, code, reply)
     select part_id, seq, 1, final_at, 'accepted', 250, 'ok' from messages where part_id = $1`,
    [seeded.partId],
  );
  const column = status === "in-doubt" ? "in_doubt" : "sent";
  await web.db.query(`update delivery_parts set pending = 0, ${column} = 2 where id = $1`, [seeded.partId]);
  return seeded;
}

const pathOf = (partId: number, seq = 0, key = KEY) => `news+${mintTag(key, { partId, seq })}@back.example`;

function bounce(to: string, action: string, diagnostic: string, returned = "Subject: Hello", who = "ada@one.example") {
  return [
    "From: MAILER-DAEMON@mx.one.example",
    `To: ${to}`,
    "Subject: Undelivered mail",
    'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
    "",
    "--b",
    "",
    "This is the mail system.",
    "--b",
    "Content-Type: message/delivery-status",
    "",
    "Reporting-MTA: dns; mx.one.example",
    "",
    `Final-Recipient: rfc822; ${who}`,
    `Action: ${action}`,
    `Diagnostic-Code: smtp; ${diagnostic}`,
    "",
    "--b",
    "Content-Type: text/rfc822-headers",
    "",
    returned,
    "--b--",
    "",
  ].join("\r\n");
}

function complaint(type: string, messageId: string) {
  return [
    "From: complaints@provider.example",
    "To: abuse@shop.example",
    "Subject: complaint",
    'Content-Type: multipart/report; report-type=feedback-report; boundary="b"',
    "",
    "--b",
    "",
    "A complaint.",
    "--b",
    "Content-Type: message/feedback-report",
    "",
    `Feedback-Type: ${type}`,
    "User-Agent: Provider/1.0",
    "Version: 1",
    "",
    "--b",
    "Content-Type: message/rfc822",
    "",
    `Message-ID: <${messageId}>`,
    "Subject: Hello",
    "",
    "Hello",
    "--b--",
    "",
  ].join("\r\n");
}

async function hand(mail: string): Promise<Record<string, unknown>> {
  const payload = { payload: mail, headers: { "content-type": "message/rfc822" } };
  return (await web.ask("POST", "/api/v1/inbound?sender=", payload)).json() as Record<string, unknown>;
}

async function stateOf(partId: number) {
  const [message] = await web.db.query(
    "select status, type, reason, attempts from messages where part_id = $1 and seq = 0",
    [partId],
  );
  const [part] = await web.db.query("select sent, failed, in_doubt from delivery_parts where id = $1", [partId]);
  const quarantined = await web.db.query<{ status: string }>("select status from quarantine order by match_key");
  return { message, part, quarantine: quarantined.map(({ status }) => status) };
}

const outcomes = async () =>
  (await web.db.query<{ outcome: string }>("select outcome from inbound_mails order by id")).map((r) => r.outcome);

const UNKNOWN = "550 5.1.1 User unknown";
const FULL = "452 4.2.2 Mailbox full";
const SPAM = "554 5.7.1 Message refused as spam";

describe("of a message that was sent", () => {
  test.each([
    [
      "failed",
      UNKNOWN,
      { status: "failed", type: "hard", reason: "user-unknown" },
      { sent: 1, failed: 1 },
      ["quarantined"],
    ],
    [
      "failed",
      FULL,
      { status: "failed", type: "soft", reason: "mailbox-full" },
      { sent: 1, failed: 1 },
      ["with-errors"],
    ],
    ["failed", SPAM, { status: "failed", reason: "refused" }, { sent: 1, failed: 1 }, []],
    [
      "delayed",
      FULL,
      { status: "sent", type: "soft", reason: "mailbox-full", attempts: 1 },
      { sent: 2, failed: 0 },
      [],
    ],
    ["delivered", "250 ok", { status: "sent", type: null, attempts: 1 }, { sent: 2, failed: 0 }, []],
  ])("%s, %s", async (action, diagnostic, message, part, quarantine) => {
    const { partId } = await sent();
    await hand(bounce(pathOf(partId), action, diagnostic));
    expect(await stateOf(partId)).toMatchObject({ message, part, quarantine });
  });

  test("the same bounce counts once, in log, quarantine and reply texts", async () => {
    const { partId } = await sent();
    const mail = bounce(pathOf(partId), "failed", FULL);
    expect(await hand(mail)).toEqual({ kind: "bounce", messageKey: `${partId}-0`, status: "failed", changed: true });
    const after = await stateOf(partId);
    expect(await hand(mail)).toMatchObject({ status: "failed", changed: false });
    expect(await stateOf(partId)).toEqual(after);
    expect(await web.db.query("select count from reply_texts")).toEqual([{ count: 1 }]);
    expect(await outcomes()).toEqual(["failed", "unchanged"]);
    const attempts = await web.db.query("select kind, reply from message_attempts where part_id = $1 and attempt = 2", [
      partId,
    ]);
    expect(attempts).toEqual([{ kind: "bounce", reply: FULL }]);
  });

  test("seven days after the last attempt it is only written down", async () => {
    const { partId } = await sent();
    const before = await stateOf(partId);
    web.clock.at = AT + 7 * DAY;
    expect(await hand(bounce(pathOf(partId), "failed", UNKNOWN))).toEqual({ kind: "other", why: "late" });
    expect(await stateOf(partId)).toEqual(before);
    expect(await outcomes()).toEqual(["late"]);
  });
});

test("one that is in doubt did arrive: its bounce says what became of it", async () => {
  const { partId } = await sent("in-doubt");
  await hand(bounce(pathOf(partId), "failed", UNKNOWN));
  expect(await stateOf(partId)).toMatchObject({ message: { status: "failed" }, part: { in_doubt: 1, failed: 1 } });
});

describe("whose message it is", () => {
  const idOf = (partId: number, key = KEY) => `${partId}-0.mi1a2b.${mintTag(key, { partId, seq: 0 })}@news.example`;

  test.each<[string, (partId: number) => string, string, string]>([
    ["its Message-ID", (id) => `Message-ID: <${idOf(id)}>`, "failed", "failed"],
    ["its Feedback-ID", (id) => `Feedback-ID: 7:bulk:${mintTag(KEY, { partId: id, seq: 0 })}:shop`, "failed", "failed"],
    ["nothing signed: a note", () => "Subject: Hello", "sent", "not-signed"],
  ])("by %s", async (_, returned, status, outcome) => {
    const { partId } = await sent();
    await hand(bounce("news@back.example", "failed", UNKNOWN, returned(partId)));
    expect(await stateOf(partId)).toMatchObject({ message: { status } });
    const [row] = await web.db.query("select part_id, seq, outcome from inbound_mails");
    expect(row).toEqual({ part_id: partId, seq: 0, outcome });
  });

  test.each<[string, (partId: number) => string]>([
    ["another installation's return path", (id) => bounce(pathOf(id, 0, OTHER_KEY), "failed", UNKNOWN)],
    [
      "another installation's Message-ID",
      (id) => bounce("news@back.example", "failed", UNKNOWN, `Message-ID: <${idOf(id, OTHER_KEY)}>`),
    ],
    ["an altered tag", (id) => bounce(pathOf(id).replace(/.@/, "!@"), "failed", UNKNOWN)],
    [
      "somebody else's address",
      (id) => bounce("news@back.example", "failed", UNKNOWN, `Message-ID: <${idOf(id)}>`, "eve@three.example"),
    ],
  ])("%s changes nothing", async (_, make) => {
    const { partId } = await sent();
    const before = await stateOf(partId);
    expect(await hand(make(partId))).toEqual({ kind: "other", why: "bounce" });
    expect(await stateOf(partId)).toEqual(before);
  });
});

describe("a complaint", () => {
  const idOf = (partId: number) => `${partId}-0.mi1a2b.${mintTag(KEY, { partId, seq: 0 })}@news.example`;
  const denylisted = () =>
    web.db.query("select address, denylist_reason as reason from recipients where denylisted_at is not null");

  test("of a person: denylist, mark, figure, once", async () => {
    const { partId, deliveryId } = await sent();
    const mail = complaint("abuse", idOf(partId));
    expect(await hand(mail)).toMatchObject({ kind: "complaint", address: "ada@one.example", changed: true });
    expect(await hand(mail)).toMatchObject({ kind: "complaint", changed: false });
    expect(await denylisted()).toEqual([{ address: "ada@one.example", reason: "complaint" }]);
    expect(await web.db.query("select seq, kind from message_reactions where part_id = $1", [partId])).toEqual([
      { seq: 0, kind: "complaint" },
    ]);
    expect(
      await web.db.query("select kind, recipients, total from tracking_counters where delivery_id = $1", [deliveryId]),
    ).toEqual([{ kind: "complaint", recipients: 1, total: 1 }]);
    expect(await stateOf(partId)).toMatchObject({ message: { status: "sent" }, quarantine: [] });
  });

  test("senders hear of it, with where the message had gone", async () => {
    const { partId } = await sent();
    await web.db.query(
      "insert into domain_sites (domain, site, provider, mx, seen_at) values ('one.example', 'mx.one.example', 'other', '{}', now())",
    );
    await web.db.query("update message_attempts set source_ip = '192.0.2.1' where part_id = $1", [partId]);
    const heard = Promise.withResolvers<string>();
    const listener = await web.db.listen(COMPLAINT_CHANNEL, (note) => note !== "" && heard.resolve(note));
    await hand(complaint("abuse", idOf(partId)));
    expect(JSON.parse(await heard.promise)).toEqual({
      partId,
      sourceId: null,
      source: "default",
      site: "mx.one.example",
      provider: "other",
      domain: "one.example",
    });
    await listener.close();
  });

  test("a report about signatures is nobody's complaint", async () => {
    const { partId } = await sent();
    await hand(complaint("auth-failure", idOf(partId)));
    expect(await denylisted()).toEqual([]);
  });
});

test.each(["ada@one.example", ""])(
  "an automatic answer from <%s> is noted at its message and changes nothing",
  async (sender) => {
    const { partId } = await sent();
    const before = await stateOf(partId);
    const mail = `From: ada@one.example\r\nTo: ${pathOf(partId)}\r\nAuto-Submitted: auto-replied\r\nSubject: Out of office\r\n\r\nI am away until Monday.\r\n`;
    const answer = await web.ask("POST", `/api/v1/inbound?sender=${sender}`, {
      payload: mail,
      headers: { "content-type": "message/rfc822" },
    });
    expect(answer.json()).toEqual({ kind: "other", why: sender === "" ? "bounce" : "automatic" });
    expect(await stateOf(partId)).toEqual(before);
    expect(await web.db.query("select kind, outcome, part_id, forward_to from inbound_mails")).toEqual([
      { kind: "auto-reply", outcome: "noted", part_id: partId, forward_to: [] },
    ]);
  },
);

describe("what is stored is processed by the worker", () => {
  const log = createLog("silent", "test");
  const store = (raw: string, recipient: string) =>
    storeMails(
      web.db,
      [{ raw: Buffer.from(raw), recipient, returnPath: "", source: "smtp", remote: "192.0.2.7", mailbox: null }],
      AT,
    );

  test("unless somebody handed it in and waits for what comes of it", async () => {
    const { partId } = await sent();
    let isOver = false;
    const worker = (async () => {
      while (!isOver) await processWaiting(deps, log);
    })();
    const kinds: unknown[] = [];
    for (let i = 0; i < 20; i++) kinds.push((await hand(complaint("abuse", `${partId}-0.x.y@news.example`))).kind);
    isOver = true;
    await worker;
    expect(new Set(kinds)).toEqual(new Set(["other"]));
  });

  test("once, however many work on it", async () => {
    const { partId } = await sent();
    await store(bounce("x@y.example", "failed", FULL), pathOf(partId));
    await Promise.all([processWaiting(deps, log), processWaiting(deps, log), processWaiting(deps, log)]);
    expect(await stateOf(partId)).toMatchObject({ message: { status: "failed", attempts: 2 }, part: { failed: 1 } });
    expect(await outcomes()).toEqual(["failed"]);
  });

  test("again, when whoever took it died: that counts once", async () => {
    const { partId } = await sent();
    await store(bounce("x@y.example", "failed", FULL), pathOf(partId));
    await processWaiting(deps, log);
    // It died before it wrote down that it was done.
    await web.db.query("update inbound_mails set state = 'waiting'");
    web.clock.at = AT + 10 * 60_000;
    expect(await processWaiting(deps, log)).toBe(1);
    expect(await stateOf(partId)).toMatchObject({ message: { attempts: 2 }, part: { failed: 1 } });
    expect(await processWaiting(deps, log)).toBe(0);
  });

  test("later, when it is faster than the sender's own note", async () => {
    const { partId } = await sent("pending");
    await web.db.query("update delivery_parts set owner = 'a-1', pending = 2, sent = 0 where id = $1", [partId]);
    await store(bounce("x@y.example", "failed", UNKNOWN), pathOf(partId));
    await processWaiting(deps, log);
    expect(await web.db.query("select state, outcome from inbound_mails")).toEqual([
      { state: "waiting", outcome: null },
    ]);
    await web.db.query("update delivery_parts set owner = null, pending = 0, sent = 2 where id = $1", [partId]);
    await web.db.query("update messages set status = 'sent' where part_id = $1", [partId]);
    web.clock.at = AT + 60_000;
    await processWaiting(deps, log);
    expect(await stateOf(partId)).toMatchObject({ message: { status: "failed" } });
  });
});

describe("copies for people", () => {
  const tell = (settings: object) =>
    web.db.query("update platform_settings set settings = settings || $1", [JSON.stringify(settings)]);
  const STRANGE = "550 zorgle blat frumious wibble";

  type Sent = Parameters<SendMail>[0];
  async function forwardAll(ok = true): Promise<Sent[]> {
    const sentMails: Sent[] = [];
    const sendMail: SendMail = async (mail) => {
      sentMails.push(mail);
      return { ok, detail: ok ? "" : "451 later" };
    };
    await forwardMails({ db: web.db, now: deps.now, sendMail });
    return sentMails;
  }

  test("what nobody could read goes to the address for it, as it came, and not again when it comes back", async () => {
    const { partId } = await sent();
    const mail = bounce(pathOf(partId), "failed", STRANGE);
    await hand(mail);
    const [copy, ...more] = await forwardAll();
    expect(more).toEqual([]);
    expect(copy?.to.address).toBe("people@shop.example");
    expect(copy?.message.endsWith(mail)).toBe(true);
    await hand(copy?.message ?? "");
    expect(await forwardAll()).toEqual([]);
  });

  test("what was understood goes nowhere, or to whom wants all", async () => {
    const { partId } = await sent();
    await hand(bounce(pathOf(partId), "failed", UNKNOWN));
    expect(await forwardAll()).toEqual([]);
    await tell({ forwardAddress: "all@shop.example" });
    await hand(bounce(pathOf(partId, 1), "failed", UNKNOWN, "Subject: Hello", "bob@two.example"));
    expect((await forwardAll()).map(({ to }) => to.address)).toEqual(["all@shop.example"]);
    await tell({ forwardAddress: "" });
  });

  test("what is another installation's is nobody's to look at", async () => {
    const { partId } = await sent();
    await hand(bounce(pathOf(partId, 0, OTHER_KEY), "failed", STRANGE));
    expect(await forwardAll()).toEqual([]);
  });

  test("a copy that is not taken is owed for five days, and its mail is kept", async () => {
    const { partId } = await sent();
    await hand(bounce(pathOf(partId), "failed", STRANGE));
    expect(await forwardAll(false)).toHaveLength(1);
    expect(await forwardAll(false)).toHaveLength(0);
    web.clock.at = AT + DAY;
    expect(await forwardAll(false)).toHaveLength(1);
    web.clock.at = AT + 5 * DAY;
    await forwardAll(false);
    web.clock.at = AT + 9 * DAY;
    expect(await forwardAll(false)).toEqual([]);
    const rows = await web.db.query("select forward_to, forward_error from inbound_mails");
    expect(rows).toEqual([{ forward_to: ["people@shop.example"], forward_error: "people@shop.example: 451 later" }]);
  });
});

describe("looking at what came", () => {
  const list = async (query: string) => {
    const answer = await web.ask("GET", `/api/v1/inbound-mails${query}`);
    return pageOf(inboundMailSchema).parse(answer.json());
  };

  test("newest first, by kind, outcome, delivery, message and address, in pages", async () => {
    const { partId, deliveryId } = await sent();
    await hand(bounce(pathOf(partId), "failed", UNKNOWN));
    await hand(bounce(pathOf(partId, 1), "delayed", FULL, "Subject: Hello", "bob@two.example"));
    await hand("From: eve@three.example\r\nTo: news@back.example\r\nSubject: Hello\r\n\r\nHow are you?\r\n");
    const { data } = await list("");
    expect(data.map(({ kind, messageKey }) => [kind, messageKey])).toEqual([
      ["other", null],
      ["delayed", `${partId}-1`],
      ["bounce", `${partId}-0`],
    ]);
    const first = await list("?limit=2");
    expect((await list(`?limit=2&cursor=${first.nextCursor}`)).data).toEqual(data.slice(2));
    for (const query of [
      "kind=bounce",
      "outcome=failed",
      `message=${partId}-0`,
      "address=ADA@one.example",
      `delivery=${deliveryId}&kind=bounce`,
    ]) {
      expect((await list(`?${query}`)).data).toEqual(data.slice(2));
    }
    expect((await list("?state=waiting")).data).toEqual([]);
  });

  test("the mail itself is text for a file, until it is forgotten; what is known of it stays longer", async () => {
    const raw = "Content-Type: text/html\r\n\r\n<script>alert(1)</script>\r\n";
    await hand(raw);
    const [row] = (await list("")).data;
    const path = `/api/v1/inbound-mails/${row?.id}/raw`;
    const answer = await web.ask("GET", path);
    expect(answer.body).toBe(raw);
    expect(answer.headers).toMatchObject({
      "content-type": "text/plain; charset=us-ascii",
      "x-content-type-options": "nosniff",
      "content-disposition": `attachment; filename="inbound-${row?.id}.txt"`,
    });
    await web.db.query("update inbound_mails set forward_at = null");
    await forgetInbound(web.db, AT + 30 * DAY);
    expect((await web.ask("GET", path)).status).toBe(200);
    await forgetInbound(web.db, AT + 30 * DAY + 1);
    expect((await web.ask("GET", path)).status).toBe(404);
    expect((await list("")).data).toMatchObject([{ id: row?.id, hasRaw: false }]);
    await forgetInbound(web.db, AT + 180 * DAY + 1);
    expect((await list("")).data).toEqual([]);
  });
});
