/**
 * Several relays with weights, one that dies, and relays whose word is not the last. The installation sends to MX hosts itself: it is the
 * deliveries that choose the relays.
 */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

import type { MessageStatus } from "../../src/core/delivery/status.ts";
import { expectAccountingHolds, expectOnceEach } from "./accounting.ts";
import { ShapingRig } from "./shaping-rig.ts";
import type { SmtpSink, Taken } from "./smtp-sink.ts";
import { until } from "./until.ts";

let rig: ShapingRig;
let large: SmtpSink;
let small: SmtpSink;

beforeAll(async () => {
  rig = await ShapingRig.open({
    domains: ["large.example", "small.example"],
    keepsSource: true,
    keepsDialogue: true,
    env: (sinks) => ({
      ENVOI_ROUTES: "",
      ENVOI_TRANSPORT: "direct",
      ENVOI_RELAY: sinks.map((sink, i) => `smtp://127.0.1.${i + 1}:${sink.port}?weight=${i === 0 ? 3 : 1}`).join(" "),
      ENVOI_RELAY_PROFILE: "confirmed",
    }),
  });
  [large, small] = [rig.sink("large.example"), rig.sink("small.example")];
  for (const sink of [large, small]) {
    sink.script = ({ stage }) => (stage === "ehlo" ? "250-relay.example\r\n250-PIPELINING\r\n250 DSN" : undefined);
  }
  await rig.call("PUT", "/settings", { bounceDomain: "bounce.example", errorAddress: "errors@bounce.example" });
});

afterEach(() => rig.stopAll());
afterAll(() => rig.close());

const SENDS = { count: 400, domains: ["one.example", "two.example"], settings: { transport: "relay" } };

function report(message: Taken, action: string, fields: readonly string[]): string {
  return [
    "From: MAILER-DAEMON@relay.example",
    `To: ${message.mailFrom}`,
    "Subject: Delivery Status Notification",
    'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
    "",
    "--b",
    "",
    "This is the mail system at relay.example.",
    "--b",
    "Content-Type: message/delivery-status",
    "",
    "Reporting-MTA: dns; relay.example",
    "",
    `Final-Recipient: rfc822; ${message.address}`,
    `Action: ${action}`,
    ...fields,
    "",
    "--b--",
    "",
  ].join("\r\n");
}

async function handIn(mail: string): Promise<{ kind: string; status?: MessageStatus }> {
  const answer = await fetch(`${rig.address}/api/v1/inbound`, {
    method: "POST",
    headers: { ...rig.authorization, "content-type": "message/rfc822" },
    body: mail,
  });
  return (await answer.json()) as { kind: string };
}

test("relays share by weight; what they took is settled by their reports", async () => {
  const id = await rig.prepare(SENDS);
  await rig.confirm(id);
  await until(() => large.taken.length + small.taken.length === 400);
  expect(Math.abs(large.taken.length / 400 - 0.75)).toBeLessThan(0.08);
  const commands = [...large.connections, ...small.connections].flatMap(({ lines }) => lines ?? []);
  const recipients = commands.filter((line) => line.startsWith("C: RCPT"));
  expect(recipients).toHaveLength(400);
  for (const line of recipients) expect(line).toContain("NOTIFY=SUCCESS,FAILURE");
  const taken = await until(async () => {
    const now = await rig.indicators(id);
    return now.takenIntoAccount === 400 && now;
  });
  expect(taken).toMatchObject({ state: "in-progress", sent: 0, failed: 0 });

  const messages = [...large.taken, ...small.taken];
  for (const [i, message] of messages.entries()) {
    const hasFailed = i % 10 === 0;
    const fields = hasFailed ? ["Status: 5.2.2", "Diagnostic-Code: smtp; 552 5.2.2 Mailbox full"] : ["Status: 2.0.0"];
    const word = await handIn(report(message, hasFailed ? "failed" : "delivered", fields));
    expect(word).toMatchObject({ kind: "final-word", status: hasFailed ? "failed" : "sent" });
  }
  expect(await rig.untilState(id, "finished")).toMatchObject({ sent: 360, failed: 40, takenIntoAccount: 0 });
  await expectAccountingHolds(rig.database.db, id);
});

test("when a relay is gone, the other one takes its messages over", async () => {
  const before = new Map(small.timesTaken);
  const { port } = large;
  await large.close();
  const id = await rig.prepare({ ...SENDS, name: "q" });
  await rig.confirm(id);
  await until(async () => {
    await rig.hurryMessages();
    return small.timesTaken.size === before.size + 400;
  });
  await until(async () => (await rig.indicators(id)).takenIntoAccount === 400);
  expect([...small.timesTaken.keys()].filter((address) => address.startsWith("q"))).toHaveLength(400);
  await expectOnceEach(rig.database.db, id, small.timesTaken);
  const event = await rig.untilEvent(({ cause }) => cause.kind === "site-failure");
  expect(event).toMatchObject({
    scope: { kind: "lane", site: `relay 127.0.1.1:${port}` },
    effect: { kind: "suspend" },
  });
});
