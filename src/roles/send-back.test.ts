/** What the sandbox sends back, over a real socket: taken as it is, once more when it was not taken, never again when it was refused. */
import { afterEach, expect, test } from "vitest";

import { type Listener, type ReceivedMail, startListener } from "../adapters/smtp-listener/smtp-listener.ts";
import { loadConfig } from "../platform/config.ts";
import type { Log } from "../platform/log.ts";
import type { LaterReport } from "../sandbox/index.ts";
import { createSendBack } from "./send-back.ts";

let listener: Listener | null = null;
afterEach(async () => {
  await listener?.close();
  listener = null;
});

const RAW = "Subject: no\r\n\r\n.\r\n..\r\n.hidden\r\nJ\xfcrgen\r\n";
const report: LaterReport = {
  dueAt: 0,
  kind: "bounce",
  mailFrom: "",
  rcptTo: "back+tag@sender.example",
  raw: Buffer.from(RAW, "latin1"),
};

/** What the server kept, what is to be sent again, what was said. */
async function sendTo(store: (mail: ReceivedMail) => Promise<void>, given = report, isRecipient = true) {
  const taken: ReceivedMail[] = [];
  const again: LaterReport[] = [];
  const said: unknown[] = [];
  listener = await startListener({
    host: "127.0.0.1",
    port: 0,
    name: "mx.sender.example",
    tls: null,
    maxBytes: 100_000,
    isRecipient: () => Promise.resolve(isRecipient),
    store: async (mail) => {
      await store(mail);
      taken.push(mail);
    },
    onError: () => {},
  });
  const sendBack = createSendBack({
    config: loadConfig({}),
    log: { warn: (facts: unknown) => said.push(facts) } as unknown as Log,
    door: { host: "127.0.0.1", port: listener.port },
    now: () => 1000,
    again: (later) => again.push(later),
  });
  await sendBack(given);
  return { taken, again, said };
}

test("arrives byte for byte, lines that begin with a dot too", async () => {
  const { taken, again, said } = await sendTo(() => Promise.resolve());
  expect(taken.map(({ returnPath, recipients }) => [returnPath, recipients])).toEqual([["", [report.rcptTo]]]);
  expect(Buffer.from(taken[0]?.raw ?? []).toString("latin1")).toBe(RAW);
  expect([again, said]).toEqual([[], []]);
});

test("what could not be kept is sent again, and given up in the end", async () => {
  const fail = () => Promise.reject(new Error("the database is away"));
  expect((await sendTo(fail)).again).toEqual([{ ...report, dueAt: 16_000, tries: 1 }]);
  await listener?.close();
  const { again, said } = await sendTo(fail, { ...report, tries: 19 });
  expect(again).toEqual([]);
  expect(said).toEqual([{ to: report.rcptTo, kind: "bounce", detail: expect.stringMatching(/^451 /) }]);
});

test("what nobody here gets is not sent again", async () => {
  const { again, said } = await sendTo(() => Promise.resolve(), report, false);
  expect(again).toEqual([]);
  expect(said).toEqual([{ to: report.rcptTo, kind: "bounce", detail: expect.stringMatching(/^550 /) }]);
});

test("an address that is none goes nowhere", async () => {
  expect(await sendTo(() => Promise.resolve(), { ...report, rcptTo: "x" })).toEqual({ taken: [], again: [], said: [] });
});
