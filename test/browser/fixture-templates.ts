/** Templates of the stand-in: one that comes along, one of the operator's own. */
import type { Delivery, NewDelivery, Template, TemplateInput, TemplateSummary } from "../../src/contract/index.ts";
import type { PublishedTemplate } from "../../src/contract/single-messages.ts";
import { overlay } from "../../src/features/templates/overlay.ts";
import { type Answer, type Call, ok, page, problem } from "./fixture-answer.ts";

const AT = "2026-03-01T09:00:00.000Z";

const templateOf = (id: string, label: string, over: Partial<Template> = {}): Template => ({
  id,
  label,
  folder: null,
  executionFolder: null,
  code: "",
  category: "",
  description: "",
  content: {},
  sender: {},
  settings: {},
  builtIn: false,
  version: 1,
  createdAt: AT,
  updatedAt: AT,
  ...over,
});

export const makeTemplates = (empty: boolean): Template[] => {
  const builtIn = templateOf("1", "Email delivery", { builtIn: true });
  const own = templateOf("2", "Newsletter with archive", {
    content: { subject: "News of the month", html: "<p>Hello {{ recipient.first_name }}</p>" },
    sender: { name: "Shop", address: "news@shop.example", replyTo: "help@shop.example" },
    settings: { archive: { on: true }, validity: "2d", routes: { "*": "127.0.0.1:2525" } },
  });
  return empty ? [builtIn] : [builtIn, own];
};

const summaryOf = ({ content: _content, sender: _sender, settings, ...heading }: Template): TemplateSummary => ({
  ...heading,
  archiveOn: settings.archive?.on === true,
});

const missing = (id: string) => problem(404, "not-found", "Not found", `There is no template ${id}.`);

/** By the list that they are of. */
const published = new WeakMap<Template[], PublishedTemplate[]>();

function publishAnswer(templates: Template[], found: Template, verb: string, body: string): Answer {
  const others = (published.get(templates) ?? []).filter(({ template }) => template !== found.id);
  const { ignoreDenylist = false } = (body === "" ? {} : JSON.parse(body)) as Partial<PublishedTemplate>;
  const now = { template: found.id, version: found.version, publishedAt: AT, publishedBy: "ann@shop.example" };
  published.set(templates, verb === "publish" ? [...others, { ...now, ignoreDenylist }] : others);
  return verb === "publish" ? ok({ ...now, ignoreDenylist }, 202) : { status: 204 };
}

export function templateAnswer(templates: Template[], call: Call, id: string, verb: string): Answer {
  const { method, body, query } = call;
  if (id === "") {
    return method === "POST"
      ? ok(add(templates, JSON.parse(body) as TemplateInput), 201)
      : page(listed(templates), query);
  }
  if (id === "published") return page(published.get(templates) ?? [], query);
  const found = templates.find((each) => each.id === id);
  if (found === undefined) return missing(id);
  if (verb === "duplicate") return ok(add(templates, { ...found, ...(JSON.parse(body) as TemplateInput) }), 201);
  if (verb === "publish" || verb === "unpublish") return publishAnswer(templates, found, verb, body);
  if (method === "GET") return ok(withProblems(found));
  if (found.builtIn) return problem(409, "template-built-in", "Template built in", "Duplicate it and use the copy.");
  if (call.request.headers["if-match"] !== `"${found.version}"`) {
    return problem(412, "version-conflict", "Somebody else has changed it", "Read it again.");
  }
  return method === "PUT" ? replace(found, JSON.parse(body) as TemplateInput) : drop(templates, found);
}

const listed = (templates: readonly Template[]) => templates.toReversed().map(summaryOf);

function add(templates: Template[], { label, content = {}, sender = {}, settings = {} }: TemplateInput): Template {
  const made = templateOf(String(10 + templates.length), label, { content, sender, settings });
  templates.push(made);
  return made;
}

function replace(found: Template, { label, content = {}, sender = {}, settings = {} }: TemplateInput): Answer {
  if (sender.address !== undefined && !sender.address.includes("@")) {
    const errors = [{ pointer: "/sender/address", code: "invalid-address", message: "No @ in the address" }];
    return problem(422, "invalid-input", "The template is not right", "See the fields", errors);
  }
  Object.assign(found, { label, content, sender, settings, version: found.version + 1 });
  return ok(withProblems(found));
}

function drop(templates: Template[], found: Template): Answer {
  templates.splice(templates.indexOf(found), 1);
  return { status: 204 };
}

const withProblems = (template: Template): Template => ({
  ...template,
  contentProblems: template.content.html?.includes("{% fi %}")
    ? [{ part: "html", line: 1, column: 1, code: "template", message: "unknown tag fi" }]
    : [],
});

/** What a request for a new delivery comes to over its template. */
export function fillIn(templates: readonly Template[], asked: NewDelivery): NewDelivery {
  const below = templates.find((each) => each.id === asked.template) ?? templateOf("", "");
  return {
    ...asked,
    content: overlay(below.content, asked.content ?? {}),
    sender: overlay(below.sender, asked.sender ?? {}),
    settings: overlay(below.settings, asked.settings ?? {}),
  };
}

export function saveAsTemplate(templates: Template[], delivery: Delivery, body: string): Answer {
  const { label } = JSON.parse(body) as { label: string };
  const { content, sender, settings } = delivery;
  return ok(add(templates, { label, content, sender, settings }), 201);
}
