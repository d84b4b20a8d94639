import fc from "fast-check";
import { expect, test } from "vitest";

import { matchKeyOf } from "./match-key.ts";
import { parseAddress } from "./parse-address.ts";

test.each([
  ["Ann@Shop.Example", "ann@shop.example"],
  ['"ann"@shop.example', "ann@shop.example"],
  ['"Ann B"@shop.example', '"ann b"@shop.example'],
  ["ann@BÜCHER.example", "ann@xn--bcher-kva.example"],
  ["Ünal@shop.example", "ünal@shop.example"],
  [" ann@shop.example ", "ann@shop.example"],
])("%s is compared as %s", (address, key) => {
  expect(matchKeyOf(address)).toBe(key);
});

test("it is what parsing finds, whatever the address", () => {
  const local = fc.stringMatching(/^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,12}$/);
  const domain = fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{0,8}\.(example|EXAMPLE|Example)$/);
  fc.assert(
    fc.property(
      fc.oneof(
        local,
        local.map((text) => `"${text}"`),
      ),
      domain,
      (before, after) => {
        const parsed = parseAddress(`${before}@${after}`);
        fc.pre(parsed.kind === "valid");
        expect(matchKeyOf(`${before}@${after}`)).toBe(parsed.kind === "valid" ? parsed.matchKey : null);
      },
    ),
  );
});
