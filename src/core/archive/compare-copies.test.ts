/** What a copy means beside the ledger, and where it leaves its message. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { CopyState } from "./archive.ts";
import { firstDifference, judgeCopy } from "./compare-copies.ts";

const bytesOf = (text: string) => Buffer.from(text, "latin1");
const surplus = (why: string, explained: boolean) => ({ kind: "surplus", why, explained });

test.each<[string, CopyState | null, boolean, boolean, boolean, object]>([
  // state, in doubt, identical, one found before
  ["the copy there should be", "archived", false, true, false, { kind: "identical" }],
  ["of an attempt in doubt, once", "archived", true, true, false, { kind: "identical" }],
  ["the same once more", "archived", false, true, true, surplus("twice", false)],
  ["the same once more after an attempt in doubt", "archived", true, true, true, surplus("twice", true)],
  ["other bytes", "archived", false, false, false, { kind: "different" }],
  ["other bytes beside the right ones", "archived", true, false, true, { kind: "different" }],
  ["a copy that the ledger still owes", "owed", false, true, false, surplus("owed", false)],
  ["the same, after an attempt in doubt", "owed", true, true, false, surplus("owed", true)],
  ["a copy that was given up", "given-up", false, true, false, surplus("given up", false)],
  ["a copy that nobody knows", null, false, true, false, surplus("not in the ledger", false)],
])("%s", (_, state, inDoubt, identical, before, verdict) => {
  expect(judgeCopy(state && { state, inDoubt }, identical, before)).toEqual(verdict);
});

const MESSAGE = "From: a@b.example\r\nSubject: Hello\r\n\r\nfirst line\r\nsecond line\r\n";
const FRONT = "Received: from x\r\n\tby y\r\nFrom: old\r\n";
const difference = (found: string, expected = MESSAGE) => firstDifference(bytesOf(expected), bytesOf(found));

describe("where a copy leaves its message", () => {
  test.each<[string, string, number, string | null, string | null]>([
    ["a changed line", MESSAGE.replace("Hello", "Hallo"), 2, "Subject: Hello", "Subject: Hallo"],
    ["a field in the middle", MESSAGE.replace("\r\n\r\n", "\r\nX-Seen: yes\r\n\r\n"), 3, "", "X-Seen: yes"],
    ["lines at the end", `${MESSAGE}-- \r\nScanned\r\n`, 6, null, "-- "],
    ["an end that was cut off", MESSAGE.slice(0, -13), 5, "second line", null],
    ["the last line end", MESSAGE.slice(0, -2), 5, "second line", "second line (without a line end)"],
    ["a lone CR", MESSAGE.replace("first line", "first\r line"), 4, "first line", "first\\x0d line"],
    ["another text altogether", "nothing of it", 1, "From: a@b.example", "nothing of it"],
    ["no text", "", 1, "From: a@b.example", null],
    [
      "bytes that a terminal would obey",
      MESSAGE.replace("Hello", "\x1b[2J\xe9"),
      2,
      "Subject: Hello",
      "Subject: \\x1b[2J\\xe9",
    ],
  ])("%s", (_, found, line, expected, shown) => {
    expect(difference(found)).toEqual({ line, expected, found: shown });
    if (found !== "" && found !== "nothing of it")
      expect(difference(FRONT + found)).toEqual({ line, expected, found: shown });
  });

  test("long lines are cut around it", () => {
    const line = "x".repeat(900);
    const result = difference(`A: b\r\n\r\n${line}y${line}\r\n`, `A: b\r\n\r\n${line}z${line}\r\n`);
    expect(result?.line).toBe(3);
    expect(result?.expected).toMatch(/^…x{60}zx{139}…$/);
    expect(result?.found).toMatch(/^…x{60}yx{139}…$/);
  });

  test("nothing differs exactly when the copy ends with the whole message", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary-ascii", maxLength: 40 }), fc.boolean(), (tail, front) => {
        const result = difference((front ? FRONT : "") + MESSAGE + tail);
        expect(result === null).toBe(tail === "");
      }),
    );
  });
});
