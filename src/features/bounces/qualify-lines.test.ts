import { beforeAll, describe, expect, it } from "vitest";
import type { CompiledRules } from "../../core/bounce/qualify.ts";
import { loadRules, qualifyLines } from "./index.ts";

let rules: CompiledRules;
beforeAll(async () => {
  rules = await loadRules(new URL("../../../rules/bounces", import.meta.url).pathname);
});

async function run(...lines: string[]): Promise<unknown[]> {
  const out: unknown[] = [];
  for await (const line of qualifyLines(rules, lines)) out.push(JSON.parse(line));
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

  it("reports bad lines and goes on", async () => {
    const out = await run(
      "{",
      '{"reply":"550 no"}',
      "",
      '{"id":"f","file":"a.eml"}',
      '{"id":"n"}',
      '{"id":"s","reply":"550","stage":"x"}',
      '{"id":"ok","reply":"550 no such user"}',
    );
    expect(out).toEqual([
      { line: 1, error: expect.stringContaining("not JSON") },
      { line: 2, error: expect.stringContaining("id:") },
      { id: "f", error: expect.stringContaining("file") },
      { id: "n", error: "reply is missing" },
      { id: "s", error: expect.stringContaining("stage:") },
      expect.objectContaining({ id: "ok", kind: "bounce" }),
    ]);
  });
});
