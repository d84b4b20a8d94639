import { beforeAll, describe, expect, it } from "vitest";
import type { CompiledRules } from "../../core/bounce/qualify.ts";
import type { InboundReading, MailKind, RecipientReport } from "../../core/inbound/reading.ts";
import { loadRules, qualifyLines } from "./index.ts";

let rules: CompiledRules;
beforeAll(async () => {
  rules = await loadRules(new URL("../../../rules/bounces", import.meta.url).pathname);
});

/** Mails by the names of their files. */
const mails: Record<string, InboundReading> = {};

function readFile(file: string): Promise<InboundReading> {
  const mail = mails[file];
  return mail === undefined ? Promise.reject(new Error("no such file")) : Promise.resolve(mail);
}

async function run(...lines: string[]): Promise<unknown[]> {
  const out: unknown[] = [];
  for await (const line of qualifyLines(rules, lines, readFile)) out.push(JSON.parse(line));
  return out;
}

const one = async (input: object) => (await run(JSON.stringify(input)))[0];

describe("qualifyLines", () => {
  it("answers a bounce in the shape of the contract", async () => {
    expect(
      await one({ id: "r1", reply: "550 5.1.1 <a@example.com>: User unknown", stage: "rcpt", mx: "MX.example.com." }),
    ).toEqual({
      id: "r1",
      kind: "bounce",
      recipients: [
        {
          address: "a@example.com",
          type: "hard",
          reason: "user-unknown",
          code: 550,
          enhancedCode: "5.1.1",
          diagnostic: "550 5.1.1 <a@example.com>: User unknown",
          rule: "user-unknown",
        },
      ],
    });
  });

  it.each([
    ["450 4.2.0 Greylisted", "delayed"],
    ["421 4.7.1 [TS03] All messages will be permanently deferred", "bounce"],
    ["550 5.2.2 mailbox full", "bounce"],
    ["550 wibble", "bounce"],
    ["250 2.0.0 queued", "success"],
    ["no such user", "bounce"],
    ["4.4.7 message delayed", "delayed"],
    ["I am out of office until Monday", "auto-reply"],
  ])("%s is %s", async (reply, kind) => {
    expect(await one({ id: 1, reply })).toMatchObject({ id: 1, kind });
  });

  it("takes the stage from the text when it is not given", async () => {
    const reply = "host mx.example.com said: 550 5.1.1 go (in reply to MAIL FROM command)";
    expect(await one({ id: 1, reply })).toMatchObject({ recipients: [{ type: "soft", reason: "refused" }] });
    expect(await one({ id: 1, reply, stage: "rcpt" })).toMatchObject({ recipients: [{ type: "hard" }] });
  });

  it("joins the lines of a reply", async () => {
    const reply = "550-5.1.1 The account that you tried\r\n550 5.1.1 to reach does not exist";
    expect(await one({ id: 1, reply })).toMatchObject({ recipients: [{ reason: "user-unknown", address: null }] });
  });

  it("reports bad lines by their number and goes on", async () => {
    const out = await run(
      "{",
      '{"reply":"550 no"}',
      "",
      '{"id":"f","file":"gone.eml"}',
      '{"id":"n"}',
      '{"id":"s","reply":"550","stage":"x"}',
      '{"id":"ok","reply":"550 no such user"}',
    );
    expect(out).toEqual([
      { line: 1, error: expect.stringContaining("not JSON") },
      { line: 2, error: expect.stringContaining("id:") },
      { id: "f", line: 4, error: "file gone.eml: no such file" },
      { id: "n", line: 5, error: "reply or file is missing" },
      { id: "s", line: 6, error: expect.stringContaining("stage:") },
      expect.objectContaining({ id: "ok", kind: "bounce" }),
    ]);
  });
});

describe("a mail in a file", () => {
  const report = (action: RecipientReport["action"], text: string, address: string | null = "a@one.example") => ({
    address,
    original: "b@two.example",
    action,
    answer: { stage: "async", code: 550, enhanced: "5.1.1", text, mx: null } as const,
  });
  const qualified = (kind: MailKind, ...recipients: RecipientReport[]) => {
    mails["m.eml"] = { kind, recipients, envelopeId: null, returned: null, format: null };
    return one({ id: "m", file: "m.eml" });
  };

  it("says of each recipient what the rules say of the answer that it quotes", async () => {
    expect(
      await qualified("bounce", report("failed", "550 5.1.1 User unknown"), report("delivered", "250 ok", null)),
    ).toEqual({
      id: "m",
      kind: "bounce",
      recipients: [
        {
          address: "a@one.example",
          type: "hard",
          reason: "user-unknown",
          code: 550,
          enhancedCode: "5.1.1",
          diagnostic: "550 5.1.1 User unknown",
          rule: "user-unknown",
        },
        {
          address: "b@two.example",
          type: "ignored",
          reason: "error-ignored",
          code: 550,
          enhancedCode: "5.1.1",
          diagnostic: "250 ok",
          rule: null,
        },
      ],
    });
  });

  it.each<[MailKind, RecipientReport, object]>([
    ["delayed", report("delayed", "550 5.1.1 User unknown"), { type: "soft", reason: "user-unknown" }],
    ["complaint", report("failed", "abuse"), { type: "hard", reason: "refused", rule: "complaint" }],
    ["complaint", report("failed", "auth-failure"), { type: "soft", reason: "refused", rule: "complaint" }],
    ["auto-reply", report("delayed", "550 5.1.1 User unknown"), { type: "ignored", reason: "error-ignored" }],
    ["unsubscribe", report("delayed", ""), { type: "ignored", reason: "error-ignored", rule: null }],
    ["success", report("relayed", "2.0.0"), { type: "ignored", reason: "error-ignored" }],
  ])("%s", async (kind, given, expected) => {
    expect(await qualified(kind, given)).toMatchObject({ kind, recipients: [expected] });
  });

  it("a reply on the same line counts more than the file", async () => {
    expect(await one({ id: 1, reply: "550 no such user", file: "gone.eml" })).toMatchObject({ kind: "bounce" });
  });
});
