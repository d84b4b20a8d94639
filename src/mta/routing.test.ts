import { describe, expect, test } from "vitest";

import { routeDomain, type RoutingOptions } from "./routing.ts";

const options: RoutingOptions = {
  transport: "direct",
  relays: [],
  relayProfile: "classic",
  routes: {},
  sandboxRoutes: null,
  stsPolicyFor: () => Promise.resolve(null),
  resolver: {
    resolveMx: (domain) =>
      Promise.resolve(
        domain === "gone.example"
          ? { kind: "no-such-domain", detail: "gone" }
          : domain === "deaf.example"
            ? { kind: "unavailable", detail: "no answer" }
            : {
                kind: "found",
                secure: false,
                targets: [
                  { host: "b.mx.example", preference: 20 },
                  { host: "a.mx.example", preference: 10 },
                ],
              },
      ),
    resolveAddresses: (host) =>
      Promise.resolve(
        host === "a.mx.example" ? { kind: "found", addresses: ["192.0.2.1"] } : { kind: "no-address", detail: "none" },
      ),
    tlsaFor: () => Promise.resolve({ kind: "none" }),
  },
};
const relay = { host: "relay.example", port: 587, implicitTls: false, user: null, password: null, weight: 1 };
const server = { host: "127.0.0.1", port: 2525 };
type Given = Partial<RoutingOptions> & { wished?: "platform" | "direct" | "relay" };
const first = async (domain: string, routes: RoutingOptions["routes"], given: Given = {}) => {
  const { wished = "platform", ...rest } = given;
  const destination = await routeDomain(domain, { routes, transport: wished }, { ...options, ...rest });
  if (destination.kind === "failed") return destination.trouble;
  if (destination.kind === "smarthosts")
    return destination.choices.map((choice) => choice.destination.site).join(" or ");
  return `${destination.targets(() => 0)[0]?.host}${destination.isSmarthost ? " smarthost" : ""}`;
};

describe("routing", () => {
  test.each<[string, string, RoutingOptions["routes"], Given, string]>([
    ["MX in order of preference, hosts without address left out", "x.example", {}, {}, "a.mx.example"],
    ["a domain that does not exist", "gone.example", {}, {}, "no-such-domain"],
    ["a resolver that does not answer", "deaf.example", {}, {}, "dns"],
    [
      "the delivery's route before the platform's",
      "x.example",
      { "x.example": server },
      { routes: { "*": { host: "p", port: 1 } } },
      "127.0.0.1",
    ],
    ["the platform's route before MX", "x.example", {}, { routes: { "x.example": server } }, "127.0.0.1"],
    [
      "a named route before the route for all",
      "x.example",
      { "*": { host: "all", port: 1 }, "x.example": server },
      {},
      "127.0.0.1",
    ],
    ["a route for all is a smarthost", "x.example", { "*": server }, {}, "127.0.0.1 smarthost"],
    ["a name of Object.prototype is no route", "constructor", { "*": server }, {}, "127.0.0.1 smarthost"],
    ["the relay", "x.example", {}, { transport: "relay", relays: [relay] }, "relay.example smarthost"],
    [
      "several relays",
      "x.example",
      {},
      { transport: "relay", relays: [relay, { ...relay, port: 25 }] },
      "relay relay.example:587 or relay relay.example:25",
    ],
    ["the relay for one delivery", "x.example", {}, { wished: "relay", relays: [relay] }, "relay.example smarthost"],
    ["no MX for a delivery that wants the relay", "x.example", {}, { wished: "relay" }, "dns"],
    [
      "MX for one delivery, also where a relay takes the others",
      "x.example",
      {},
      { wished: "direct", transport: "relay", relays: [relay] },
      "a.mx.example",
    ],
    [
      "the delivery's route before its transport",
      "x.example",
      { "x.example": server },
      { wished: "relay", relays: [relay] },
      "127.0.0.1",
    ],
    [
      "the sandbox, whatever a delivery wants",
      "x.example",
      {},
      { wished: "relay", relays: [relay], transport: "sandbox", sandboxRoutes: { "*": server } },
      "mx.x.example",
    ],
    [
      "the sandbox, each domain a site of its own",
      "x.example",
      {},
      { transport: "sandbox", sandboxRoutes: { "*": server } },
      "mx.x.example",
    ],
  ])("%s", async (_, domain, routes, given, expected) => expect(await first(domain, routes, given)).toBe(expected));
});
