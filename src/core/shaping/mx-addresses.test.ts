import { expect, test } from "vitest";

import { addressesFor } from "./mx-addresses.ts";

const ADDRESSES = ["192.0.2.1", "192.0.2.2", "2001:db8::1"];

test.each([
  [{ v4: true, v6: true, first: "v4" }, ["192.0.2.1", "192.0.2.2", "2001:db8::1"]],
  [{ v4: true, v6: true, first: "v6" }, ["2001:db8::1", "192.0.2.1", "192.0.2.2"]],
  [{ v4: true, v6: false, first: "v6" }, ["192.0.2.1", "192.0.2.2"]],
  [{ v4: false, v6: true, first: "v4" }, ["2001:db8::1"]],
  [{ v4: false, v6: false, first: "v4" }, []],
] as const)("%j reaches %j", (families, expected) => {
  expect(addressesFor(ADDRESSES, families)).toEqual(expected);
});
