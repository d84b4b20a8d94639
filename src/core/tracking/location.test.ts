import fc from "fast-check";
import { domainToASCII } from "node:url";
import { expect, test } from "vitest";

import { toLocation } from "./location.ts";

const locate = (url: string) => toLocation(url, domainToASCII);

test.each([
  "http://shop.example",
  "https://shop.example/",
  "HTTPS://Shop.Example:8443/a/../b//c;p=1?x=%20&y=a+b&&z=%E4%F6#top?#",
  "https://shop.example?x=1",
  "https://user:pa%40ss@shop.example/",
  "https://shop.example/?next=https://evil.example/&q='\"<>{}|^`",
  "http://[2001:db8::1]:8080/?a",
  "http://192.0.2.1/",
  "http://localhost:3000/?a=1#b",
  "https://shop.example/#/route?with=fragment",
])("%s stays letter for letter", (url) => expect(locate(url)).toBe(url));

test.each([
  [
    "https://bücher.example/straße?stadt=Köln&x=é#größe",
    "https://xn--bcher-kva.example/stra%C3%9Fe?stadt=K%C3%B6ln&x=%C3%A9#gr%C3%B6%C3%9Fe",
  ],
  ["https://shop.example/日本/😀", "https://shop.example/%E6%97%A5%E6%9C%AC/%F0%9F%98%80"],
  ["https://shop.example/a b?c d", "https://shop.example/a%20b?c%20d"],
  ["  https://shop.example/ ", "https://shop.example/"],
  ["https://shop.example/\r\nSet-Cookie: a=b", "https://shop.example/Set-Cookie:%20a=b"],
  ["https://shop.example/\u2028\u0085\u00a0x", "https://shop.example/%E2%80%A8%C2%85%C2%A0x"],
  ["https://shop.example/\0\x1b\x7f", "https://shop.example/%00%1B%7F"],
  ["ht\ntps://shop.example/", "https://shop.example/"],
  ["https://shop.example/\ud800", "https://shop.example/%EF%BF%BD"],
])("%j becomes %s", (url, location) => expect(locate(url)).toBe(location));

test.each([
  "",
  "#",
  "/path",
  "//shop.example/",
  "http:",
  "http://",
  "http:///path",
  "https:shop.example",
  "https://?x",
  "javascript:alert(1)",
  "JaVaScRiPt:alert(1)//https://shop.example",
  "data:text/html,x",
  "ftp://shop.example/",
  "mailto:a@shop.example",
  "https://shop.example\\@evil.example/",
  "https:\\\\evil.example/",
  "https://shop.example:port/",
  "https://shop.example:123456/",
  "https://a b.example/",
  "https://shop.example%00.evil.example/",
  "https://user@/",
])("%j leads nowhere", (url) => expect(locate(url)).toBeNull());

test("whatever comes in, what comes out is a header value, and browsers see the same host in it", () => {
  const urls = fc.tuple(
    fc.constantFrom("https://shop.example", "http://", "https://a:b@c.example"),
    fc.string({ unit: "binary" }),
  );
  fc.assert(
    fc.property(urls, ([start, rest]) => {
      const location = locate(start + rest);
      if (location === null) return;
      expect(location).toMatch(/^https?:\/\/[\x21-\x7e]+$/i);
      if (!URL.canParse(location) || !URL.canParse(start + rest)) return;
      expect(new URL(location).host).toBe(new URL(start + rest).host);
      expect(locate(location)).toBe(location);
    }),
    { numRuns: 3000 },
  );
});

test("a long one takes time in proportion", () => {
  for (const text of [" ".repeat(200_000), "@".repeat(200_000), "a".repeat(200_000), "http://".repeat(50_000)]) {
    locate(`https://${text}\0`);
    locate(`${text}x`);
  }
});
