import fc from "fast-check";
import { isIP } from "node:net";
import { expect, test } from "vitest";

import { isLoopback } from "./is-loopback.ts";

test.each(["localhost", "127.0.0.1", "127.1.2.3", "127.255.255.254", "::1", "[::1]"])("%s is this machine", (host) =>
  expect(isLoopback(host)).toBe(true),
);

test.each([
  "",
  "localhost.example",
  "LOCALHOST",
  "localhost.",
  "127.1",
  "127.0.0.256",
  "127.0.0.999",
  "127.0.0.01",
  "127.0.0.1.example",
  "x127.0.0.1",
  "128.0.0.1",
  "192.0.2.1",
  "0.0.0.0",
  "::",
  "::2",
  "[::1",
  "::ffff:127.0.0.1",
  "0:0:0:0:0:0:0:1",
  "127.0.0.1\n",
])("%j is not taken for it", (host) => expect(isLoopback(host)).toBe(false));

test("of addresses of IPv4 it is those that begin with 127", () => {
  const part = fc.integer({ min: 0, max: 300 });
  fc.assert(
    fc.property(fc.constantFrom(126, 127, 128), part, part, part, (...parts) => {
      const host = parts.join(".");
      expect(isLoopback(host)).toBe(isIP(host) === 4 && host.startsWith("127."));
    }),
  );
});
