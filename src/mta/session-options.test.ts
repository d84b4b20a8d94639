/** How a source may be connected to the servers of a destination. */
import { describe, expect, test } from "vitest";

import { directRouting, RULE, sourceOf } from "../../test/dispatch-rig.ts";
import type { TlsaAnswer } from "../core/smtp/dane.ts";
import type { StsPolicy } from "../core/smtp/tls-policy.ts";
import { type Destination, routeDomain, toServer } from "./routing.ts";
import { canReach, sessionFor, usableTargets } from "./session-options.ts";
import type { SendingSource } from "./source-book.ts";

type Site = Extract<Destination, { kind: "site" }>;
const SYSTEM: SendingSource = { key: "default", id: null, v4: null, v6: null, helo: null, warmUp: "off" };
const V4: SendingSource = { ...SYSTEM, key: "s1", id: 1, v4: "192.0.2.1", helo: sourceOf(1).helo };
const V6: SendingSource = { ...SYSTEM, key: "s2", id: 2, v6: "2001:db8::1" };
const NOW = 0;
const random = () => NOW;
const RECORD = { usage: 3, selector: 1, matchingType: 1, data: new Uint8Array(32) };

type Dns = {
  readonly addresses?: Readonly<Record<string, readonly string[]>>;
  readonly sts?: StsPolicy;
  readonly tlsa?: TlsaAnswer;
};

async function destinationOf({
  addresses = { "mx.one.example": ["198.51.100.1"] },
  sts,
  tlsa,
}: Dns = {}): Promise<Site> {
  const routing = directRouting();
  const found = await routeDomain(
    "one.example",
    { routes: {}, transport: "platform" },
    {
      ...routing,
      stsPolicyFor: async () => sts ?? null,
      resolver: {
        resolveMx: async () => ({
          kind: "found",
          targets: Object.keys(addresses).map((host, preference) => ({ host, preference })),
          secure: true,
        }),
        resolveAddresses: async (host) => ({ kind: "found", addresses: addresses[host] ?? [] }),
        tlsaFor: async () => tlsa ?? { kind: "none" },
      },
    },
  );
  if (found.kind !== "site") throw new Error(found.kind);
  return found;
}

const addressesFor = (destination: Site, source: SendingSource, rule = RULE) =>
  usableTargets(destination, source, rule, random).map(({ address }) => address);

describe("address families", () => {
  const both = { "mx.one.example": ["198.51.100.1", "2001:db8:1::1"] };

  test("a source reaches servers of its own families only, the system all", async () => {
    const destination = await destinationOf({ addresses: both });
    expect(addressesFor(destination, V4)).toEqual(["198.51.100.1"]);
    expect(addressesFor(destination, V6)).toEqual(["2001:db8:1::1"]);
    expect(addressesFor(destination, SYSTEM)).toEqual(["198.51.100.1", "2001:db8:1::1"]);
    expect(addressesFor(destination, { ...V4, v6: "2001:db8::1" })).toHaveLength(2);
  });

  test("whether it can is not remembered beyond its addresses", async () => {
    const destination = await destinationOf();
    expect([canReach(destination, V6, RULE), canReach(destination, V4, RULE)]).toEqual([false, true]);
    expect(canReach(destination, { ...V6, v4: "192.0.2.2" }, RULE)).toBe(true);
  });
});

describe("TLS", () => {
  const policy = { mode: "enforce", mx: ["mx.one.example"], expires: Number.MAX_SAFE_INTEGER, id: "1" } as const;
  const two = { "mx.one.example": ["198.51.100.1"], "mx.other.example": ["198.51.100.2"] };

  test("hosts that the domain's policy does not name are left out, and the others need a valid certificate", async () => {
    const destination = await destinationOf({ addresses: two, sts: policy });
    expect(addressesFor(destination, SYSTEM)).toEqual(["198.51.100.1"]);
    const [target] = usableTargets(destination, SYSTEM, RULE, random);
    if (!target) throw new Error("no target");
    expect(sessionFor(target, { destination, source: SYSTEM, rule: RULE })).toMatchObject({
      tls: "required",
      daneRecords: null,
    });
  });

  test("a policy that names none of them lets nothing leave", async () => {
    const destination = await destinationOf({ sts: { ...policy, mx: ["mx.elsewhere.example"] } });
    expect([addressesFor(destination, SYSTEM), canReach(destination, SYSTEM, RULE)]).toEqual([[], false]);
  });

  test("records of DANE are handed on, and answers that cannot be trusted let nothing leave", async () => {
    const records = { kind: "records", records: [RECORD], base: "mx.one.example" } as const;
    const destination = await destinationOf({ tlsa: records });
    const [target] = usableTargets(destination, V4, RULE, random);
    if (!target) throw new Error("no target");
    expect(sessionFor(target, { destination, source: V4, rule: RULE })).toMatchObject({
      tls: "required",
      daneRecords: [RECORD],
      tlsName: "mx.one.example",
      source: "192.0.2.1",
      helo: "s1.example.org",
    });
    expect(canReach(await destinationOf({ tlsa: { kind: "failed", detail: "bogus" } }), SYSTEM, RULE)).toBe(false);
  });

  test("the rule may ask for more, and for nothing", async () => {
    const destination = await destinationOf();
    const [target] = usableTargets(destination, SYSTEM, RULE, random);
    if (!target) throw new Error("no target");
    const tlsBy = (tls: typeof RULE.tls) =>
      sessionFor(target, { destination, source: SYSTEM, rule: { ...RULE, tls } }).tls;
    expect((["none", "opportunistic", "encrypted", "required"] as const).map(tlsBy)).toEqual([
      "none",
      "opportunistic",
      "encrypted",
      "required",
    ]);
  });

  test("a relay with a login has the rule of logins, one without that of its site", () => {
    const relay = { host: "relay.example.org", port: 25, user: null, password: null, implicitTls: false };
    const tlsOf = (changes: Partial<typeof relay> & { user?: string | null }, tls: typeof RULE.tls) => {
      const destination = toServer({ ...relay, ...changes } as typeof relay);
      const [target] = destination.targets(random);
      if (!target) throw new Error("no target");
      return sessionFor(target, { destination, source: SYSTEM, rule: { ...RULE, tls } }).tls;
    };
    expect(tlsOf({}, "opportunistic")).toBeNull();
    expect(tlsOf({}, "required")).toBe("required");
    expect(tlsOf({ implicitTls: true }, "none")).toBeNull();
  });
});

test("from an address of the world nothing can be reached on this machine itself: there the system chooses", () => {
  for (const host of ["127.0.0.1", "localhost", "::1"]) {
    const destination = toServer({ host, port: 25, user: null, password: null, implicitTls: false });
    const [target] = destination.targets(random);
    if (!target) throw new Error("no target");
    expect(sessionFor(target, { destination, source: { ...V4, v6: "2001:db8::1" }, rule: RULE })).toMatchObject({
      source: null,
      sourceV6: null,
      helo: "s1.example.org",
    });
  }
});
