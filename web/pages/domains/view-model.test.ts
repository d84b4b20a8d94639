/** The pages of the sending domains without a DOM. */
import { expect, test } from "vitest";

import type { DkimKey, DnsCheck } from "../../../src/contract/index.ts";
import { checksInOrder, domainOf, keysInOrder, keyWords, zoneLine } from "./view-model.ts";

const key = (over: Partial<DkimKey>): DkimKey => ({
  id: "1",
  selector: "envoi1",
  algorithm: "rsa-sha256",
  bits: 2048,
  canonicalization: "relaxed/relaxed",
  state: "active",
  createdAt: "2026-01-01T00:00:00Z",
  retiredAt: null,
  record: {
    name: "envoi1._domainkey.shop.example",
    type: "TXT",
    value: "v=DKIM1; p=AB",
    strings: ["v=DKIM1; p=A", "B"],
  },
  ...over,
});

test("what to repair comes first", () => {
  const checks = (["ok", "unknown", "error", "warning"] as const).map((status) => ({ status }) as DnsCheck);
  expect(checksInOrder(checks).map((each) => each.status)).toEqual(["error", "warning", "unknown", "ok"]);
});

test("active keys come before retired ones, newer before older", () => {
  const keys = [
    key({ id: "old", state: "retired", createdAt: "2026-03-01T00:00:00Z" }),
    key({ id: "first" }),
    key({ id: "second", createdAt: "2026-02-01T00:00:00Z" }),
  ];
  expect(keysInOrder(keys).map((each) => each.id)).toEqual(["second", "first", "old"]);
});

test("a key is called by its algorithm", () => {
  expect(keyWords(key({}))).toBe("RSA 2048");
  expect(keyWords(key({ algorithm: "ed25519-sha256", bits: null }))).toBe("Ed25519");
});

test("a zone line holds the value in its pieces", () => {
  expect(zoneLine(key({}))).toBe('envoi1._domainkey.shop.example. IN TXT ("v=DKIM1; p=A" "B")');
});

test.each([
  ["shop.example", "shop.example"],
  [" Shop.Example. ", "shop.example"],
  ["exämple.example", "exämple.example"],
  ["news@shop.example", null],
  ["shop", null],
  ["https://shop.example", null],
])("%j is the domain %j", (typed, domain) => {
  expect(domainOf(typed)).toBe(domain);
});
