/** One archive as a form. */
import { expect, test } from "vitest";

import { type Archive, type ArchiveInput, archiveSchema } from "../../../src/contract/index.ts";
import { draftOf, emptyArchive, errorsOf, requestOf } from "./archive-draft.ts";

const rule: ArchiveInput["rule"] = {
  senderDomains: ["shop.example", "b.example"],
  natures: ["service"],
  onlyNamed: true,
};
const stored = (target: Archive["target"]): Archive => ({
  id: "1",
  name: "Compliance",
  enabled: false,
  rule,
  target,
  hasSecret: true,
  version: 3,
  createdAt: "2026-01-01T00:00:00Z",
  updatedAt: "2026-01-01T00:00:00Z",
});

const TARGETS: Archive["target"][] = [
  {
    kind: "smtp",
    address: "copies@archive.example",
    server: "mx.archive.example:465",
    user: "envoi",
    tls: "implicit",
    connections: 4,
    ratePerMinute: 400,
    returnPath: "bounces@shop.example",
  },
  { kind: "smtp", address: "copies@archive.example", tls: "opportunistic", connections: 10 },
  { kind: "files", directory: "/srv/archive", zip: true, zipBatch: 500, purgeAfter: "180d" },
  { kind: "files", zip: false, zipBatch: 10_000 },
  {
    kind: "s3",
    endpoint: "https://s3.example.com",
    region: "eu-west-3",
    bucket: "copies",
    prefix: "envoi/",
    accessKeyId: "AKIA",
    pathStyle: false,
    connections: 20,
  },
];

test.each(TARGETS)("what is read and written back is the same: $kind", (target) => {
  const { name, enabled } = stored(target);
  expect(requestOf(draftOf(stored(target)))).toEqual({ name, enabled, rule, target });
  expect(archiveSchema.parse(requestOf(draftOf(stored(target))))).toEqual({ name, enabled, rule, target });
});

test("a new one asks for the server's own defaults", () => {
  const request = requestOf({ ...emptyArchive, name: "a", address: "a@b.example" });
  expect(request).toEqual(archiveSchema.parse({ name: "a", target: { kind: "smtp", address: "a@b.example" } }));
});

test("a secret goes out only when one is typed, as typed", () => {
  const draft = draftOf(stored(TARGETS[0] as Archive["target"]));
  expect(requestOf(draft).target).not.toHaveProperty("password");
  expect(requestOf({ ...draft, password: " p w " }).target).toHaveProperty("password", " p w ");
});

test("fields of the other kinds do not go along; empty numbers are the defaults", () => {
  const draft = {
    ...emptyArchive,
    name: "a",
    bucket: "b",
    password: "p",
    directory: " /srv/a ",
    zipBatch: "" as const,
  };
  expect(requestOf({ ...draft, kind: "files" }).target).toEqual({
    kind: "files",
    directory: "/srv/a",
    zip: false,
    zipBatch: 10_000,
  });
});

test("both natures are any nature", () => {
  const all = stored(TARGETS[3] as Archive["target"]);
  expect(draftOf({ ...all, rule: { ...rule, natures: ["marketing", "service"] } }).nature).toBe("");
});

test("a hidden address is an empty field", () => {
  expect(draftOf(stored({ kind: "smtp", address: null, tls: "none", connections: 1 })).address).toBe("");
});

test("each refusal lands at its field", () => {
  const errors = [
    { pointer: "/target/address", code: "x", message: "no @" },
    { pointer: "/rule/senderDomains/0", code: "x", message: "no domain" },
    { pointer: "/rule/senderDomains/1", code: "x", message: "no domain either" },
    { pointer: "/rule/natures", code: "x", message: "no nature" },
    { pointer: "/name", code: "x", message: "taken" },
    { pointer: "/target", code: "x", message: "full" },
    { pointer: "", code: "x", message: "no" },
  ];
  expect(errorsOf({ type: "about:blank", title: "", status: 422, detail: "", code: "invalid-input", errors })).toEqual({
    fields: { address: "no @", senderDomains: "no domain\nno domain either", nature: "no nature", name: "taken" },
    others: ["/target: full", "no"],
  });
});
