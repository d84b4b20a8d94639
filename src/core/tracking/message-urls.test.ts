import { expect, test } from "vitest";

import { messageUrls } from "./message-urls.ts";
import { readTag, readToken, type TokenKey, type TokenKeys } from "./token.ts";

const KEY: TokenKey = { id: 1, words: [1, 2, 3, 4] };
const KEYS: TokenKeys = { current: KEY, byId: new Map([[1, KEY]]) };
const OPTIONS = {
  base: "https://news.shop.example",
  key: KEY,
  deliveryId: 4,
  partId: 17,
  seq: 230,
  mark: "live",
} as const;

const tokenOf = (url: string) => readToken(KEYS, url.slice(url.lastIndexOf("/") + 1));

test("each address says what it is for and of which message", () => {
  const urls = messageUrls(OPTIONS);
  const message = { deliveryId: 4, partId: 17, seq: 230, mark: "live" };
  expect(urls.click(3, null)).toMatch(/^https:\/\/news\.shop\.example\/r\/[\w-]+$/);
  expect(tokenOf(urls.click(3, null))).toEqual({ ...message, kind: "click", link: 3, url: null });
  expect(tokenOf(urls.click(4, "https://x.example/?a=1"))?.url).toBe("https://x.example/?a=1");
  expect(urls.open()).toMatch(/^https:\/\/news\.shop\.example\/o\//);
  expect(tokenOf(urls.open())).toMatchObject({ ...message, kind: "open" });
  expect(urls.mirror()).toMatch(/^https:\/\/news\.shop\.example\/m\//);
  expect(tokenOf(urls.mirror())).toMatchObject({ ...message, kind: "mirror" });
  expect(urls.unsubscribe()).toMatch(/^https:\/\/news\.shop\.example\/u\//);
  expect(tokenOf(urls.unsubscribe())).toMatchObject({ ...message, kind: "unsubscribe" });
  expect(readTag(KEYS, urls.tag())).toEqual({ partId: 17, seq: 230, archive: null });
});

test.each(["preview", "copy"] as const)("those of a %s say so", (mark) => {
  const urls = messageUrls({ ...OPTIONS, mark });
  for (const url of [
    urls.click(1, null),
    urls.click(1, "https://x.example"),
    urls.open(),
    urls.mirror(),
    urls.unsubscribe(),
  ]) {
    expect(tokenOf(url)?.mark).toBe(mark);
  }
});

test("a copy has the tag of its original, so that both have one Message-ID, and one of its own where wishes to unsubscribe go", () => {
  const [live, copy] = [messageUrls(OPTIONS), messageUrls({ ...OPTIONS, mark: "copy" })];
  expect(copy.tag()).toBe(live.tag());
  expect(live.unsubscribeTag()).toBe(live.tag());
  expect(readTag(KEYS, copy.unsubscribeTag())).toEqual({ partId: 17, seq: 230, archive: 0 });
});

test("a URL that no token can carry stays as it is", () => {
  const long = `https://x.example/?q=${"ü".repeat(700)}`;
  expect(messageUrls(OPTIONS).click(1, long)).toBe(long);
});
