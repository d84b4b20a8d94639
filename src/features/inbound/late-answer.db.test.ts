/** Bounces and delays about messages that were handed over, with real tags and a real database: what each does. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import {
  bounce,
  createInboundRig,
  FULL,
  idOf,
  type InboundRig,
  OTHER_KEY,
  pathOf,
  SPAM,
  UNKNOWN,
} from "../../../test/inbound-rig.ts";
import { AT, KEY } from "../../../test/public-pages.ts";
import { DAY } from "../../core/time.ts";
import { mintTag } from "../../core/tracking/token.ts";
import { loadNewQuarantines } from "../quarantine/index.ts";

let rig: InboundRig;
beforeAll(async () => {
  rig = await createInboundRig();
});
afterAll(() => rig.web.close());
beforeEach(() => rig.clear());

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
    const { partId, deliveryId } = await rig.sent();
    await rig.hand(bounce(pathOf(partId), action, diagnostic));
    expect(await rig.stateOf(partId)).toMatchObject({ message, part, quarantine });
    const newOnes = quarantine.filter((status) => status === "quarantined").length;
    expect(await loadNewQuarantines(rig.web.db, deliveryId)).toBe(newOnes);
  });

  test("the same bounce counts once, in log, quarantine and reply texts", async () => {
    const { partId } = await rig.sent();
    const mail = bounce(pathOf(partId), "failed", FULL);
    expect(await rig.hand(mail)).toEqual({
      kind: "bounce",
      messageKey: `${partId}-0`,
      status: "failed",
      changed: true,
    });
    const after = await rig.stateOf(partId);
    expect(await rig.hand(mail)).toMatchObject({ status: "failed", changed: false });
    expect(await rig.stateOf(partId)).toEqual(after);
    expect(await rig.web.db.query("select count from reply_texts")).toEqual([{ count: 1 }]);
    expect(await rig.outcomes()).toEqual(["failed", "unchanged"]);
    const attempts = await rig.web.db.query(
      "select kind, reply from message_attempts where part_id = $1 and attempt = 2",
      [partId],
    );
    expect(attempts).toEqual([{ kind: "bounce", reply: FULL }]);
  });

  test("seven days after the last attempt it is only written down", async () => {
    const { partId } = await rig.sent();
    const before = await rig.stateOf(partId);
    rig.web.clock.at = AT + 7 * DAY;
    expect(await rig.hand(bounce(pathOf(partId), "failed", UNKNOWN))).toEqual({ kind: "other", why: "late" });
    expect(await rig.stateOf(partId)).toEqual(before);
    expect(await rig.outcomes()).toEqual(["late"]);
    expect(await rig.web.db.query("select type, providers from reply_texts")).toEqual([
      { type: "hard", providers: ["other"] },
    ]);
  });
});

describe("a notice that something waits", () => {
  const notice = (partId: number) =>
    `From: MAILER-DAEMON@mx.one.example\r\nTo: ${pathOf(partId)}\r\nSubject: Warning: message delayed 4 hours\r\n\r\nThis is a warning message only. You do not need to resend your message.\r\nYour message to <ada@one.example> has been delayed. We will keep trying for 5 days.\r\n`;

  test("and says no cause means that it could not get through; nobody has to look at it", async () => {
    const { partId } = await rig.sent();
    await rig.hand(notice(partId));
    const message = { status: "sent", type: "soft", reason: "unreachable", attempts: 1 };
    expect(await rig.stateOf(partId)).toEqual({ message, part: { sent: 2, failed: 0, in_doubt: 0 }, quarantine: [] });
    expect(await rig.web.db.query("select kind, outcome, forward_to from inbound_mails")).toEqual([
      { kind: "delayed", outcome: "reason", forward_to: [] },
    ]);
  });

  test("keeps the cause that an earlier one said", async () => {
    const { partId } = await rig.sent();
    await rig.hand(bounce(pathOf(partId), "delayed", FULL));
    await rig.hand(notice(partId));
    expect(await rig.stateOf(partId)).toMatchObject({ message: { type: "soft", reason: "mailbox-full" } });
    expect(await rig.outcomes()).toEqual(["reason", "unchanged"]);
  });
});

test("one that is in doubt did arrive: its bounce says what became of it", async () => {
  const { partId } = await rig.sent("in-doubt");
  await rig.hand(bounce(pathOf(partId), "failed", UNKNOWN));
  expect(await rig.stateOf(partId)).toMatchObject({ message: { status: "failed" }, part: { in_doubt: 1, failed: 1 } });
});

describe("whose message it is", () => {
  test.each<[string, (partId: number) => string, string, string]>([
    ["its Message-ID", (id) => `Message-ID: <${idOf(id)}>`, "failed", "failed"],
    ["its Feedback-ID", (id) => `Feedback-ID: 7:bulk:${mintTag(KEY, { partId: id, seq: 0 })}:shop`, "failed", "failed"],
    ["nothing signed: a note", () => "Subject: Hello", "sent", "not-signed"],
  ])("by %s", async (_, returned, status, outcome) => {
    const { partId } = await rig.sent();
    await rig.hand(bounce("news@back.example", "failed", UNKNOWN, returned(partId)));
    expect(await rig.stateOf(partId)).toMatchObject({ message: { status } });
    const [row] = await rig.web.db.query("select part_id, seq, outcome from inbound_mails");
    expect(row).toEqual({ part_id: partId, seq: 0, outcome });
  });

  test("what matches no message is known by its text, apart from what is signed; what is not ours is not", async () => {
    const { partId } = await rig.sent();
    await rig.hand(bounce("news@back.example", "failed", UNKNOWN));
    await rig.hand(bounce(pathOf(partId, 7), "failed", FULL));
    await rig.hand(bounce(pathOf(partId, 0, OTHER_KEY), "failed", SPAM));
    expect(await rig.web.db.query("select reason, providers, stages from reply_texts order by id")).toEqual([
      { reason: "user-unknown", providers: ["unsigned"], stages: ["async"] },
      { reason: "mailbox-full", providers: ["other"], stages: ["async"] },
    ]);
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
    const { partId } = await rig.sent();
    const before = await rig.stateOf(partId);
    expect(await rig.hand(make(partId))).toEqual({ kind: "other", why: "bounce" });
    expect(await rig.stateOf(partId)).toEqual(before);
  });
});
