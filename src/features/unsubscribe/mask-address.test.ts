import fc from "fast-check";
import { expect, test } from "vitest";

import { maskAddress } from "./mask-address.ts";

test.each([
  ["john.smith@example.com", "j•••h@example.com"],
  ["john@example.com", "j•••@example.com"],
  ["jo@example.com", "j•••@example.com"],
  ["j@example.com", "•••@example.com"],
  ["用户名字很长@例え.jp", "用•••长@例え.jp"],
  ["e\u0301lodie@example.fr", "e\u0301•••e@example.fr"],
  ['"a@b c"@example.com', '"•••"@example.com'],
])("%s is shown as %s", (address, masked) => {
  expect(maskAddress(address)).toBe(masked);
});

test("at most the first and the last character of the local part are shown, and no length", () => {
  fc.assert(
    fc.property(fc.emailAddress(), (address) => {
      const at = address.lastIndexOf("@");
      const masked = maskAddress(address);
      const shown = masked.slice(0, masked.lastIndexOf("@"));
      expect(masked.slice(masked.lastIndexOf("@"))).toBe(address.slice(at));
      expect(shown).toMatch(/^.?•••.?$/u);
      expect(shown.replace("•••", "").length).toBeLessThan(Math.max(1, at));
    }),
  );
});
