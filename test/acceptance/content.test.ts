/** Acceptance statements 26 and 27: headers of the operator's own, and the ways out that mail programs show. */
import { expect, test } from "vitest";

import { parseHeaderLines } from "../../src/core/message/operator-header.ts";
import { compileSample, composeSample } from "../golden/sample-message.ts";

test("26: a header line is taken, a blank line among headers is refused with its number", () => {
  expect(parseHeaderLines("X-A: 1")).toEqual({ kind: "headers", headers: [{ name: "X-A", value: "1" }] });
  expect(parseHeaderLines("X-A: 1\n\nX-B: 2")).toMatchObject({ kind: "errors", errors: [{ line: 2 }] });
});

test("27: marketing has one click and, for mail programs without it, an address to write to; service mail has neither", () => {
  const wire = (header: boolean) =>
    composeSample(compileSample({ text: "x", listUnsubscribe: { header, mailbox: "leave@bounces.example.com" } })).wire;
  expect(wire(true)).toMatch(/^List-Unsubscribe: <https:[^>]+>,\s+<mailto:leave\+[^>]+>/m);
  expect(wire(true)).toMatch(/^List-Unsubscribe-Post: List-Unsubscribe=One-Click\r$/m);
  expect(wire(false)).not.toMatch(/^List-Unsubscribe/m);
});
