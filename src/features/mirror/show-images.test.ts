import fc from "fast-check";
import { expect, test } from "vitest";

import { findImages, showImages } from "./show-images.ts";

const URLS = new Map([["logo", "data:image/png;base64,AAAA"]]);

test.each([
  ['<img src="cid:logo">', '<img src="data:image/png;base64,AAAA">'],
  ["<img src='cid:logo' alt=x>", "<img src='data:image/png;base64,AAAA' alt=x>"],
  ["<img src=cid:logo>", "<img src=data:image/png;base64,AAAA>"],
  ['<img SRC = "CID:logo">', '<img SRC = "data:image/png;base64,AAAA">'],
  ['<td background="cid:logo">', '<td background="data:image/png;base64,AAAA">'],
  [`<p style="background: url('cid:logo')">`, `<p style="background: url('data:image/png;base64,AAAA')">`],
  [
    "<style>p { background: url( cid:logo ) }</style>",
    "<style>p { background: url( data:image/png;base64,AAAA ) }</style>",
  ],
  [
    '<p style="background:url(&quot;cid:logo&quot;)">',
    '<p style="background:url(&quot;data:image/png;base64,AAAA&quot;)">',
  ],
  ['<img src="cid:other">', '<img src="cid:other">'],
  ["<p>The text cid:logo stays</p>", "<p>The text cid:logo stays</p>"],
  ['<a href="https://x.example/?cid:logo">', '<a href="https://x.example/?cid:logo">'],
])("%s", (given, shown) => {
  expect(showImages(given, URLS)).toBe(shown);
});

test("content ids are found once each", () => {
  expect(findImages('<img src="cid:a"><img src=cid:b><td background="cid:a"> cid:c')).toEqual(new Set(["a", "b"]));
});

test("without references nothing changes", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      fc.pre(!text.toLowerCase().includes("cid:"));
      expect(showImages(text, URLS)).toBe(text);
    }),
  );
});
