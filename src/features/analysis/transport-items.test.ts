import { expect, test } from "vitest";

import { transportItems } from "./transport-items.ts";

test.each<["platform" | "direct" | "relay" | undefined, boolean | undefined, string[]]>([
  ["relay", false, ["transport-no-relay"]],
  ["relay", true, []],
  // Nothing leaves the machine: it can be tried all the same.
  ["relay", undefined, []],
  ["direct", false, []],
  ["platform", false, []],
  [undefined, false, []],
])("transport %s, with relays: %s", (transport, hasRelays, codes) => {
  expect(transportItems(transport === undefined ? {} : { transport }, hasRelays).map(({ id }) => id)).toEqual(codes);
});
