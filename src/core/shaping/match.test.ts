import { describe, expect, test } from "vitest";

import { hidesRule, matchesRule, mxRuleOf, providerOf } from "./match.ts";
import type { MxRule, Provider } from "./rule.ts";

const PROVIDERS: readonly Provider[] = [
  { name: "large", label: "Large", mx: ["*.mx.example.org", "*.mx.example.net"], warmUp: null },
  { name: "small", label: "Small", mx: ["*.example.org"], warmUp: null },
];

function rule(name: string, mx: readonly string[], sources: MxRule["sources"] = null): MxRule {
  return {
    name,
    origin: "operator",
    mx,
    sources,
    countedPer: "site",
    isShared: false,
    connections: { min: 1, max: 2 },
    messagesPerConnection: 10,
    messagesPerHour: null,
    connectionsPerMinute: null,
    timeouts: { connect: null, data: null, other: null },
    tls: "opportunistic",
  };
}

describe("the provider of a site", () => {
  test.each([
    [["a.mx.example.org"], "large"],
    [["a.mx.example.org", "b.mx.example.net"], "large"],
    [["A.MX.Example.ORG"], "large"],
    [["a.mx.example.org", "mx.example.org"], "small"],
    [["a.mx.example.org", "mx.example.com"], "other"],
    [["mx.example.com"], "other"],
    [[], "other"],
  ])("%j: %s", (hosts, name) => {
    expect(providerOf(PROVIDERS, hosts)).toBe(name);
  });
});

describe("the MX rule of a site", () => {
  const rules = [
    rule("for some sources", ["*.example.org"], { from: 3, to: 5 }),
    rule("hosts", ["*.example.org", "*.example.net"]),
    rule("all", ["*"]),
  ];

  test.each([
    [["mx.example.org"], 3, "for some sources"],
    [["mx.example.org"], 5, "for some sources"],
    [["mx.example.org"], 6, "hosts"],
    [["mx.example.org"], null, "hosts"],
    [["mx.example.org", "mx.example.net"], 3, "hosts"],
    [["mx.example.org", "mx.example.com"], 3, "all"],
  ])("%j from source %s: %s", (hosts, source, name) => {
    expect(mxRuleOf(rules, hosts, source).name).toBe(name);
    expect(rules.find((one) => matchesRule(one, hosts, source))?.name).toBe(name);
  });

  test("without one for everything is a mistake of ours", () => {
    expect(() => mxRuleOf([rule("hosts", ["*.example.org"])], ["mx.example.com"], null)).toThrow('mx = ["*"]');
  });
});

describe("a rule hides another", () => {
  const wide = ["*.example.org", "*.example.net"];
  test.each([
    [rule("a", wide), rule("b", ["mx.example.org", "*.mx.example.net"]), true],
    [rule("a", wide), rule("b", ["mx.example.org", "mx.example.com"]), false],
    [rule("a", wide), rule("b", ["mx.example.org"], { from: 1, to: 2 }), true],
    [rule("a", wide, { from: 1, to: 9 }), rule("b", wide, { from: 2, to: 9 }), true],
    [rule("a", wide, { from: 1, to: 9 }), rule("b", wide, { from: 2, to: 10 }), false],
    [rule("a", wide, { from: 1, to: 9 }), rule("b", wide), false],
  ])("%#", (earlier, later, hidden) => {
    expect(hidesRule(earlier, later)).toBe(hidden);
  });
});
