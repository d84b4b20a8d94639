import { describe, expect, test } from "vitest";

import { daneFor, type TlsaRecord } from "./dane.ts";

const record = (usage: number, selector: number, matchingType: number, length = 32): TlsaRecord => ({
  usage,
  selector,
  matchingType,
  data: new Uint8Array(length),
});
const base = "mx.example";

describe("which TLSA records can be used (RFC 7672 §3.1)", () => {
  test.each<[string, TlsaRecord, boolean]>([
    ["3 1 1", record(3, 1, 1), true],
    ["3 0 2", record(3, 0, 2, 64), true],
    ["2 0 0 of any length", record(2, 0, 0, 700), true],
    ["2 1 1", record(2, 1, 1), true],
    ["usage 0: authorities that MTAs do not share", record(0, 0, 1), false],
    ["usage 1", record(1, 1, 1), false],
    ["usage 4", record(4, 1, 1), false],
    ["selector 2", record(3, 2, 1), false],
    ["matching type 3", record(3, 1, 3), false],
    ["a digest that is too short", record(3, 1, 1, 31), false],
    ["a digest of the other length", record(3, 1, 2, 32), false],
    ["nothing at all", record(3, 1, 0, 0), false],
    ["a number that is a property of every object", record(3, 1, Number.NaN), false],
  ])("%s", (_, given, isUsable) => {
    const expected = isUsable ? { kind: "dane", records: [given], base } : { kind: "encrypt" };
    expect(daneFor({ kind: "records", records: [given], base }, true)).toEqual(expected);
  });

  test("those that cannot be used are left out", () => {
    const records = [record(0, 0, 1), record(3, 1, 1)];
    expect(daneFor({ kind: "records", records, base }, true)).toEqual({ kind: "dane", records: [records[1]], base });
  });
});

test("without signed MX records there is no DANE", () => {
  expect(daneFor({ kind: "records", records: [record(3, 1, 1)], base }, false)).toEqual({ kind: "none" });
  expect(daneFor({ kind: "failed", detail: "SERVFAIL" }, false)).toEqual({ kind: "none" });
});

test("no records: nothing is asked for; no answer: the host must wait", () => {
  expect(daneFor({ kind: "none" }, true)).toEqual({ kind: "none" });
  expect(daneFor({ kind: "failed", detail: "SERVFAIL" }, true)).toEqual({ kind: "defer", detail: "SERVFAIL" });
});
