import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { chooseTargets, type MxRecord, withoutLoops } from "./mx-targets.ts";

const record = (text: string): MxRecord => {
  const [preference, exchange = ""] = text.split(" ");
  return { exchange, preference: Number(preference) };
};
const hosts = (targets: readonly { host: string }[]) => targets.map(({ host }) => host);

describe("which MX records mail can go to", () => {
  test("each host once, with its best preference, in a stable order", () => {
    const records = ["20 b.example.com", "10 a.example.com", "5 b.example.com", "10 0.example.com"].map(record);
    expect(chooseTargets(records)).toEqual({
      targets: [
        { host: "b.example.com", preference: 5 },
        { host: "0.example.com", preference: 10 },
        { host: "a.example.com", preference: 10 },
      ],
      ignored: [],
      isNullMx: false,
    });
  });

  test.each<[string[], boolean]>([
    [["0 "], true],
    [["0 ", "10 "], true],
    [["0 ", "10 mx.example.com"], false],
    [["0 ", "10 localhost"], false],
    [[], false],
  ])("null MX (RFC 7505): %j is one: %s", (records, isNullMx) => {
    expect(chooseTargets(records.map(record)).isNullMx).toBe(isNullMx);
  });

  test.each<[string, string]>([
    ["192.0.2.1", "is an address where a name belongs"],
    ["[192.0.2.1]", "is an address where a name belongs"],
    ["2001:db8::1", "is an address where a name belongs"],
    ["mail.0", "is an address where a name belongs"],
    ["localhost", "is a local name"],
    ["mail", "is a local name"],
    ["mail.localhost", "is a local name"],
    ["mail.localdomain", "is a local name"],
    ["printer.local", "is a local name"],
    ["mx.home.arpa", "is a local name"],
    ["mx.internal", "is a local name"],
    ["mx_1.invalid", "is a local name"],
    ["a b.example.com", "is no host name"],
    ["-a.example.com", "is no host name"],
    ["a..example.com", "is no host name"],
    ["m\u{fffd}x.example.com", "is no host name"],
    ["mx.example.com\0", "is no host name"],
    [`${"x".repeat(64)}.example.com`, "is no host name"],
    [`${"x.".repeat(127)}com`, "is no host name"],
  ])("%j %s", (exchange, why) => {
    expect(chooseTargets([{ exchange, preference: 1 }])).toEqual({
      targets: [],
      ignored: [{ host: exchange, why }],
      isNullMx: false,
    });
  });

  test.each(["mx.example.com", "mx_1.example.com", "xn--mx-fka.example", "1.example.com", "notlocal.example"])(
    "%s is a host",
    (exchange) => expect(hosts(chooseTargets([{ exchange, preference: 1 }]).targets)).toEqual([exchange]),
  );

  test("the best twenty; the others are named, not all of a thousand", () => {
    const records = Array.from({ length: 1000 }, (_, i) => record(`${1000 - i} mx${i}.example.com`));
    const { targets, ignored } = chooseTargets(records);
    expect(hosts(targets)).toEqual(Array.from({ length: 20 }, (_, i) => `mx${999 - i}.example.com`));
    expect(ignored).toHaveLength(20);
    expect(ignored[0]).toEqual({ host: "mx979.example.com", why: "comes after 20 better ones" });
  });

  test("the order of the records changes nothing", () => {
    const any = fc.record({ exchange: fc.oneof(fc.domain(), fc.string()), preference: fc.nat(65_535) });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 40 }), (records) => {
        expect(chooseTargets(records.toReversed()).targets).toEqual(chooseTargets(records).targets);
      }),
    );
  });
});

describe("hosts that are ourselves (RFC 5321 §5.1)", () => {
  const targets = [record("5 a.x"), record("10 b.x"), record("10 c.x"), record("20 d.x")].map(
    ({ exchange, preference }) => ({ host: exchange, preference }),
  );

  test.each<[string[], string[]]>([
    [[], ["a.x", "b.x", "c.x", "d.x"]],
    [["d.x"], ["a.x", "b.x", "c.x"]],
    [["c.x"], ["a.x"]],
    [["c.x", "d.x"], ["a.x"]],
    [["a.x"], []],
  ])("ours are %j: left %j", (ours, left) => {
    const { targets: kept, ignored } = withoutLoops(targets, (host) => ours.includes(host));
    expect(hosts(kept)).toEqual(left);
    expect([...hosts(kept), ...hosts(ignored)]).toEqual(hosts(targets));
    expect(ignored.filter(({ why }) => why === "is ourselves").map(({ host }) => host)).toEqual(ours);
  });
});
