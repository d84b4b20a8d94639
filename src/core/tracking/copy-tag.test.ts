import { expect, test } from "vitest";

import { copyReturnPath } from "./copy-tag.ts";
import { mintTag, readTag, type TokenKey } from "./token.ts";

const KEY: TokenKey = { id: 1, words: [1, 2, 3, 4] };
const COPY = { partId: 1207, seq: 5, archive: 3 };
const TAG = mintTag(KEY, COPY);
const ring = { current: KEY, byId: new Map([[1, KEY]]) };

test("the tag of a message becomes that of its copy, which finds message and archive", () => {
  const path = copyReturnPath(`bounces+${TAG}@bounce.example`, KEY, COPY);
  const tag = /^bounces\+([a-z2-7]+)@bounce\.example$/.exec(path)?.[1] ?? "";
  expect(readTag(ring, tag)).toEqual(COPY);
});

test("in a quoted local part too", () => {
  expect(copyReturnPath(`"b c+${TAG}"@bounce.example`, KEY, COPY)).toMatch(/^"b c\+[a-z2-7]+"@bounce\.example$/);
});

test("where the longer tag finds no room there is none", () => {
  const local = "b".repeat(63 - TAG.length);
  expect(copyReturnPath(`${local}+${TAG}@bounce.example`, KEY, COPY)).toBe(`${local}@bounce.example`);
});

test.each(["news@sender.example", "", "news+other@sender.example"])("%j has no tag and stays", (path) => {
  expect(copyReturnPath(path, KEY, COPY)).toBe(path);
});
