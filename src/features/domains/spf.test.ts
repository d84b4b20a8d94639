import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { evaluateSpf, type SpfResult } from "./check-spf.ts";
import type { Answer, RecordResolver } from "./dns-answers.ts";
import { isSpf, parseSpf } from "./spf-record.ts";
import { loadSpf } from "./spf-tree.ts";

describe("SPF records (RFC 7208)", () => {
  test.each<[string, unknown[]]>([
    ["v=spf1", []],
    ["v=spf1  -all ", [{ kind: "all", qualifier: "-" }]],
    [
      "v=spf1 ip4:192.0.2.0/24 ~all",
      [
        { kind: "ip4", qualifier: "+", address: "192.0.2.0", prefix: 24 },
        { kind: "all", qualifier: "~" },
      ],
    ],
    ["V=SPF1 IP6:2001:db8::/32", [{ kind: "ip6", qualifier: "+", address: "2001:db8::", prefix: 32 }]],
    ["v=spf1 a", [{ kind: "a", qualifier: "+", domain: null, prefix4: 32, prefix6: 128 }]],
    ["v=spf1 ?a/24//64", [{ kind: "a", qualifier: "?", domain: null, prefix4: 24, prefix6: 64 }]],
    [
      "v=spf1 mx:Mail.Example.com//64",
      [{ kind: "mx", qualifier: "+", domain: "mail.example.com", prefix4: 32, prefix6: 64 }],
    ],
    ["v=spf1 include:_spf.example.com", [{ kind: "include", qualifier: "+", domain: "_spf.example.com" }]],
    ["v=spf1 exists:%{i}._spf.%{d}", [{ kind: "exists", qualifier: "+", domain: "%{i}._spf.%{d}" }]],
    ["v=spf1 ptr", [{ kind: "ptr", qualifier: "+", domain: null }]],
    [
      "v=spf1 redirect=_spf.example.com exp=why.example.com x-new=1",
      [{ kind: "redirect", domain: "_spf.example.com" }],
    ],
  ])("%s", (text, terms) => {
    expect(isSpf(text)).toBe(true);
    expect(parseSpf(text)).toEqual({ kind: "record", terms });
  });

  test.each([
    "v=spf1 al",
    "v=spf1 all:example.com",
    "v=spf1 include",
    "v=spf1 include:example",
    "v=spf1 include:10.0.0.1",
    "v=spf1 a:example.com/33",
    "v=spf1 a/",
    "v=spf1 mx//129",
    "v=spf1 ip4:192.0.2.256",
    "v=spf1 ip4:2001:db8::1",
    "v=spf1 ip4:192.0.2.0/24/8",
    "v=spf1 ip6:fe80::1%eth0",
    "v=spf1 redirect=a.example redirect=b.example",
    "v=spf1 +",
    "v=spf1 äll",
  ])("%s is broken", (text) => expect(parseSpf(text)).toMatchObject({ kind: "invalid" }));

  test.each(["v=spf10", "v=spf1,a", "spf1", " v=spf1"])("%s is no SPF record", (text) =>
    expect(isSpf(text)).toBe(false),
  );

  test("any text is read or refused, with the trouble named", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary" })), (words) => {
        const record = parseSpf(`v=spf1 ${words.join(" ")}`);
        if (record.kind === "invalid") expect(record.detail).not.toBe("");
      }),
    );
  });
});

/** Names to their records; TXT as text, addresses and MX hosts as lists. */
type Names = Record<string, { txt?: string[]; a?: string[]; mx?: string[] } | "failed">;

function resolverOf(names: Names): RecordResolver {
  const find = <T>(
    name: string,
    pick: (found: Exclude<Names[string], "failed">) => T[] | undefined,
  ): Promise<Answer<T>> => {
    const found = names[name];
    if (found === undefined) return Promise.resolve({ kind: "no-such-name" });
    if (found === "failed") return Promise.resolve({ kind: "failed", detail: "ETIMEOUT" });
    const records = pick(found) ?? [];
    return Promise.resolve(records.length > 0 ? { kind: "records", records } : { kind: "no-records" });
  };
  const family = (name: string, isOf: (address: string) => boolean) => find(name, (found) => found.a?.filter(isOf));
  return {
    txt: (name) => find(name, (found) => found.txt),
    mx: (name) => find(name, (found) => found.mx?.map((host, preference) => ({ host, preference }))),
    a: (name) => family(name, (address) => !address.includes(":")),
    aaaa: (name) => family(name, (address) => address.includes(":")),
    cname: () => Promise.resolve({ kind: "no-records" }),
  };
}

