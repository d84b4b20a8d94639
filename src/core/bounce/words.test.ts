import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { replaceAddresses, splitWords } from "./words.ts";

describe("splitWords", () => {
  it.each([
    ["550 5.1.1 User unknown", "550 5 1 1 user unknown"],
    ["<no.spam@example.com>: doesn't exist", "mailaddress doesn t exist"],
    ["mailto:a@example.com", "mailto mailaddress"],
    ["Boîte pleine – désolé", "boite pleine desole"],
    ["Größe überschritten", "grosse uberschritten"],
    ["邮箱已满", "邮 箱 已 满"],
    ["Пользователь не найден", "пользователь не наиден"],
    ["OFR_416 [c=r0201]", "ofr 416 c r0201"],
    ["@ alone, a@ and @b", "alone a and b"],
    ["", ""],
  ])("%s", (text, words) => {
    expect(splitWords(text).join(" ")).toBe(words);
  });
});

describe("replaceAddresses", () => {
  it("leaves no address", () => {
    const address = fc
      .tuple(fc.stringMatching(/^[a-z.]{1,8}$/), fc.stringMatching(/^[a-z.]{1,8}$/))
      .map((p) => p.join("@"));
    fc.assert(
      fc.property(fc.array(fc.oneof(address, fc.constantFrom("<", ">", "said:", "a", "[1]"))), (parts) => {
        expect(replaceAddresses(parts.join(" "), "*")).not.toContain("@");
      }),
    );
  });
});
