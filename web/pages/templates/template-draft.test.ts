/** Templates in the form of a delivery: what is read and saved stays, what is set is told from what is usual. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { createDeliverySchema, newDeliverySchema, templateSchema, type Template } from "../../../src/contract/index.ts";
import { overlay } from "../../../src/features/templates/overlay.ts";
import { emptyDraft, requestOf } from "../delivery-content/draft.ts";
import {
  draftOfTemplate,
  keptOf,
  overTemplate,
  rebased,
  templateRequest,
  type TemplateFields,
} from "./template-draft.ts";

const some = <T extends object>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(fields, { requiredKeys: [] });
const words = fc.constantFrom("a", "b b", "{{ recipient.x }}");

/** As the API gives them; what an editor writes. Some settings are shown by no field of the form. */
const templates = fc.record({
  content: some({
    subject: words,
    html: words,
    text: words,
    syntax: fc.constantFrom("liquid", "campaign"),
    inlineCss: fc.constant(false),
    generateText: fc.constant(false),
  }),
  sender: some({ name: words, address: fc.constant("a@b.example"), replyTo: words, errorAddress: words }),
  settings: some({
    validity: fc.constantFrom("5d", "2d"),
    headers: fc.array(fc.record({ name: fc.constant("X-A"), value: words }), { maxLength: 2 }),
    routes: fc.constant({ "*": "h:25" }),
    dkim: fc.constant({ domain: "a.example", selector: "s" }),
    inDoubtPolicy: fc.constant("hold"),
    nature: fc.constantFrom("marketing", "service"),
    variables: fc.dictionary(fc.constantFrom("x", "y"), words),
    attachments: fc.array(fc.record({ file: fc.constantFrom("1", "2") }), { maxLength: 2 }),
    tracking: some({ clicks: fc.boolean(), opens: fc.boolean(), expiredUrl: fc.constant("https://a.example/") }),
    archive: some({ on: fc.boolean(), timing: fc.constantFrom("before", "after"), strict: fc.boolean() }),
  }),
}) as fc.Arbitrary<TemplateFields>;

const formOf = (template: TemplateFields) => requestOf(draftOfTemplate("T", template), keptOf(template));
/** Empty groups say nothing. */
const normal = ({ content, sender, settings }: TemplateFields) => ({
  content,
  sender,
  settings: Object.fromEntries(
    Object.entries(settings).filter(
      ([name, value]) => !(["tracking", "archive"].includes(name) && Object.keys(value as object).length === 0),
    ),
  ),
});

test("what is read and saved again is the same, settings that no field shows included", () => {
  fc.assert(
    fc.property(templates, (template) => {
      const saved = templateSchema.parse(templateRequest(formOf(template), template));
      expect(saved).toEqual({ label: "T", ...normal(template) });
    }),
  );
});

test("a delivery that is made is the one that the form shows, whatever the template says", () => {
  fc.assert(
    fc.property(templates, templates, (below, shown) => {
      const form = { ...formOf(shown), audience: { all: true } as const };
      form.sender.address = "me@b.example";
      const asked = newDeliverySchema.parse(JSON.parse(JSON.stringify(overTemplate(form, { ...below, id: "7" }))));
      const { template, ...made } = createDeliverySchema.parse({
        ...asked,
        content: overlay(below.content, asked.content ?? {}),
        sender: overlay(below.sender, asked.sender ?? {}),
        settings: overlay(below.settings, asked.settings ?? {}),
      });
      expect(template).toBe("7");
      expect(made).toEqual(createDeliverySchema.parse(JSON.parse(JSON.stringify(form))));
    }),
  );
});

describe("what is set", () => {
  const nothing: TemplateFields = { content: {}, sender: {}, settings: {} };
  const save = (change: object, before: TemplateFields = nothing) =>
    templateRequest(requestOf({ ...draftOfTemplate("T", before), ...change }, keptOf(before)), before);

  test("nothing, as long as nothing is changed", () => {
    expect(save({})).toEqual({ label: "T", ...nothing });
  });

  test("what is changed, and nothing around it", () => {
    expect(save({ archive: { on: true }, opens: false, subject: "Hi" })).toEqual({
      label: "T",
      content: { subject: "Hi" },
      sender: {},
      settings: { archive: { on: true }, tracking: { opens: false } },
    });
  });

  test("a default too, when it is chosen over something else", () => {
    const before: TemplateFields = { ...nothing, settings: { validity: "2d", archive: { on: true } } };
    expect(save({ validity: "5d", archive: { on: false } }, before).settings).toEqual({
      validity: "5d",
      archive: { on: false },
    });
  });

  test("no longer what is emptied", () => {
    const before: TemplateFields = {
      content: { subject: "Hi", html: "<p>", inlineCss: false },
      sender: { name: "Shop", address: "a@b.example", replyTo: "c@b.example" },
      settings: { tracking: { expiredUrl: "https://a.example/" } },
    };
    const change = {
      subject: "",
      html: "",
      inlineCss: true,
      fromName: "",
      fromAddress: " ",
      replyTo: "",
      expiredUrl: "",
    };
    expect(save(change, before)).toEqual({ label: "T", ...nothing });
  });
});

test("under what is being typed another template comes to lie: what was typed stays, the rest follows", () => {
  const [first, second] = (["First", "Second"] as const).map((subject) =>
    draftOfTemplate("", { content: { subject }, sender: { name: subject }, settings: {} } satisfies Partial<Template>),
  ) as [ReturnType<typeof emptyDraft>, ReturnType<typeof emptyDraft>];
  const typed = { ...first, label: "October", subject: "Typed" };
  expect(rebased(typed, first, second)).toEqual({ ...second, label: "October", subject: "Typed" });
  expect(rebased(first, first, second)).toEqual(second);
  expect(rebased(typed, first, first)).toEqual(typed);
});
