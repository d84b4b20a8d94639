import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { planFor } from "./plan-for.ts";
import { wireOf } from "./replies.ts";
import { parseReplyFile } from "./reply-file.ts";

/** Stage and bytes of the only reply. */
function read(row: Readonly<Record<string, unknown>>): string | undefined {
  const { replies, problems } = parseReplyFile(JSON.stringify({ id: "a", ...row }));
  const [named] = replies.values();
  return named ? `${named.stage}: ${wireOf(named.reply)}` : problems[0];
}

describe("a reply of a file", () => {
  test.each([
    [{ text: "550 5.1.1 no such user" }, "rcpt: 550 5.1.1 no such user\r\n"],
    [{ text: "554 no", stage: "dot", expected_type: "soft" }, "dot: 554 no\r\n"],
    [{ text: "421 busy", stage: "connect" }, "mail: 421 busy\r\n"],
    [{ text: "550-5.1.1 one\n550 5.1.1 two" }, "rcpt: 550-5.1.1 one\r\n550 5.1.1 two\r\n"],
    [
      { text: "550 5.7.1 refused (in reply to MAIL FROM command)" },
      "mail: 550 5.7.1 refused (in reply to MAIL FROM command)\r\n",
    ],
    [{ text: "4.4.1 later" }, "rcpt: 450 4.4.1 later\r\n"],
    [{ text: "mailbox is full" }, "rcpt: 550 mailbox is full\r\n"],
    [{ text: "550" }, "rcpt: 550 \r\n"],
    [{ text: "550 a\tb\u0000c" }, "rcpt: 550 a b c\r\n"],
    [{ text: "250 fine" }, "line 1: a: 250 is no refusal"],
    [{ text: " " }, "line 1: a has no text"],
    [{}, "line 1: a has no text"],
    [{ text: "550 no", stage: "quit" }, "line 1: a: the stage is none of connect, ehlo, mail, rcpt, data, dot"],
    [{ id: "a+b", text: "550 no" }, "line 1: the id is missing or fits into no address"],
    [{ id: 7, text: "550 no" }, "line 1: the id is missing or fits into no address"],
  ])("%j", (row, expected) => expect(read(row)).toBe(expected));

  test("that is long is cut at blanks, the enhanced code in front of each line", () => {
    const words = Array.from({ length: 200 }, (_, i) => `word${i}`).join(" ");
    const lines = (read({ text: `550 5.7.1 ${words}` }) ?? "").slice("rcpt: ".length).split("\r\n").slice(0, -1);
    expect(lines.length).toBeGreaterThan(2);
    for (const line of lines) expect(line).toMatch(/^550[ -]5\.7\.1 word/);
    expect(lines.map((line) => line.slice(10)).join(" ")).toBe(words);
  });
});

test("what cannot be read is told with its line; blank lines are nothing", () => {
  const { replies, problems } = parseReplyFile('\n{"id":"A","text":"550 no"}\nnull\n{\n{"id":"a","text":"551 no"}\n\n');
  expect([...replies.keys()]).toEqual(["a"]);
  expect(problems).toEqual([
    "line 3: the id is missing or fits into no address",
    "line 4: is no JSON",
    "line 5: a is there already",
  ]);
});

test("an address asks for a reply by its id", () => {
  const { replies } = parseReplyFile('{"id":"Full-1","text":"452 4.2.2 full"}');
  const plan = (address: string) => {
    const found = planFor("internet", address, replies);
    return found.kind === "refuse" ? [found.stage, found.reply.code, found.reply.lines[0]] : found.kind;
  };
  expect(plan("reply-full-1+any@a.test")).toEqual(["rcpt", 452, "4.2.2 full"]);
  expect(plan("reply-FULL-1@a.test")).toEqual(["rcpt", 452, "4.2.2 full"]);
  expect(plan("reply-other@sandbox.test")).toEqual(["rcpt", 550, '5.1.1 no reply "other" is known here']);
  expect(plan("reply-full-1@no-form.example")).toBe("accept");
});

test("whatever a file holds, its replies fit on the wire", () => {
  const row = fc.record({
    id: fc.stringMatching(/^[a-z]{1,8}$/),
    text: fc.string({ unit: "binary", maxLength: 2000 }),
  });
  fc.assert(
    fc.property(fc.array(fc.oneof(row, fc.json())), (rows) => {
      const { replies } = parseReplyFile(rows.map((r) => (typeof r === "string" ? r : JSON.stringify(r))).join("\n"));
      for (const { reply } of replies.values()) {
        for (const line of wireOf(reply).split("\r\n").slice(0, -1)) {
          expect(Buffer.byteLength(line)).toBeLessThanOrEqual(510);
          expect(line).toMatch(/^[45]\d\d[ -][^\r\n]*$/);
        }
      }
    }),
  );
});
