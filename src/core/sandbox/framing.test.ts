import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { cutContent, cutLine, startContent } from "./framing.ts";

const bytes = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0));
const text = (from: Uint8Array) => String.fromCharCode(...from);

/** Reads content that arrives in the given segments; what a connection does, without sockets. */
function read(segments: readonly string[]): { content: string; rest: string; done: boolean } {
  const tail = startContent();
  let content = "";
  let carry = "";
  let done = false;
  for (const segment of segments) {
    carry += segment;
    if (done) continue;
    const buffer = bytes(carry);
    const cut = cutContent(buffer, 0, tail);
    for (let i = 0; i < cut.ranges.length; i += 2) content += text(buffer.subarray(cut.ranges[i], cut.ranges[i + 1]));
    carry = carry.slice(cut.next);
    done = cut.done;
  }
  return { content, rest: carry, done };
}

describe("content", () => {
  test.each([
    ["a\r\n.\r\n", "a\r\n", ""],
    [".\r\n", "", ""],
    ["a\r\n.\r\nQUIT\r\n", "a\r\n", "QUIT\r\n"],
    ["..a\r\n..\r\n...b\r\n.\r\n", ".a\r\n.\r\n..b\r\n", ""],
    [".a\r\n.\r\n", "a\r\n", ""],
    ["a\n.\nb\r\n.\r\n", "a\n.\nb\r\n", ""],
    ["a\r.\rb\n.\r\nc\r\n.\r\n", "a\r.\rb\n.\r\nc\r\n", ""],
    ["a\r\n.\nb\r\n.\r\n", "a\r\n\nb\r\n", ""],
    ["a\r\n.\rb\r\n.\r\n", "a\r\n\rb\r\n", ""],
  ])("%j", (wire, content, rest) => {
    expect(read([wire])).toEqual({ content, rest, done: true });
    expect(read(wire.split(""))).toEqual({ content, rest, done: true });
  });

  test("what was stuffed comes out, however it is cut into segments", () => {
    const line = fc.string({ unit: fc.constantFrom(".", "\r", "\n", "a", " ") }).filter((s) => !/\r\n|\r$/.test(s));
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.nat(200)), (lines, cuts) => {
        const content = lines.map((l) => `${l}\r\n`).join("");
        const wire = `${lines.map((l) => `${l.startsWith(".") ? "." : ""}${l}\r\n`).join("")}.\r\nNOOP`;
        const points = [0, ...cuts.filter((c) => c < wire.length).sort((a, b) => a - b), wire.length];
        const segments = points.slice(1).map((end, i) => wire.slice(points[i], end));
        expect(read(segments)).toEqual({ content, rest: "NOOP", done: true });
      }),
    );
  });
});

describe("lines", () => {
  test.each([
    ["EHLO a\r\nX", 8, { kind: "more" }],
    ["EHLO a\r\n", 0, { kind: "line", end: 6, next: 8 }],
    ["RSET\nX", 0, { kind: "line", end: 4, next: 5 }],
    ["\n", 0, { kind: "line", end: 0, next: 1 }],
    ["x".repeat(21), 0, { kind: "too-long" }],
    [`${"x".repeat(21)}\r\n`, 0, { kind: "too-long" }],
  ])("%j from %i", (wire, from, expected) => expect(cutLine(bytes(wire), from, 20)).toEqual(expected));
});
