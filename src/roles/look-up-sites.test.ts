import { expect, test } from "vitest";

import type { RoutingOptions } from "../mta/routing.ts";
import { createSiteLookUp } from "./look-up-sites.ts";

type Resolver = RoutingOptions["resolver"];

const CONFIG = { transport: "direct", relays: [], relayProfile: "classic", routes: {} } as const;
const resolver = (resolveMx: Resolver["resolveMx"]): Resolver => ({
  resolveMx,
  resolveAddresses: () => Promise.resolve({ kind: "found", addresses: ["192.0.2.1"] }),
  tlsaFor: () => Promise.resolve({ kind: "none", secure: false }) as never,
});
const mx = (host: string) =>
  Promise.resolve({
    kind: "found",
    targets: [{ host, preference: 10 }],
    secure: false,
    isImplicit: false,
    ttl: 1000,
    ignored: [],
  } as const);

test("many domains, and those that are nowhere are left out", async () => {
  let most = 0;
  let open = 0;
  const lookUp = createSiteLookUp(
    CONFIG,
    null,
    resolver(async (domain) => {
      most = Math.max(most, ++open);
      await Promise.resolve();
      open--;
      return domain === "nowhere.example" ? { kind: "no-such-domain", detail: "NXDOMAIN" } : mx(`mx.${domain}`);
    }),
  );
  const domains = [...Array.from({ length: 300 }, (_, i) => `d${i}.example`), "nowhere.example"];
  const found = await lookUp(domains, 10_000);
  expect(found).toHaveLength(300);
  expect(found).toContainEqual({ domain: "d7.example", site: "mx.d7.example", mx: ["mx.d7.example"] });
  expect(most).toBeLessThanOrEqual(50);
  expect(most).toBeGreaterThan(1);
});

test("when the time is over there is what was found until then", async () => {
  const lookUp = createSiteLookUp(
    CONFIG,
    null,
    resolver((domain) => (domain === "slow.example" ? new Promise(() => {}) : mx("mx.example.org"))),
  );
  expect(await lookUp(["slow.example", "fast.example"], 20)).toMatchObject([{ domain: "fast.example" }]);
});

test("of nothing nothing", async () => {
  const never = createSiteLookUp(
    CONFIG,
    null,
    resolver(() => Promise.reject(new Error("nobody asked"))),
  );
  expect(await never([], 1000)).toEqual([]);
});
