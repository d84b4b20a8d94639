/** Complaints and automatic answers about messages that were sent: who hears of them, and what they change. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { complaint, createInboundRig, idOf, type InboundRig, pathOf } from "../../../test/inbound-rig.ts";
import { COMPLAINT_CHANNEL } from "../../platform/events.ts";

let rig: InboundRig;
beforeAll(async () => {
  rig = await createInboundRig();
});
afterAll(() => rig.web.close());
beforeEach(() => rig.clear());

describe("a complaint", () => {
  const denylisted = () =>
    rig.web.db.query("select address, denylist_reason as reason from recipients where denylisted_at is not null");

  test("of a person: denylist, mark, figure, once", async () => {
    const { partId, deliveryId } = await rig.sent();
    const mail = complaint("abuse", idOf(partId));
    expect(await rig.hand(mail)).toMatchObject({ kind: "complaint", address: "ada@one.example", changed: true });
    expect(await rig.hand(mail)).toMatchObject({ kind: "complaint", changed: false });
    expect(await denylisted()).toEqual([{ address: "ada@one.example", reason: "complaint" }]);
    expect(await rig.web.db.query("select seq, kind from message_reactions where part_id = $1", [partId])).toEqual([
      { seq: 0, kind: "complaint" },
    ]);
    expect(
      await rig.web.db.query("select kind, recipients, total from tracking_counters where delivery_id = $1", [
        deliveryId,
      ]),
    ).toEqual([{ kind: "complaint", recipients: 1, total: 1 }]);
    expect(await rig.stateOf(partId)).toMatchObject({ message: { status: "sent" }, quarantine: [] });
  });

  test("senders hear of it, with where the message had gone", async () => {
    const { partId } = await rig.sent();
    await rig.web.db.query(
      "insert into domain_sites (domain, site, provider, mx, seen_at) values ('one.example', 'mx.one.example', 'other', '{}', now())",
    );
    await rig.web.db.query("update message_attempts set source_ip = '192.0.2.1' where part_id = $1", [partId]);
    const heard = Promise.withResolvers<string>();
    const listener = await rig.web.db.listen(COMPLAINT_CHANNEL, (note) => note !== "" && heard.resolve(note));
    await rig.hand(complaint("abuse", idOf(partId)));
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
    const { partId } = await rig.sent();
    await rig.hand(complaint("auth-failure", idOf(partId)));
    expect(await denylisted()).toEqual([]);
  });
});

test.each(["ada@one.example", ""])(
  "an automatic answer from <%s> is noted at its message and changes nothing",
  async (sender) => {
    const { partId } = await rig.sent();
    const before = await rig.stateOf(partId);
    const mail = `From: ada@one.example\r\nTo: ${pathOf(partId)}\r\nAuto-Submitted: auto-replied\r\nSubject: Out of office\r\n\r\nI am away until Monday.\r\n`;
    const answer = await rig.web.ask("POST", `/api/v1/inbound?sender=${sender}`, {
      payload: mail,
      headers: { "content-type": "message/rfc822" },
    });
    expect(answer.json()).toEqual({ kind: "other", why: sender === "" ? "bounce" : "automatic" });
    expect(await rig.stateOf(partId)).toEqual(before);
    expect(await rig.web.db.query("select kind, outcome, part_id, forward_to from inbound_mails")).toEqual([
      { kind: "auto-reply", outcome: "noted", part_id: partId, forward_to: [] },
    ]);
  },
);
