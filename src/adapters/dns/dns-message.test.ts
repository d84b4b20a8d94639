/** Replies as other software writes them (dnspython 2), with what validating servers add: none of it may get in the way. */
import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { type Question, readReply, writeQuestion } from "./dns-message.ts";

const wire = JSON.parse(
  readFileSync(new URL("../../../test/fixtures/dns-replies.json", import.meta.url), "utf8"),
) as Record<string, string>;
const read = (name: string, question: Question) => readReply(Buffer.from(wire[name] ?? "", "base64"), 7, question);

const record = { name: "example.com", ttl: 3600, type: "MX", data: { exchange: "mx.example.com", preference: 10 } };

test("signatures beside the records", () => {
  const reply = read("signed MX", { name: "example.com", type: "MX" });
  expect(reply).toMatchObject({ rcode: 0, isAuthentic: true, isLame: false, records: [record] });
});

test.each(["NSEC", "NSEC3"])("a proof that there is none (%s), and how long that holds", (name) => {
  const reply = read(name, { name: "no.example.com", type: "MX" });
  expect(reply).toMatchObject({ rcode: 3, isAuthentic: true, records: [], negativeTtl: 600 });
});

test("TLSA", () => {
  const reply = read("TLSA", { name: "_25._tcp.mx.example.com", type: "TLSA" });
  const data = { usage: 3, selector: 1, matchingType: 1, data: new Uint8Array(32).fill(0xab) };
  expect(reply).toMatchObject({ records: [{ type: "TLSA", data }] });
});

test("a whole branch that is an alias (DNAME) comes as one for the name", () => {
  const reply = read("DNAME", { name: "a.old.example", type: "MX" });
  expect(reply).toMatchObject({ records: [{ type: "CNAME", data: "a.new.example" }, { type: "MX" }] });
});

test("a failure with its reason (RFC 8914)", () => {
  expect(read("SERVFAIL with EDE", { name: "example.com", type: "MX" })).toMatchObject({ rcode: 2, records: [] });
});

test("an answer to another question, type or id is none", () => {
  const bytes = Buffer.from(wire["signed MX"] ?? "", "base64");
  expect(readReply(bytes, 8, { name: "example.com", type: "MX" })).toBe("foreign");
  expect(readReply(bytes, 7, { name: "example.net", type: "MX" })).toBe("foreign");
  expect(readReply(bytes, 7, { name: "example.com", type: "A" })).toBe("foreign");
});

test.each([
  ["none", "000701000001000000000000076578616d706c6503636f6d00000f0001"],
  ["plain", "000701000001000000000001076578616d706c6503636f6d00000f000100002904d0000000000000"],
  ["dnssec", "000701200001000000000001076578616d706c6503636f6d00000f000100002904d0000080000000"],
] as const)("a question with EDNS %s", (edns, hex) => {
  expect(writeQuestion(7, { name: "example.com", type: "MX" }, edns).toString("hex")).toBe(hex);
});
