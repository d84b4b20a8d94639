/** The draft of a delivery: read, changed, written back. */
import { expect, test } from "vitest";

import { createDeliverySchema, type Delivery, settingsSchema } from "../../../src/contract/index.ts";
import { draftOf, draftProblems, emptyDraft, requestOf } from "./draft.ts";

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
  sender: {
    name: "Shop",
    address: "shop@example.com",
    replyToName: "Help",
    replyTo: "help@example.com",
    unqualifiedAddress: "post@example.com",
  },
  audience: { import: "3" },
  settings: settingsSchema.parse({
    validity: "2d",
    pool: "news",
    priority: "low",
    speed: 5000,
    retries: { mode: "fixed", count: 3 },
    mode: "test-smtp",
    dsn: "failure",
    headers: [
      { name: "X-Campaign", value: "spring" },
      { name: "X-Time", value: " 10:30 " },
    ],
    routes: { "*": "127.0.0.1:2525" },
    dkim: { domain: "example.com", selector: "a" },
    inDoubtPolicy: "hold",
    partSize: 500,
    nature: "service",
    format: "html",
    charset: "iso-8859-1",
    mirror: "force",
    tracking: { opens: false, expiredUrl: "https://example.com/", honeypot: true },
    links: [{ url: "https://example.com/a", mode: "not-tracked" }],
    attachments: [{ file: "3" }, { file: "4", name: "{{ recipient.id }}.pdf", contentId: "logo" }],
    variables: { shop: "Lyon", note: "" },
    archive: { on: true, timing: "before", strict: true, archives: ["2"] },
  }),
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

test("what is read and written back is the same, settings that are not shown included", () => {
  const { label, sender, content, audience, settings } = delivery;
  expect(requestOf(draftOf(delivery), delivery.settings)).toEqual({ label, sender, content, audience, settings });
});

test("what is cleared is not set any more, also when it was read", () => {
  const { settings } = requestOf({ ...draftOf(delivery), speed: "", pool: " ", dsn: "" }, delivery.settings);
  for (const name of ["speed", "pool", "dsn"]) expect(settings).not.toHaveProperty(name);
  expect(settings).toMatchObject({ priority: "low", mode: "test-smtp" });
});

test("fixed retries have their own defaults; adaptive ones have no numbers", () => {
  const retriesOf = (part: object) => requestOf({ ...emptyDraft(), ...part }, undefined).settings.retries;
  expect(retriesOf({ retries: "fixed", retryCount: "" })).toEqual({ mode: "fixed", count: 5, period: "1h" });
  expect(retriesOf({ retryCount: 9 })).toEqual({ mode: "adaptive" });
});

test("a new draft asks for the server's own defaults", () => {
  const request = requestOf({ ...emptyDraft(), label: "a", fromAddress: "a@example.com" }, undefined);
  expect(settingsSchema.parse(request.settings)).toEqual(settingsSchema.parse({}));
  expect(createDeliverySchema.parse(request).content).toEqual({ subject: "", syntax: "liquid" });
});

test("empty optional fields are left out rather than sent empty", () => {
  const request = requestOf(
    { ...emptyDraft(), label: " Spring ", fromAddress: " a@example.com ", html: "  " },
    undefined,
  );
  expect(request).toMatchObject({ label: "Spring", audience: { all: true } });
  expect(request.sender).toEqual({ name: "", address: "a@example.com" });
  expect(request.content).toEqual({ subject: "", syntax: "liquid" });
  expect(request.settings.tracking).not.toHaveProperty("expiredUrl");
});

test("HTML and text keep their outer blanks and line ends", () => {
  expect(requestOf({ ...emptyDraft(), text: "\n Hello\n" }, undefined).content.text).toBe("\n Hello\n");
});

test("switches of the content are sent only when they are off", () => {
  const { content } = requestOf({ ...emptyDraft(), inlineCss: false, generateText: false }, undefined);
  expect(content).toMatchObject({ inlineCss: false, generateText: false });
});

test.each([
  ["", []],
  ["X-A: 1\n", [{ name: "X-A", value: "1" }]],
  [
    "X-A: 1\r\nX-B:2",
    [
      { name: "X-A", value: "1" },
      { name: "X-B", value: "2" },
    ],
  ],
  ["X-Url: https://example.com/", [{ name: "X-Url", value: "https://example.com/" }]],
  ["X-Blank: end ", [{ name: "X-Blank", value: "end " }]],
])("headers %j", (headers, expected) => {
  expect(requestOf({ ...emptyDraft(), headers }, undefined).settings.headers).toEqual(expected);
});

test("lines that are no header are told by number, names used twice by name", () => {
  const variables = [
    { name: "shop", value: "a" },
    { name: " shop", value: "b" },
  ];
  expect(draftProblems({ ...emptyDraft(), headers: "X-A: 1\n\nno colon here\n", variables })).toEqual([
    { field: "headers", line: 2, kind: "blank-line" },
    { field: "headers", line: 3, kind: "no-colon" },
    { field: "variables", name: "shop", kind: "twice" },
  ]);
  expect(draftProblems(emptyDraft())).toEqual([]);
});
