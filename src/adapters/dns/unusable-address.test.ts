import { expect, test } from "vitest";

import { addressCheck, canonicalAddress } from "./unusable-address.ts";

const check = addressCheck([]);

test.each<[string, string]>([
  ["0.0.0.0", "is no address of a machine"],
  ["127.0.0.1", "is this machine"],
  ["10.1.2.3", "is private"],
  ["172.31.255.255", "is private"],
  ["192.168.0.1", "is private"],
  ["100.64.0.1", "is private"],
  ["169.254.169.254", "is only valid on one link"],
  ["224.0.0.1", "is a group, no machine"],
  ["255.255.255.255", "is a group, no machine"],
  ["240.0.0.1", "is reserved"],
  ["192.0.2.1", "is reserved"],
  ["198.51.100.1", "is reserved"],
  ["203.0.113.1", "is reserved"],
  ["198.18.0.1", "is reserved"],
  ["::", "is no address of a machine"],
  ["::1", "is this machine"],
  ["fe80::1", "is only valid on one link"],
  ["fd00::1", "is private"],
  ["ff02::1", "is a group, no machine"],
  ["::ffff:127.0.0.1", "is an IPv4 address in disguise"],
  ["::ffff:8.8.8.8", "is an IPv4 address in disguise"],
  ["64:ff9b::7f00:1", "is an IPv4 address in disguise"],
  ["2001:db8::1", "is reserved"],
  ["2002:7f00:1::", "is reserved"],
  ["2001::1", "is reserved"],
  ["mx.example", "is no address"],
  ["", "is no address"],
])("%s %s", (address, why) => expect(check(address)).toBe(why));

test.each(["8.8.8.8", "172.32.0.1", "2a00:1450:4001::1b"])("%s may get mail", (address) => {
  expect(check(address)).toBeNull();
});

test("networks of the operator are allowed, of their family only", () => {
  const allowing = addressCheck(["10.0.0.0/8", "fd00::/8"]);
  expect(["10.9.9.9", "fd12::1"].map(allowing)).toEqual([null, null]);
  expect(allowing("::ffff:10.9.9.9")).toBe("is an IPv4 address in disguise");
  expect(allowing("192.168.0.1")).toBe("is private");
  expect(() => addressCheck(["10.0.0.0"])).toThrow();
});

test("addresses are compared in one form", () => {
  expect(canonicalAddress("2001:DB8:0:0::1")).toBe("2001:db8::1");
  expect(canonicalAddress("192.0.2.1")).toBe("192.0.2.1");
});
