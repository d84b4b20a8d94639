/** The editor: what goes to the API, where refusals land, what the one button is. */
import { expect, test } from "vitest";

import type { Checklist, Delivery, Problem } from "../../../src/contract/index.ts";
import { countOf, draftOf, emptyDraft, errorsOf, inOrder, nextStep, requestOf } from "./view-model.ts";

const delivery: Delivery = {
  id: "7",
  label: "Spring",
  state: "editing",
  holdReason: null,
  content: { subject: "Hello {{ recipient.first_name }}", html: "<p>Hi</p>", syntax: "liquid" },
  sender: { name: "Shop", address: "shop@example.com", replyTo: "help@example.com" },
  audience: { import: "3" },
  settings: {
    validity: "2d",
    headers: [{ name: "X-Campaign", value: "spring" }],
    routes: { "*": "127.0.0.1:2525" },
    inDoubtPolicy: "hold",
    partSize: 500,
  },
  version: 4,
  analysed: true,
  createdAt: "2026-01-01T00:00:00Z",
  updatedAt: "2026-01-01T00:00:00Z",
  analysedAt: "2026-01-01T00:00:00Z",
  startedAt: null,
  finishedAt: null,
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

test("what is read and written back is the same, settings that are not shown included", () => {
  const { label, sender, content, audience, settings } = delivery;
  expect(requestOf(draftOf(delivery), delivery.settings)).toEqual({ label, sender, content, audience, settings });
});

test("empty optional fields are left out rather than sent empty", () => {
  const request = requestOf(
    { ...emptyDraft(), label: " Spring ", fromAddress: " a@example.com ", html: "  " },
    undefined,
  );
  expect(request).toEqual({
    label: "Spring",
    sender: { name: "", address: "a@example.com" },
    content: { subject: "", syntax: "liquid" },
    audience: { all: true },
    settings: { validity: "5d" },
  });
});

test("HTML and text keep their outer blanks and line ends", () => {
  expect(requestOf({ ...emptyDraft(), text: "\n Hello\n" }, undefined).content.text).toBe("\n Hello\n");
});

test("each refusal lands at its field; what has none is told above", () => {
  const problem: Problem = {
    type: "about:blank",
    title: "Invalid",
    status: 422,
    detail: "",
    code: "invalid-request",
    errors: [
      { pointer: "/content/html", code: "template-syntax", message: "line 3, column 14: unknown tag 'fi'" },
      { pointer: "/content/html", code: "template-syntax", message: "line 9, column 1: if is not closed" },
      { pointer: "/sender/address", code: "invalid-address", message: "no domain" },
      { pointer: "/audience/import", code: "not-found", message: "no such import" },
      { pointer: "/settings/partSize", code: "range", message: "too small" },
    ],
  };
  expect(errorsOf(problem)).toEqual({
    fields: {
      html: "line 3, column 14: unknown tag 'fi'\nline 9, column 1: if is not closed",
      fromAddress: "no domain",
      audienceId: "no such import",
    },
    others: ["/settings/partSize: too small"],
  });
  expect(errorsOf(null)).toEqual({ fields: {}, others: [] });
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