describe("who may send", () => {
  const NAMES: Names = {
    "a.example": { a: ["192.0.2.1", "2001:db8::1"] },
    "mail.example": { mx: ["a.example", "b.example"] },
    "b.example": { a: ["192.0.2.2"] },
    "pass.example": { txt: ["v=spf1 ip4:192.0.2.0/24 -all"] },
    "fails.example": { txt: ["v=spf1 -all"] },
    "broken.example": { txt: ["v=spf1 foo"] },
    "double.example": { txt: ["v=spf1 -all", "v=spf1 ~all"] },
    "other.example": { txt: ["google-site-verification=1"] },
    "silent.example": "failed",
  };
  const ask = async (text: string, ip: string) => {
    const resolver = resolverOf({ ...NAMES, "example.com": { txt: [text, "something else"], a: ["198.51.100.7"] } });
    return evaluateSpf((await loadSpf(resolver, "example.com")).root, ip);
  };

  test.each<[string, string, SpfResult]>([
    ["v=spf1 ip4:192.0.2.0/30 -all", "192.0.2.3", "pass"],
    ["v=spf1 ip4:192.0.2.0/30 -all", "192.0.2.4", "fail"],
    ["v=spf1 ip4:192.0.2.1 ~all", "2001:db8::1", "softfail"],
    ["v=spf1 ip4:192.0.2.1", "192.0.2.2", "neutral"],
    ["v=spf1 ip4:0.0.0.0/0", "192.0.2.2", "pass"],
    ["v=spf1 a -all", "198.51.100.7", "pass"],
    ["v=spf1 a:a.example//64 -all", "2001:db8::ffff", "pass"],
    ["v=spf1 mx:mail.example -all", "192.0.2.2", "pass"],
    ["v=spf1 mx:mail.example -all", "192.0.2.3", "fail"],
    ["v=spf1 -ip4:192.0.2.1 include:pass.example", "192.0.2.1", "fail"],
    ["v=spf1 include:pass.example -all", "192.0.2.9", "pass"],
    // §5.2: the fail of an included record is no fail
    ["v=spf1 include:fails.example ~all", "192.0.2.9", "softfail"],
    ["v=spf1 include:other.example -all", "192.0.2.9", "permerror"],
    ["v=spf1 include:broken.example -all", "192.0.2.9", "permerror"],
    ["v=spf1 include:double.example -all", "192.0.2.9", "permerror"],
    ["v=spf1 include:silent.example -all", "192.0.2.9", "temperror"],
    ["v=spf1 a:silent.example -all", "192.0.2.9", "temperror"],
    // §4.6.2: the first match ends it
    ["v=spf1 ip4:192.0.2.9 include:silent.example", "192.0.2.9", "pass"],
    ["v=spf1 redirect=fails.example", "192.0.2.9", "fail"],
    ["v=spf1 redirect=other.example", "192.0.2.9", "permerror"],
    // §6.1: the place of a redirect does not matter, and `all` overrides it
    ["v=spf1 redirect=fails.example ip4:192.0.2.9", "192.0.2.9", "pass"],
    ["v=spf1 redirect=fails.example ?all", "192.0.2.9", "neutral"],
    ["v=spf1 exists:%{i}.example -all", "192.0.2.9", "depends"],
    ["v=spf1 exists:%{i}.example +all", "192.0.2.9", "pass"],
    ["v=spf1 ptr ip4:192.0.2.9 -all", "192.0.2.9", "pass"],
  ])("%s, %s: %s", async (text, ip, result) => expect(await ask(text, ip)).toBe(result));

  test("look-ups are counted over everything a receiver may have to ask", async () => {
    const names: Names = {
      "example.com": { txt: ["v=spf1 a mx include:one.example exists:%{i}.x.example ip4:192.0.2.1 -all"] },
    };
    names["one.example"] = { txt: ["v=spf1 include:two.example -all redirect=three.example"] };
    names["two.example"] = { txt: ["v=spf1 a:nowhere.example -all"] };
    expect(await loadSpf(resolverOf(names), "example.com")).toMatchObject({ lookups: 6, voids: 3 });
  });

  test("a record that includes itself comes to an end", async () => {
    const names: Names = { "example.com": { txt: ["v=spf1 include:example.com include:example.com -all"] } };
    const tree = await loadSpf(resolverOf(names), "example.com");
    expect(tree.lookups).toBeGreaterThan(10);
    expect(tree.lookups).toBeLessThan(60);
    expect(evaluateSpf(tree.root, "192.0.2.1")).toBe("permerror");
  });
});
