import { createHmac } from "node:crypto";
import { expect, test } from "vitest";

import { SECOND } from "../time.ts";
import { base32, counterBytes, keyUri, readCode, stepsToTry, truncate } from "./totp.ts";

const codeAt = (step: number) =>
  truncate(createHmac("sha1", "12345678901234567890").update(counterBytes(step)).digest());

test.each([
  [59, "287082"],
  [1111111109, "081804"],
  [1111111111, "050471"],
  [1234567890, "005924"],
  [2000000000, "279037"],
  [20000000000, "353130"],
])("RFC 6238 appendix B: at %d s the code ends in %s", (seconds, code) => {
  expect(codeAt(Math.floor(seconds / 30))).toBe(code);
});

test("the number of a step fills eight bytes", () => {
  expect([...counterBytes(2 ** 32 * 3 + 0xfffffffe)]).toEqual([0, 0, 0, 3, 0xff, 0xff, 0xff, 0xfe]);
});

test("codes of one step before and after count, none that was used, none before it", () => {
  const now = 1000 * 30 * SECOND;
  expect(stepsToTry(now, 0)).toEqual([1000, 999, 1001]);
  expect(stepsToTry(now + 29_999, 999)).toEqual([1000, 1001]);
  expect(stepsToTry(now, 1001)).toEqual([]);
});

test.each([
  ["123456", "123456"],
  [" 123 456\n", "123456"],
  ["12345", null],
  ["1234567", null],
  ["１２３４５６", null],
  ["", null],
])("%j is read as %j", (text, code) => {
  expect(readCode(text)).toBe(code);
});

test.each([
  ["", ""],
  ["f", "MY"],
  ["fo", "MZXQ"],
  ["foo", "MZXW6"],
  ["foob", "MZXW6YQ"],
  ["fooba", "MZXW6YTB"],
  ["foobar", "MZXW6YTBOI"],
])("RFC 4648 §10: %j in base 32 is %j", (text, expected) => {
  expect(base32(new TextEncoder().encode(text))).toBe(expected);
});

test("the address for the app", () => {
  expect(keyUri("Envoi", "ann@example.com", "MZXW6")).toBe(
    "otpauth://totp/Envoi:ann%40example.com?secret=MZXW6&issuer=Envoi",
  );
});
