import { expect, test } from "vitest";

import { isOurRecipient } from "./is-recipient.ts";

const SETTINGS = {
  bounceDomain: "back.example",
  errorAddress: "errors@shop.example",
  unsubscribeAddress: "stop@shop.example",
  feedbackAddress: "fbl@shop.example",
};
const readTag = (tag: string) =>
  Promise.resolve(tag.toLowerCase() === "good" ? { partId: 1, seq: 0, archive: null } : null);

test.each([
  ["bounces@back.example", true],
  ["Postmaster@BACK.example", true],
  ["bounces+good@back.example", true],
  ["bounces+GOOD@back.example", true],
  ["bounces+made-up@back.example", false],
  ["errors@shop.example", true],
  ["stop+anything@shop.example", true],
  ["FBL@shop.example", true],
  ["fbl@other.example", false],
  ["ada@shop.example", false],
  ["ada@sub.back.example", false],
  ["", false],
  ["no address", false],
])("%s: %s", async (address, expected) => {
  expect(await isOurRecipient(address, SETTINGS, readTag)).toBe(expected);
});

test("without a bounce domain nothing there is ours", async () => {
  const none = { bounceDomain: "", errorAddress: "", unsubscribeAddress: "", feedbackAddress: "" };
  expect(await isOurRecipient("ada@one.example", none, readTag)).toBe(false);
});
