import { describe, expect, test } from "vitest";

import { hideAddresses, hideAddressesIn } from "./hide-addresses.ts";

describe("addresses in texts", () => {
  test.each([
    ["250 2.1.5 <copies@archive.example> queued", "250 2.1.5 <•••> queued"],
    ["RCPT TO:<copies@archive.example>", "RCPT TO:<•••>"],
    ["copies@archive.example", "•••"],
    ['"two words"@archive.example: no', "•••: no"],
    ["büro+x@bücher.example, copies@a.example", "•••, •••"],
    ["rfc822;copies@archive.example", "rfc822;•••"],
    ["user@[192.0.2.1]", "•••"],
    ["no address here: a @ b", "no address here: a @ b"],
    ["", ""],
  ])("%s", (text, hidden) => {
    expect(hideAddresses(text)).toBe(hidden);
  });

  test("a long text of almost addresses stays as it is", () => {
    const text = `${'"a'.repeat(20_000)} ${"a.".repeat(20_000)}`;
    expect(hideAddresses(text)).toBe(text);
  });

  test("are hidden wherever they stand in a value; keys, numbers and what is missing stay", () => {
    const value = {
      name: "a@b.example",
      list: ["x", "c@d.example"],
      n: 1,
      none: null,
      deep: { reply: "<e@f.example>" },
    };
    expect(hideAddressesIn(value)).toEqual({
      name: "•••",
      list: ["x", "•••"],
      n: 1,
      none: null,
      deep: { reply: "<•••>" },
    });
  });
});
