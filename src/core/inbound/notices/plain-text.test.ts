import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { plainTextOf } from "./plain-text.ts";

describe("plainTextOf", () => {
  it.each([
    ["<p>one</p><p>two</p>", "one\n\ntwo"],
    ["one<br>two<br/>three", "one\ntwo\nthree"],
    ["<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"],
    ["<head><title>x</title></head><style>p{}</style>text", "text"],
    ["<style>p{} text", "p{} text"],
    ["<!-- no -->yes<!-- open", "yes"],
    ["&lt;ada&#64;one.example&gt; &#x41;&eacute;&nope;", "<ada@one.example> Aé&nope;"],
    ["mail <ada@one.example> a < b", "mail <ada@one.example> a < b"],
    ["a\n  b", "a b"],
    ["<B>bold</B>", "bold"],
    ["<p", "<p"],
    ["", ""],
  ])("%j", (html, text) => {
    expect(plainTextOf(html)).toBe(text);
  });

  it("leaves text without marks as it is, but for blanks", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("ada@one.example", "no", "550", "5.1.1")), (words) => {
        expect(plainTextOf(words.join(" "))).toBe(words.join(" "));
      }),
    );
  });
});
