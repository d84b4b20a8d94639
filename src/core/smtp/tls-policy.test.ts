import { describe, expect, test } from "vitest";

import type { RuleTls } from "../shaping/rule.ts";
import type { Dane } from "./dane.ts";
import { mxAllowed, type StsPolicy, type StsVerdict, type TlsPlan, tlsPlanFor, type TlsRelay } from "./tls-policy.ts";

describe("which MX hosts an MTA-STS policy names (RFC 8461 §4.1)", () => {
  const policy: StsPolicy = { mode: "enforce", mx: ["mx1.example.com", "*.mail.example"], expires: 0, id: "1" };
  test.each<[string, boolean]>([
    ["mx1.example.com", true],
    ["a.mail.example", true],
    ["a-b.mail.example", true],
    ["mail.example", false],
    ["a.b.mail.example", false],
    ["xmail.example", false],
    [".mail.example", false],
    ["mx1.example.com.attacker.example", false],
    ["x.mx1.example.com", false],
    ["", false],
  ])("%j: %s", (host, isListed) => {
    expect(mxAllowed(policy, host)).toBe(isListed ? "enforced" : "refused");
    expect(mxAllowed({ ...policy, mode: "testing" }, host)).toBe(isListed ? "tested" : "tested-refused");
    expect(mxAllowed(null, host)).toBe("no-policy");
  });
});

const RULES: readonly RuleTls[] = ["none", "opportunistic", "encrypted", "required"];
const record = { usage: 3, selector: 1, matchingType: 1, data: new Uint8Array(32) };
const DANE: Record<Dane["kind"], Dane> = {
  none: { kind: "none" },
  encrypt: { kind: "encrypt" },
  defer: { kind: "defer", detail: "SERVFAIL" },
  dane: { kind: "dane", records: [record], base: "mx.example" },
};

/** Policies for the rules none, opportunistic, encrypted, required; behind `|` for opportunistic with broken TLS. */
const TABLE: Record<Dane["kind"], Record<StsVerdict, string>> = {
  none: {
    "no-policy": "none opportunistic encrypted required | none",
    tested: "none opportunistic encrypted required | none",
    "tested-refused": "none opportunistic encrypted required | none",
    enforced: "required required required required | required",
    refused: "unusable unusable unusable unusable | unusable",
  },
  encrypt: {
    "no-policy": "encrypted encrypted encrypted required | encrypted",
    tested: "encrypted encrypted encrypted required | encrypted",
    "tested-refused": "encrypted encrypted encrypted required | encrypted",
    enforced: "required required required required | required",
    refused: "unusable unusable unusable unusable | unusable",
  },
  dane: {
    "no-policy": "required required required required | required",
    tested: "required required required required | required",
    "tested-refused": "required required required required | required",
    enforced: "required required required required | required",
    refused: "required required required required | required",
  },
  defer: {
    "no-policy": "unusable unusable unusable unusable | unusable",
    tested: "unusable unusable unusable unusable | unusable",
    "tested-refused": "unusable unusable unusable unusable | unusable",
    enforced: "unusable unusable unusable unusable | unusable",
    refused: "unusable unusable unusable unusable | unusable",
  },
};

describe("what TLS a connection to a recipient's server needs", () => {
  const cases = Object.entries(TABLE).flatMap(([dane, rows]) =>
    Object.entries(rows).map(([sts, row]) => [dane as Dane["kind"], sts as StsVerdict, row] as const),
  );
  test.each(cases)("DANE %s, MTA-STS %s: %s", (dane, sts, row) => {
    const plan = (rule: RuleTls, brokenTls = false) =>
      tlsPlanFor({ rule, sts, dane: DANE[dane], brokenTls, relay: null });
    const policies = RULES.map((rule) => plan(rule).policy);
    expect(`${policies.join(" ")} | ${plan("opportunistic", true).policy}`).toBe(row);
    // A handshake that failed once never weakens what somebody asks for.
    for (const rule of ["none", "encrypted", "required"] as const) expect(plan(rule, true)).toEqual(plan(rule));
  });

  test.each(cases)("DANE %s, MTA-STS %s: authorities count unless DANE takes their place", (dane, sts) => {
    for (const rule of RULES) {
      const plan: TlsPlan = tlsPlanFor({ rule, sts, dane: DANE[dane], brokenTls: false, relay: null });
      const isDane = dane === "dane";
      const isUnauthenticated = dane === "encrypt" && plan.policy === "encrypted";
      expect(plan.daneRecords).toEqual(isDane ? [record] : isUnauthenticated ? [] : null);
      expect(plan.tlsName).toBe(isDane ? "mx.example" : null);
      expect(plan.why).not.toBe("");
    }
  });
});

describe("a server of our own", () => {
  const relay: TlsRelay = { implicitTls: false, sendsPassword: false };
  const plan = (rule: RuleTls, own: TlsRelay, brokenTls = false) =>
    tlsPlanFor({ rule, sts: "refused", dane: DANE.defer, brokenTls, relay: own }).policy;

  test("DANE and MTA-STS are not about it: the rule decides", () => {
    expect(RULES.map((rule) => plan(rule, relay))).toEqual(RULES);
    expect(plan("opportunistic", relay, true)).toBe("none");
  });

  test.each(RULES)("whatever the rule (%s), a password goes encrypted to the right server", (rule) => {
    expect(plan(rule, { ...relay, sendsPassword: true }, true)).toBe("required");
    expect(plan(rule, { implicitTls: true, sendsPassword: true })).toBe("implicit");
    expect(plan(rule, { implicitTls: true, sendsPassword: false })).toBe("implicit");
  });
});
