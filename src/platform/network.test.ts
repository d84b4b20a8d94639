import { expect, test } from "vitest";

import { isWithin, parseIp, parseNetwork } from "./network.ts";

test.each([
  ["10.0.0.0/8", "10.255.0.1", true],
  ["10.0.0.0/8", "11.0.0.1", false],
  ["10.0.0.0/8", "::ffff:10.1.2.3", true],
  ["192.0.2.7", "192.0.2.7", true],
  ["192.0.2.7", "192.0.2.8", false],
  ["192.0.2.6/31", "192.0.2.7", true],
  ["0.0.0.0/0", "192.0.2.7", true],
  ["0.0.0.0/0", "2001:db8::1", false],
  ["2001:db8::/33", "2001:db8:7fff::1", true],
  ["2001:db8::/33", "2001:db8:8000::1", false],
  ["2001:DB8::1", "2001:db8:0::1", true],
])("%s and %s: %s", (range, address, expected) => {
  const [network, ip] = [parseNetwork(range), parseIp(address)];
  expect(network && ip && isWithin(ip, network)).toBe(expected);
});

test.each([
  "",
  "x",
  "10.0.0.0/33",
  "10.0.0.1/8",
  "10.0.0.0/",
  "10.0.0.0/8/8",
  "10.0.0.0/-1",
  "10.0.0.0/8 ",
  "10.0.0/8",
  "1",
  "010.0.0.0/8",
  "2001:db8::1/64",
  "2001:db8::/129",
  "fe80::1%eth0",
  "::ffff:10.0.0.0/104",
])("%j is no network", (text) => expect(parseNetwork(text)).toBeNull());

test.each(["", "x", "192.0.2.7/32", "unix:"])("%j is no address", (text) => expect(parseIp(text)).toBeNull());
