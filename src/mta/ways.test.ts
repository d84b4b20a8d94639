/** Which destination the messages of a delivery have, and what is remembered of a domain. */
import { expect, test } from "vitest";

import { directRouting } from "../../test/dispatch-rig.ts";
import type { SendableDelivery } from "./sendable-delivery.ts";
import type { Task } from "./task.ts";
import { createWays, type WaysOptions } from "./ways.ts";

const RELAY = { host: "relay.example", port: 587, implicitTls: false, user: null, password: null, weight: 1 };

function open() {
  const routed: string[] = [];
  const ways = createWays({
    routing: { ...directRouting(), relays: [RELAY] },
    onRouted: (domain: string, site: string) => void routed.push(`${domain} ${site}`),
    clock: { now: () => 0, steady: () => 0 },
    shaper: { providerOf: () => "example" },
  } as unknown as WaysOptions);
  const siteOf = async (
    id: number,
    transport: SendableDelivery["transport"],
    routes: SendableDelivery["routes"] = {},
  ) => {
    const part = { lease: { deliveryId: id }, delivery: { id, routes, transport } };
    const found = await ways.destinationOf({ domain: "one.example", part } as unknown as Task);
    return found.kind === "site" ? found.site : found.kind;
  };
  return { siteOf, routed };
}

test("two deliveries send to one domain by their own ways, in either order", async () => {
  for (const order of [["relay", "platform", "direct"] as const, ["direct", "platform", "relay"] as const]) {
    const { siteOf } = open();
    const sites: Record<string, string> = {};
    for (const [id, transport] of order.entries()) sites[transport] = await siteOf(id, transport);
    expect(sites["relay"]).toBe("relay relay.example:587");
    expect(sites["direct"]).toBe(sites["platform"]);
    expect(sites["platform"]).not.toBe(sites["relay"]);
  }
});

test("plans hear where the installation sends a domain, not what one delivery wishes", async () => {
  const { siteOf, routed } = open();
  await siteOf(1, "relay");
  expect(routed).toEqual([]);
  const site = await siteOf(2, "platform");
  expect(routed).toEqual([`one.example ${site}`]);
});
