/** The API of templates: only what is said is kept, what comes with Envoi stays, nobody's change is lost. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createTestWebApp, type Answer, type TestWebApp } from "../../../test/web-app.ts";
import type { Problem, Template } from "../../contract/index.ts";
import { templateAnswerSchema, templateSummarySchema } from "../../contract/responses-templates.ts";
import { pageOf } from "../../contract/responses.ts";
import { ensureBuiltInTemplate } from "./index.ts";

let web: TestWebApp;
beforeAll(async () => {
  web = await createTestWebApp();
});
afterAll(() => web.close());

const URL = "/api/v1/templates";
const at = (id: string) => `${URL}/${id}`;
const problemOf = (answer: Answer) => answer.body as Problem;
const pointers = (answer: Answer) => problemOf(answer).errors?.map((error) => error.pointer);

async function create(input: object = {}): Promise<Template> {
  const answer = await web.call("POST", URL, { label: "Newsletter", ...input });
  expect(answer.status).toBe(201);
  return templateAnswerSchema.strict().parse(answer.body);
}
const list = async () => (await web.get(`${URL}?limit=1000`, pageOf(templateSummarySchema.strict()))).data;
async function builtIn() {
  const [found, ...others] = (await list()).filter((template) => template.builtIn);
  expect(others).toEqual([]);
  return found as (typeof others)[number];
}

test("only what is given is kept: no default of a delivery gets in", async () => {
  const given = {
    content: { subject: "Hello" },
    sender: { name: "Shop" },
    settings: { archive: { on: true }, tracking: { opens: false }, attachments: [] },
  };
  const made = await create(given);
  expect(made).toMatchObject({ ...given, label: "Newsletter", builtIn: false, version: 1, contentProblems: [] });
  expect(await web.db.query("select defaults from templates where id = $1", [made.id])).toEqual([{ defaults: given }]);
  expect(await web.get(at(made.id), templateAnswerSchema.strict())).toEqual(made);
  expect(await create()).toMatchObject({ content: {}, sender: {}, settings: {} });
});

test("empty optional addresses are left out; headers may come as lines", async () => {
  const made = await create({
    sender: { replyTo: "", errorAddress: "" },
    settings: { headers: [{ name: "X-A", value: "1" }], headerLines: "X-B: 2" },
  });
  expect(made.sender).toEqual({});
  expect(made.settings).toEqual({
    headers: [
      { name: "X-A", value: "1" },
      { name: "X-B", value: "2" },
    ],
  });
});

test.each<[string, object, string[]]>([
  ["no label", { label: "  " }, ["/label"]],
  [
    "unknown keys",
    { colour: 1, settings: { x: 1, archive: { y: 1 } } },
    ["/settings/archive/y", "/settings/x", "/colour"],
  ],
  ["null", { settings: { validity: null } }, ["/settings/validity"]],
  ["an address that is none", { sender: { address: "nobody", replyTo: "x@" } }, ["/sender/address", "/sender/replyTo"]],
  ["a header of ours", { settings: { headers: [{ name: "Subject", value: "x" }] } }, ["/settings/headers/0/name"]],
  ["a header line that is none", { settings: { headerLines: "X-A" } }, ["/settings/headerLines"]],
  ["a route without a port", { settings: { routes: { "*": "host" } } }, ["/settings/routes/*"]],
  [
    "campaign syntax that has no translation",
    { content: { syntax: "campaign", text: "<% while (1) { %>" } },
    ["/content/text"],
  ],
])("refuses %s", async (_name, change, expected) => {
  const answer = await web.call("POST", URL, { label: "x", ...change });
  expect(answer.status).toBe(422);
  expect(pointers(answer)?.toSorted()).toEqual(expected.toSorted());
});

test("what is wrong with its content is told, and keeps nobody from saving", async () => {
  const made = await create({ content: { html: "<p>\n{% fi %}</p>" }, settings: { attachments: [{ file: "999" }] } });
  expect(made.contentProblems).toMatchObject([{ part: "html", line: 2 }, { part: "attachment:0" }]);
  expect((await create({ sender: { name: "{{ recipient.first_name" } })).contentProblems).toMatchObject([
    { part: "from" },
  ]);
  for (const fine of [{ content: { html: " " } }, { content: { text: "" } }, { sender: { name: "Shop" } }]) {
    expect((await create(fine)).contentProblems).toEqual([]);
  }
});

describe("the template that comes with Envoi", () => {
  test("is there, once, says nothing, archives nothing", async () => {
    await Promise.all([ensureBuiltInTemplate(web.db, Date.now()), ensureBuiltInTemplate(web.db, Date.now())]);
    const found = await builtIn();
    expect(found).toMatchObject({ label: "Email delivery", builtIn: true, archiveOn: false });
    expect(await web.get(at(found.id), templateAnswerSchema)).toMatchObject({ content: {}, sender: {}, settings: {} });
  });

  test("can neither be edited nor deleted, only duplicated", async () => {
    const { id } = await builtIn();
    for (const answer of [await web.call("PUT", at(id), { label: "Mine" }), await web.call("DELETE", at(id))]) {
      expect([answer.status, problemOf(answer).code]).toEqual([409, "template-built-in"]);
      expect(problemOf(answer).detail).toContain("Duplicate it");
    }
    const copy = await web.call("POST", `${at(id)}/actions/duplicate`, { label: "With BCC" });
    expect(copy.status).toBe(201);
    const made = templateAnswerSchema.parse(copy.body);
    expect(copy.headers["location"]).toBe(at(made.id));
    expect(made).toMatchObject({ label: "With BCC", builtIn: false, version: 1 });
    const edited = await web.call("PUT", at(made.id), { label: "With BCC", settings: { archive: { on: true } } });
    expect(edited.status).toBe(200);
    expect((await list()).find((template) => template.id === made.id)?.archiveOn).toBe(true);
  });
});

test("a copy without a label is called after its original, however long that is called", async () => {
  const duplicate = async (label: string) => {
    const { id } = await create({ label, sender: { name: "Shop" } });
    const answer = await web.call("POST", `${at(id)}/actions/duplicate`);
    expect(answer.status).toBe(201);
    return templateAnswerSchema.parse(answer.body);
  };
  expect(await duplicate("Summer")).toMatchObject({ label: "Summer (copy)", sender: { name: "Shop" } });
  expect((await duplicate("x".repeat(500))).label).toBe(`${"x".repeat(493)} (copy)`);
});

test("PUT replaces: what is left out is no longer set", async () => {
  const { id } = await create({ sender: { name: "Shop" }, settings: { validity: "1d" } });
  const answer = await web.call("PUT", at(id), { label: "New", settings: { format: "text" } }, { "if-match": '"1"' });
  expect(answer.headers["etag"]).toBe('"2"');
  expect(answer.body).toMatchObject({ label: "New", version: 2, sender: {}, settings: { format: "text" } });
});

test("of two editors who read the same version the second is told, and so is who deletes", async () => {
  const { id } = await create();
  const edit = (label: string) => web.call("PUT", at(id), { label }, { "if-match": '"1"' });
  const answers = await Promise.all([edit("mine"), edit("yours")]);
  expect(answers.map((answer) => answer.status).toSorted((a, b) => a - b)).toEqual([200, 412]);
  expect((await web.call("DELETE", at(id), undefined, { "if-match": '"1"' })).status).toBe(412);
  expect((await web.call("DELETE", at(id), undefined, { "if-match": 'W/"2"' })).status).toBe(412);
  expect((await web.call("DELETE", at(id), undefined, { "if-match": '"2"' })).status).toBe(204);
  expect((await web.call("GET", at(id))).status).toBe(404);
});

test.each(["0", "abc", "424242", "99999999999999999999"])("template %s is not found", async (id) => {
  for (const answer of [
    await web.call("GET", at(id)),
    await web.call("PUT", at(id), { label: "x" }),
    await web.call("DELETE", at(id)),
    await web.call("POST", `${at(id)}/actions/duplicate`, {}),
    await web.call("POST", `/api/v1/deliveries/${id}/actions/save-as-template`, { label: "x" }),
  ]) {
    expect([answer.status, problemOf(answer).code]).toEqual([404, "not-found"]);
  }
});

test("the list goes from the newest to the oldest, page by page", async () => {
  const made = [(await create()).id, (await create()).id, (await create()).id];
  const seen: string[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const page: { data: { id: string }[]; nextCursor: string | null } = await web.get(
      `${URL}?limit=2${cursor && `&cursor=${cursor}`}`,
      pageOf(templateSummarySchema),
    );
    seen.push(...page.data.map((row) => row.id));
    cursor = page.nextCursor;
  }
  expect(seen.slice(0, 3)).toEqual(made.toReversed());
  expect(new Set(seen).size).toBe(seen.length);
});

test("a repeated request gets the first answer and makes nothing new", async () => {
  const { id } = await create();
  for (const [path, body] of [
    [URL, { label: "Once" }],
    [`${at(id)}/actions/duplicate`, undefined],
  ] as const) {
    const ask = () => web.call("POST", path, body, { "idempotency-key": `key of ${path}` });
    const [first, before, second] = [await ask(), (await list()).length, await ask()];
    expect(second.body).toEqual(first.body);
    expect((await list()).length).toBe(before);
  }
});

test("a file that a template sends along stays", async () => {
  const [file] = await web.db.query<{ id: number }>(
    `insert into files (name, content_type, size, sha256, content, created_at)
     values ('a.txt', 'text/plain', 1, decode('00', 'hex'), 'x', now() - interval '1 year') returning id`,
  );
  const path = `/api/v1/files/${file?.id}`;
  const { id } = await create({ label: "With a file", settings: { attachments: [{ file: String(file?.id) }] } });
  const refused = await web.call("DELETE", path);
  expect([refused.status, problemOf(refused).code]).toEqual([409, "file-in-use"]);
  expect(problemOf(refused).detail).toContain(`template ${id} (With a file)`);
  await web.call("DELETE", at(id));
  expect((await web.call("DELETE", path)).status).toBe(204);
});
