/** What people get to see of mail that came in: copies of what nobody could read, the list, the mails themselves. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import {
  bounce,
  createInboundRig,
  FULL,
  type InboundRig,
  OTHER_KEY,
  pathOf,
  UNKNOWN,
} from "../../../test/inbound-rig.ts";
import { AT } from "../../../test/public-pages.ts";
import { inboundMailDetailSchema, inboundMailSchema } from "../../contract/responses-inbound.ts";
import { pageOf } from "../../contract/responses.ts";
import { DAY } from "../../core/time.ts";
import { forgetInbound, forwardMails, type SendMail } from "./index.ts";

let rig: InboundRig;
beforeAll(async () => {
  rig = await createInboundRig();
});
afterAll(() => rig.web.close());
beforeEach(() => rig.clear());

describe("copies for people", () => {
  const tell = (settings: object) =>
    rig.web.db.query("update platform_settings set settings = settings || $1", [JSON.stringify(settings)]);
  const STRANGE = "550 zorgle blat frumious wibble";

  type Sent = Parameters<SendMail>[0];
  async function forwardAll(ok = true): Promise<Sent[]> {
    const sentMails: Sent[] = [];
    const sendMail: SendMail = async (mail) => {
      sentMails.push(mail);
      return { ok, detail: ok ? "" : "451 later" };
    };
    await forwardMails({ db: rig.web.db, now: rig.deps.now, sendMail });
    return sentMails;
  }

  test("what nobody could read goes to the address for it, as it came, and not again when it comes back", async () => {
    const { partId } = await rig.sent();
    const mail = bounce(pathOf(partId), "failed", STRANGE);
    await rig.hand(mail);
    const [copy, ...more] = await forwardAll();
    expect(more).toEqual([]);
    expect(copy?.to.address).toBe("people@shop.example");
    expect(copy?.message.endsWith(mail)).toBe(true);
    await rig.hand(copy?.message ?? "");
    expect(await forwardAll()).toEqual([]);
  });

  test("a delivery with an address of its own for them has them there", async () => {
    const { deliveryId, partId } = await rig.sent();
    await rig.web.db.query(
      `update deliveries set sender = sender || '{"unqualifiedAddress": "shop@two.example"}' where id = $1`,
      [deliveryId],
    );
    await rig.hand(bounce(pathOf(partId), "failed", STRANGE));
    expect((await forwardAll()).map(({ to }) => to.address)).toEqual(["shop@two.example"]);
  });

  test("what was understood goes nowhere, or to whom wants all", async () => {
    const { partId } = await rig.sent();
    await rig.hand(bounce(pathOf(partId), "failed", UNKNOWN));
    expect(await forwardAll()).toEqual([]);
    await tell({ forwardAddress: "all@shop.example" });
    await rig.hand(bounce(pathOf(partId, 1), "failed", UNKNOWN, "Subject: Hello", "bob@two.example"));
    expect((await forwardAll()).map(({ to }) => to.address)).toEqual(["all@shop.example"]);
    await tell({ forwardAddress: "" });
  });

  test("what is another installation's is nobody's to look at", async () => {
    const { partId } = await rig.sent();
    await rig.hand(bounce(pathOf(partId, 0, OTHER_KEY), "failed", STRANGE));
    expect(await forwardAll()).toEqual([]);
  });

  test("a copy that is not taken is owed for five days, and its mail is kept", async () => {
    const { partId } = await rig.sent();
    await rig.hand(bounce(pathOf(partId), "failed", STRANGE));
    expect(await forwardAll(false)).toHaveLength(1);
    expect(await forwardAll(false)).toHaveLength(0);
    rig.web.clock.at = AT + DAY;
    expect(await forwardAll(false)).toHaveLength(1);
    rig.web.clock.at = AT + 5 * DAY;
    await forwardAll(false);
    rig.web.clock.at = AT + 9 * DAY;
    expect(await forwardAll(false)).toEqual([]);
    const rows = await rig.web.db.query("select forward_to, forward_error from inbound_mails");
    expect(rows).toEqual([{ forward_to: ["people@shop.example"], forward_error: "people@shop.example: 451 later" }]);
  });
});

describe("looking at what came", () => {
  const list = async (query: string) => {
    const answer = await rig.web.ask("GET", `/api/v1/inbound-mails${query}`);
    return pageOf(inboundMailSchema).parse(answer.json());
  };

  test("newest first, by kind, outcome, delivery, message and address, in pages", async () => {
    const { partId, deliveryId } = await rig.sent();
    await rig.hand(bounce(pathOf(partId), "failed", UNKNOWN));
    await rig.hand(bounce(pathOf(partId, 1), "delayed", FULL, "Subject: Hello", "bob@two.example"));
    await rig.hand("From: eve@three.example\r\nTo: news@back.example\r\nSubject: Hello\r\n\r\nHow are you?\r\n");
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

  test("one mail says of each recipient what the rules of now make of it, as long as it is kept", async () => {
    const { partId } = await rig.sent();
    await rig.hand(bounce(pathOf(partId), "failed", UNKNOWN));
    const [row] = (await list("")).data;
    const read = async () => {
      const answer = await rig.web.ask("GET", `/api/v1/inbound-mails/${row?.id}`);
      return inboundMailDetailSchema.parse(answer.json());
    };
    expect(await read()).toMatchObject({
      ...row,
      reports: [{ address: "ada@one.example", type: "hard", reason: "user-unknown", rule: row?.rule }],
    });
    await rig.web.db.query("update inbound_mails set raw = null");
    expect(await read()).toEqual({ ...row, hasRaw: false, reports: null });
    expect((await rig.web.ask("GET", "/api/v1/inbound-mails/999999")).status).toBe(404);
  });

  test("the mail itself is text for a file, until it is forgotten; what is known of it stays longer", async () => {
    const raw = "Content-Type: text/html\r\n\r\n<script>alert(1)</script>\r\n";
    await rig.hand(raw);
    const [row] = (await list("")).data;
    const path = `/api/v1/inbound-mails/${row?.id}/raw`;
    const answer = await rig.web.ask("GET", path);
    expect(answer.body).toBe(raw);
    expect(answer.headers).toMatchObject({
      "content-type": "text/plain; charset=us-ascii",
      "x-content-type-options": "nosniff",
      "content-disposition": `attachment; filename="inbound-${row?.id}.txt"`,
    });
    await rig.web.db.query("update inbound_mails set forward_at = null");
    await forgetInbound(rig.web.db, AT + 30 * DAY);
    expect((await rig.web.ask("GET", path)).status).toBe(200);
    await forgetInbound(rig.web.db, AT + 30 * DAY + 1);
    expect((await rig.web.ask("GET", path)).status).toBe(404);
    expect((await list("")).data).toMatchObject([{ id: row?.id, hasRaw: false }]);
    await forgetInbound(rig.web.db, AT + 180 * DAY + 1);
    expect((await list("")).data).toEqual([]);
  });
});
