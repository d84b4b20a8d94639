/** The editor: where refusals and problems lead, what the one button is. */
import { expect, test } from "vitest";

import { type Checklist, type Delivery, type Problem, settingsSchema } from "../../../src/contract/index.ts";
import {
  blockOfPart,
  countOf,
  errorsOf,
  fieldOfPart,
  inOrder,
  lineOfHeader,
  nextStep,
  sectionOf,
} from "./view-model.ts";

const delivery: Delivery = {
  id: "7",
  label: "Spring",
  folder: null,
  code: "",
  category: "",
  description: "",
  state: "editing",
  holdReason: null,
  templateId: null,
  content: { subject: "Hello {{ recipient.first_name }}", html: "<p>Hi</p>", syntax: "liquid" },
  sender: { name: "Shop", address: "shop@example.com", replyTo: "help@example.com" },
  audience: { import: "3" },
  settings: settingsSchema.parse({}),
  version: 4,
  analysed: true,
  createdAt: "2026-01-01T00:00:00Z",
  updatedAt: "2026-01-01T00:00:00Z",
  analysedAt: "2026-01-01T00:00:00Z",
  startedAt: null,
  finishedAt: null,
  effectiveValidity: "84h",
  validUntil: null,
};

const checklist: Checklist = {
  ready: true,
  analysed: true,
  targeted: 100_000,
  excluded: { duplicate: 4812 },
  toDeliver: 95_188,
  items: [
    { id: "b", level: "info", title: "b", detail: "" },
    { id: "a", level: "warning", title: "a", detail: "" },
  ],
};

const lineWords = (line: number, message: string) => `line ${line}: ${message}`;
const refused = (...errors: NonNullable<Problem["errors"]>) =>
  errorsOf(
    { type: "about:blank", title: "Invalid", status: 422, detail: "", code: "invalid-request", errors },
    lineWords,
  );

test("each refusal lands at its field; what has none is told above", () => {
  const errors = refused(
    { pointer: "/content/html", code: "too-long", message: "too long" },
    { pointer: "/sender/address", code: "invalid-address", message: "no domain" },
    { pointer: "/audience/import", code: "not-found", message: "no such import" },
    { pointer: "/settings/tracking/expiredUrl", code: "invalid", message: "no URL" },
    { pointer: "/settings/partSize", code: "range", message: "too small" },
  );
  expect(errors).toEqual({
    fields: { html: "too long", fromAddress: "no domain", audienceId: "no such import", expiredUrl: "no URL" },
    placed: [],
    others: ["/settings/partSize: too small"],
  });
  expect(errorsOf(null, lineWords)).toEqual({ fields: {}, placed: [], others: [] });
});

test("a refusal of content that names line and column leads there", () => {
  expect(
    refused({ pointer: "/content/html", code: "template", message: "line 3, column 14: unknown tag 'fi'" }),
  ).toEqual({
    fields: {},
    placed: [{ part: "html", code: "template", line: 3, column: 14, message: "unknown tag 'fi'" }],
    others: [],
  });
});

test("refusals of rows say which row they mean", () => {
  const { fields } = refused(
    { pointer: "/settings/headers/0/name", code: "x", message: "From is set by Envoi" },
    { pointer: "/settings/headers/2/value", code: "x", message: "a control character" },
    { pointer: "/settings/attachments/1/file", code: "x", message: "no such file" },
    { pointer: "/settings/variables/a~1b", code: "x", message: "not a name" },
  );
  expect(fields).toEqual({
    headers: "line 1: From is set by Envoi\nline 3: a control character",
    attachments: "line 2: no such file",
    variables: "a/b: not a name",
  });
});

test.each([
  ["html", "html"],
  ["from", "fromName"],
  ["header:X-Shop", "headers"],
  ["attachment:2", "attachments"],
  ["block:shop", null],
] as const)("a problem of %s leads to %s", (part, field) => {
  expect(fieldOfPart(part)).toBe(field);
});

test("a problem of a header leads to its line, a problem of a block to the block", () => {
  expect(lineOfHeader("header:X-Shop", "X-A: 1\nx-shop: 2")).toBe(2);
  expect(lineOfHeader("header:X-Gone", "X-A: 1")).toBe(1);
  expect(blockOfPart("block:shop")).toBe("shop");
  expect(blockOfPart("html")).toBeNull();
});

test("every folded field has its section", () => {
  expect(sectionOf("errorAddress")).toBe("headers");
  expect(sectionOf("validity")).toBe("sending");
  expect(sectionOf("subject")).toBeUndefined();
});

test.each([
  ["a change is saved first", nextStep(delivery, true, checklist), { kind: "save" }],
  ["then analysed", nextStep({ ...delivery, analysed: false }, false, checklist), { kind: "analyse" }],
  ["without a checklist there is nothing to send", nextStep(delivery, false, undefined), { kind: "analyse" }],
  ["an analysis runs", nextStep({ ...delivery, state: "analysing" }, false, undefined), { kind: "analysing" }],
  ["then sent", nextStep({ ...delivery, state: "ready" }, false, checklist), { kind: "send", people: 95_188 }],
  [
    "errors block, warnings do not",
    nextStep(delivery, false, {
      ...checklist,
      ready: false,
      items: [{ id: "x", level: "error", title: "x", detail: "" }],
    }),
    { kind: "blocked", errors: 1 },
  ],
  [
    "what has started cannot be changed",
    nextStep({ ...delivery, state: "paused" }, false, checklist),
    { kind: "read-only" },
  ],
])("%s", (_name, step, expected) => {
  expect(step).toEqual(expected);
});

test("errors come first in the checklist", () => {
  const items = inOrder([...checklist.items, { id: "c", level: "error", title: "c", detail: "" }]);
  expect(items.map((item) => item.level)).toEqual(["error", "warning", "info"]);
  expect(countOf(items, "warning")).toBe(1);
});
