import * as fc from "fast-check";
import { parsePolicy as oracle } from "mailauth/lib/mta-sts.js";
import { describe, expect, test } from "vitest";

import { parsePolicy, policyId } from "./parse-policy.ts";

describe("the TXT record (RFC 8461 §3.1)", () => {
  test.each<[string[], string | null]>([
    [["v=STSv1; id=20260101T000000;"], "20260101T000000"],
    [["v=STSv1;id=1"], "1"],
    [["v=STSv1 ; foo=bar; id=1"], "1"],
    [["v=spf1 -all", "v=STSv1; id=1;"], "1"],
    [["v=STSv1; id=1;", "v=STSv1; id=2;"], null],
    [["v=STSv10; id=1;"], null],
    [["v=STSv1"], null],
    [["v=STSv1; id=;"], null],
    [["v=STSv1; id=a-b;"], null],
    [[`v=STSv1; id=${"1".repeat(33)};`], null],
    [["STSv1; id=1;"], null],
    [[], null],
  ])("%j: %j", (records, id) => expect(policyId(records)).toBe(id));
});

const POLICY = "version: STSv1\nmode: enforce\nmx: mx1.example.com\nmx: *.example.net\nmax_age: 604800\n";

describe("the policy (RFC 8461 §3.2)", () => {
  test.each<[string, string]>([
    ["LF", POLICY],
    ["CRLF", POLICY.replaceAll("\n", "\r\n")],
    ["blanks", POLICY.replaceAll(": ", ":  ").replaceAll("\n", " \n")],
    ["no last line end", POLICY.trimEnd()],
    ["fields that nobody knows", `${POLICY}foo: bar\nnonsense\n`],
    ["a mode said twice", `${POLICY}mode: none\n`],
    ["host names in capitals, with the dot of the root, twice", `${POLICY}mx: MX1.Example.com.\n`],
  ])("with %s", (_, text) => {
    expect(parsePolicy(text)).toEqual({
      kind: "policy",
      policy: { mode: "enforce", mx: ["mx1.example.com", "*.example.net"], maxAge: 604_800_000 },
    });
  });

  test.each<[string, string, string]>([
    ["no version", POLICY.replace("version: STSv1\n", ""), "version"],
    ["another version", POLICY.replace("STSv1", "STSv2"), "version"],
    ["no mode", POLICY.replace("mode: enforce\n", ""), "mode"],
    ["a mode of Object.prototype", POLICY.replace("enforce", "constructor"), "mode"],
    ["no time", POLICY.replace("max_age: 604800\n", ""), "how long"],
    ["a negative time", POLICY.replace("604800", "-1"), "how long"],
    ["no MX host", POLICY.replaceAll(/mx: .*\n/g, ""), "no MX host"],
    ["a mask in the middle", `${POLICY}mx: mx.*.example.com\n`, "is no MX host"],
    ["a mask for all", `${POLICY}mx: *\n`, "is no MX host"],
    ["an HTML page", "<html><body>Not found</body></html>", "version"],
    [
      "too many hosts",
      POLICY + Array.from({ length: 101 }, (_, i) => `mx: mx${i}.example\n`).join(""),
      "more than 100",
    ],
    ["nothing", "", "version"],
  ])("refused with %s", (_, text, detail) => {
    expect(parsePolicy(text)).toEqual({ kind: "invalid", detail: expect.stringContaining(detail) });
  });

  test("none needs no MX host; no time is longer than a year", () => {
    expect(parsePolicy("version: STSv1\nmode: none\nmax_age: 9999999999\n")).toEqual({
      kind: "policy",
      policy: { mode: "none", mx: [], maxAge: 31_557_600_000 },
    });
  });

  test("agrees with mailauth about whatever lines come together", () => {
    const line = fc.oneof(
      fc.constantFrom(
        "version: STSv1",
        "mode: enforce",
        "mode: testing",
        "mode: none",
        "mx: a.example",
        "mx: *.b.example",
      ),
      fc.constantFrom("mx: *", "mx: -", "max_age: 86400", "max_age: 0", "max_age: x", "max_age: 31557600", "", "a: b"),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 9 }), (lines) => {
        const text = ["version: STSv1", ...lines].join("\n");
        const parsed = parsePolicy(text);
        let expected: unknown = null;
        try {
          const {
            mode,
            mx = [],
            maxAge,
          } = oracle(text, { strict: true }) as { mode: string; mx?: string[]; maxAge: number };
          expected = { mode, mx, maxAge: maxAge * 1000 };
        } catch {}
        expect(parsed.kind === "policy" ? parsed.policy : null).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });
});
