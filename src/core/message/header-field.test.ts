import fc from "fast-check";
import PostalMime from "postal-mime";
import { describe, expect, it } from "vitest";

import { cleanValue, mailboxField, rawField, textField } from "./header-field.ts";

const unfold = (field: string) => field.replace(/\r\n(?=[ \t])/g, "").replace(/\r\n$/, "");
const words = (count: number, size: number) => Array.from({ length: count }, () => "w".repeat(size)).join(" ");

const value = fc
  .oneof(
    fc.string({ unit: "grapheme", maxLength: 200 }),
    fc.string({ unit: "binary", maxLength: 100 }),
    fc.string({ maxLength: 300 }),
    fc
      .array(
        fc.constantFrom("word", " ", "  ", "=?utf-8?q?x?=", "é", "🎉", "x".repeat(80), '"', "\\", "<a@b.example>", ","),
        { maxLength: 30 },
      )
      .map((a) => a.join("")),
  )
  .map(cleanValue)
  // a lone surrogate becomes U+FFFD on its way through UTF-8
  .map((text) => text.toWellFormed());

function expectLines(field: string): void {
  expect(field).toMatch(/\r\n$/);
  const lines = field.slice(0, -2).split("\r\n");
  for (const [index, line] of lines.entries()) {
    expect(line.length).toBeLessThanOrEqual(998);
    expect(line).not.toMatch(/[\r\n\0]|^\s*$/);
    if (index > 0) expect(line).toMatch(/^ /);
    if (line.includes("=?utf-8?")) expect(line.length).toBeLessThanOrEqual(78);
  }
}

describe("cleanValue", () => {
  it.each([
    ["a\r\nBcc: x@y", "a Bcc: x@y"],
    ["a\0b\tc\u007fd\u0085e\u2028f", "a b c d e f"],
    ["  a  b \r\n", "a  b"],
  ])("%j becomes %j", (text, expected) => {
    expect(cleanValue(text)).toBe(expected);
  });
});

describe("textField", () => {
  it.each([
    ["Hello", "Subject: Hello\r\n"],
    ["", "Subject:\r\n"],
    ["Grüße", "Subject: =?utf-8?b?R3LDvMOfZQ==?=\r\n"],
    ["Welcome to our café, dear reader", "Subject: =?utf-8?q?Welcome_to_our_caf=C3=A9=2C_dear_reader?=\r\n"],
    ["a  b", "Subject: =?utf-8?q?a__b?=\r\n"],
    ["=?utf-8?q?x?=", "Subject: =?utf-8?b?PT91dGYtOD9xP3g/PQ==?=\r\n"],
    [words(10, 9), `Subject: ${words(6, 9)} wwwwwwwww\r\n ${words(3, 9)}\r\n`],
  ])("%j", (subject, expected) => {
    expect(textField("Subject", subject).text).toBe(expected);
  });

  it("never splits a character between encoded words", () => {
    const field = textField("Subject", "🎉é".repeat(60)).text;
    const encoded = [...field.matchAll(/=\?utf-8\?b\?([^?]*)\?=/g)];
    expect(encoded.length).toBeGreaterThan(5);
    for (const [, word = ""] of encoded) expect(Buffer.from(word, "base64").toString("utf8")).not.toContain("\ufffd");
  });

  it("reads back as what it was", async () => {
    await fc.assert(
      fc.asyncProperty(value, async (subject) => {
        const { text } = textField("Subject", subject);
        expectLines(text);
        const parsed = await PostalMime.parse(`${text}\r\n`);
        expect(parsed.subject ?? "").toBe(subject);
      }),
      { numRuns: 300 },
    );
  });
});

describe("rawField", () => {
  it("folds at blanks and changes nothing", () => {
    const field = rawField("List-Unsubscribe", `<https://example.com/${"u".repeat(30)}>, <mailto:leave@example.com>`);
    expect(field?.text).toBe(
      `List-Unsubscribe: <https://example.com/${"u".repeat(30)}>,\r\n <mailto:leave@example.com>\r\n`,
    );
  });

  it("stays ASCII without encoded words", () => {
    expect(rawField("List-Help", "<https://example.com/é?=?>")?.text).toBe(
      "List-Help: <https://example.com/%C3%A9?=?>\r\n",
    );
  });

  it("puts a word that fits no line beside the name on a line of its own", () => {
    expect(rawField("List-Unsubscribe", "u".repeat(70))?.text).toBe(`List-Unsubscribe:\r\n ${"u".repeat(70)}\r\n`);
  });

  it("lets a long word pass 78 but not 998", () => {
    expect(rawField("List-Help", `<${"u".repeat(500)}>`)?.text).toBe(`List-Help: <${"u".repeat(500)}>\r\n`);
    expect(rawField("List-Help", `<${"u".repeat(1000)}>`)).toBeNull();
  });
});

describe("mailboxField", () => {
  it.each([
    ["", "From: a@b.example"],
    ["Shop", "From: Shop <a@b.example>"],
    ["Shop, Inc.", 'From: "Shop, Inc." <a@b.example>'],
    ['The "best" \\ shop', 'From: "The \\"best\\" \\\\ shop" <a@b.example>'],
    ["Ça va", "From: =?utf-8?b?w4dhIHZh?= <a@b.example>"],
    ["ceo@bank.example", 'From: "ceo@bank.example" <a@b.example>'],
  ])("%j", (name, expected) => {
    expect(mailboxField("From", name, "a@b.example").text).toBe(`${expected}\r\n`);
  });

  it("reads back as name and address", async () => {
    await fc.assert(
      fc.asyncProperty(value, async (name) => {
        const { text } = mailboxField("From", name, "news@example.com");
        expectLines(text);
        const parsed = await PostalMime.parse(`${text}\r\n`);
        expect(parsed.from).toEqual({ address: "news@example.com", name });
        expect(unfold(text)).toMatch(/<?news@example\.com>?$/);
      }),
      { numRuns: 300 },
    );
  });
});
