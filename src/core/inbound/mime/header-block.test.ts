import { describe, expect, test } from "vitest";

import { fieldOf, MAX_FIELDS, MAX_HEADER, MAX_VALUE, readHeaderBlock } from "./header-block.ts";

const read = (text: string, from = 0) => {
  const { fields, bodyAt } = readHeaderBlock(text, from, text.length);
  return { fields: fields.map(({ name, value }) => `${name}=${value}`), body: text.slice(bodyAt) };
};

describe("fields", () => {
  test.each([
    ["LF", "From: a\nTo: b\n\nbody", ["from=a", "to=b"], "body"],
    ["CRLF", "From: a\r\nTo: b\r\n\r\nbody", ["from=a", "to=b"], "body"],
    ["CR alone", "From: a\rTo: b\r\rbody", ["from=a", "to=b"], "body"],
    ["CR CR LF", "From: a\r\r\nTo: b\r\r\n\r\r\nbody", ["from=a", "to=b"], "body"],
    ["mixed", "From: a\nTo: b\r\n\nbody", ["from=a", "to=b"], "body"],
    ["folded", "Subject: one\n two\r\n\tthree\n\n", ["subject=one two three"], ""],
    ["a folded line of blanks", "Subject: one\n \nTo: b\n\nbody", ["subject=one", "to=b"], "body"],
    ["an mbox line", "From ada@one.example Thu Jan  1 00:00:00 2026\nTo: b\n\n", ["to=b"], ""],
    ["two of them", "From a\n>From b\nTo: b\n\n", ["to=b"], ""],
    ["a blank before the colon", "From : a\n\n", ["from=a"], ""],
    ["no blank line before the body", "To: b\nHello Ada,\nX: y", ["to=b"], "Hello Ada,\nX: y"],
    ["no header", "Hello Ada,\n\nbye", [], "Hello Ada,\n\nbye"],
    ["no body", "To: b\nCc: c", ["to=b", "cc=c"], ""],
    ["nothing", "", [], ""],
    ["an empty value", "To:\n\n", ["to="], ""],
    ["8 bits", "Subject: \xe9t\xe9\n\n", ["subject=\xe9t\xe9"], ""],
  ])("%s", (_, text, fields, body) => expect(read(text)).toEqual({ fields, body }));

  test("of a part end with a line of blanks", () => {
    expect(read("--b\nTo: b\n \nFinal-Recipient: c", 4)).toEqual({ fields: ["to=b"], body: "Final-Recipient: c" });
  });

  test("that come twice: the first counts", () => {
    const { fields } = readHeaderBlock("To: a\nTo: b\n\n", 0, 15);
    expect(fieldOf(fields, "to")).toBe("a");
    expect(fieldOf(fields, "cc")).toBeNull();
  });
});

describe("giant headers", () => {
  test.each([
    ["one value", `Subject: ${"x".repeat(3_000_000)}\n\nbody`],
    ["one folded value", `Subject: a\n${" x\n".repeat(1_000_000)}\nbody`],
    ["many fields", `${"A: b\n".repeat(300_000)}\nbody`],
    ["many long fields", `${`A: ${"x".repeat(20_000)}\n`.repeat(100)}\nbody`],
  ])("%s: cut short, each line looked at once, and the body is found", (_, text) => {
    const { fields, bodyAt, steps } = readHeaderBlock(text, 0, text.length);
    expect(text.slice(bodyAt)).toBe("body");
    expect(fields.length).toBeLessThanOrEqual(MAX_FIELDS);
    for (const { value } of fields) expect(value.length).toBeLessThanOrEqual(MAX_VALUE);
    expect(fields.reduce((sum, { value }) => sum + value.length, 0)).toBeLessThanOrEqual(MAX_HEADER + MAX_VALUE);
    expect(steps).toBeLessThanOrEqual(text.split("\n").length);
  });
});
