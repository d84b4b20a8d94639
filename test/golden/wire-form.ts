/** What every composed message is held against, and values that try to break one. */
import fc from "fast-check";
import { expect } from "vitest";

import { canonicalBody } from "./canonical-body.ts";

/** Postal-mime gives text with `\n` and ends it with one; the last line end of a part says nothing. */
export const readable = (text: string | null | undefined) => (text ?? "").replace(/\r\n/g, "\n").replace(/\n+$/, "");

/** Of attributes. */
export const hostileValue = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: "binary" }),
  fc.constantFrom(
    "",
    "\r\nBcc: x@y.example",
    "{{ delivery.id }}",
    "{% raw %}",
    "<script>alert(1)</script>",
    "a\0b",
    "a\u001b$Bb",
    ".\r\n.",
    "--=_a.12-3",
    " ",
    "  x  ",
  ),
);

/** Every number is forbidden to a correct wire form: RFC 5321 §4.5.2, RFC 5322 §2.1.1, RFC 2045 §6.7. */
export function expectWireForm(wire: string, body: string): void {
  expect(wire.replace(/\r\n/g, "")).not.toMatch(/[\r\n\0]/);
  expect(wire).toMatch(/\r\n$/);
  expect(body).not.toMatch(/(?:^|\r\n)\.|(?:^|\r\n)From /);
  expect(canonicalBody("simple", body)).toBe(body);
  expect(canonicalBody("relaxed", body)).toBe(body);
  for (const line of wire.split("\r\n")) expect(line.length).toBeLessThanOrEqual(998);
  for (const line of body.split("\r\n")) expect(line.length).toBeLessThanOrEqual(78);
}
