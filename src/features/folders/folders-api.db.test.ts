/** Folders over HTTP, and what stands in them: deliveries and templates found by folder, code, category and nature. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";

import { createTestWebApp, type Answer, type TestWebApp } from "../../../test/web-app.ts";
import type { Folder, Problem } from "../../contract/index.ts";
import { folderAnswerSchema } from "../../contract/responses-folders.ts";
import { templateAnswerSchema, templateSummarySchema } from "../../contract/responses-templates.ts";
import { deliverySchema, deliverySummarySchema, pageOf } from "../../contract/responses.ts";

let web: TestWebApp;
beforeAll(async () => {
  web = await createTestWebApp();
});
afterAll(() => web.close());

const URL = "/api/v1/folders";
const errorOf = (answer: Answer) => {
  const problem = answer.body as Problem;
  return [answer.status, problem.errors?.[0]?.pointer ?? problem.code, problem.errors?.[0]?.code];
};

async function folder(label: string, parent: Folder | null = null, tree = "deliveries"): Promise<Folder> {
  const answer = await web.call("POST", URL, { tree, label, ...(parent ? { parent: parent.id } : {}) });
  expect([answer.status, answer.text]).toEqual([201, expect.any(String)]);
  return folderAnswerSchema.strict().parse(answer.body);
}
const change = (id: string, body: object, headers = {}) => web.call("PATCH", `${URL}/${id}`, body, headers);
const paths = async (tree = "deliveries") =>
  (await web.get(`${URL}?tree=${tree}`, pageOf(folderAnswerSchema.strict()))).data.map(({ path }) => path.join("/"));

async function delivery(changes: object) {
  const content = { subject: "Hello", text: "Hello" };
  const sender = { address: "news@sender.example" };
  const body = { label: "Any", content, sender, audience: { all: true }, ...changes };
  const answer = await web.call("POST", "/api/v1/deliveries", body);
  expect([answer.status, answer.text]).toEqual([201, expect.any(String)]);
  return deliverySchema.strict().parse(answer.body);
}
const found = async (query: string) => {
  const page = await web.get(`/api/v1/deliveries?limit=1000&${query}`, pageOf(deliverySummarySchema));
  return page.data.map(({ id }) => id);
};

describe("a tree of folders", () => {
  test("is listed with its ways, renamed and moved with all below; nobody's change is lost", async () => {
    const a = await folder("Tree A");
    const b = await folder("B", a);
    const c = await folder("C", b);
    expect((await paths()).filter((path) => path.startsWith("Tree A"))).toEqual(["Tree A", "Tree A/B", "Tree A/B/C"]);
    expect(errorOf(await change(a.id, { parent: c.id }))).toEqual([422, "/parent", "circle"]);
    const moved = await change(b.id, { parent: null, label: "Tree B" }, { "if-match": `"${b.version}"` });
    expect([moved.status, moved.headers["etag"]]).toEqual([200, '"2"']);
    expect(errorOf(await change(b.id, { label: "Late" }, { "if-match": `"${b.version}"` }))[0]).toBe(412);
    expect((await paths()).filter((path) => path.startsWith("Tree"))).toEqual(["Tree A", "Tree B", "Tree B/C"]);
  });

  test.each([
    ["a name that is taken, in capitals", { label: "TAKEN" }, ["/label", "taken"]],
    ["a folder of the other tree", { label: "x", parent: "templates" }, ["/parent", "no-parent"]],
    ["no name", { label: "  " }, ["/label", expect.any(String)]],
    ["a name of two lines", { label: "a\nb" }, ["/label", expect.any(String)]],
  ])("refuses %s", async (_, body: { label: string; parent?: string }, [pointer, code]) => {
    const taken = await web.call("POST", URL, { tree: "deliveries", label: "Taken" });
    expect([201, 422]).toContain(taken.status);
    const other = body.parent === undefined ? null : await folder(`T ${body.parent}`, null, "templates");
    const answer = await web.call("POST", URL, { tree: "deliveries", ...body, ...(other ? { parent: other.id } : {}) });
    expect(errorOf(answer)).toEqual([422, pointer, code]);
  });

  test("loses only what is empty", async () => {
    const outer = await folder("Full");
    const inner = await folder("Inner", outer);
    const { id } = await delivery({ folder: inner.id });
    const remove = (one: Folder) => web.call("DELETE", `${URL}/${one.id}`);
    expect(errorOf(await remove(outer))).toEqual([409, "folder-in-use", undefined]);
    expect(errorOf(await remove(inner))).toEqual([409, "folder-in-use", undefined]);
    await web.call("PATCH", `/api/v1/deliveries/${id}`, { folder: null });
    expect([(await remove(inner)).status, (await remove(outer)).status, (await remove(outer)).status]).toEqual([
      204, 204, 404,
    ]);
  });

  test("stays a tree when two moves meet, and takes nothing into a folder that goes", async () => {
    const [a, b] = [await folder("Meet A"), await folder("Meet B")];
    const moves = await Promise.all([change(a.id, { parent: b.id }), change(b.id, { parent: a.id })]);
    expect(moves.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 422]);
    const gone = await folder("Goes");
    const [removed, ...made] = await Promise.all([
      web.call("DELETE", `${URL}/${gone.id}`),
      ...Array.from({ length: 5 }, () =>
        web.call("POST", "/api/v1/deliveries", {
          label: "x",
          folder: gone.id,
          content: { subject: "x", text: "x" },
          sender: { address: "news@sender.example" },
          audience: { all: true },
        }),
      ),
    ]);
    const accepted = made.filter(({ status }) => status === 201).length;
    expect(removed.status).toBe(accepted === 0 ? 204 : 409);
    expect(made.every(({ status }) => status === 201 || status === 422)).toBe(true);
  });
});

test("deliveries are found by folder with what is below it, by code, category and nature", async () => {
  const outer = await folder("Find");
  const inner = await folder("Below", outer);
  const one = await delivery({ folder: outer.id, code: " Spring-1 ", category: "find-news" });
  const two = await delivery({ folder: inner.id, category: "find-news", settings: { nature: "service" } });
  const three = await delivery({ code: "spring-1" });
  expect(one).toMatchObject({ folder: outer.id, code: "Spring-1", category: "find-news", description: "" });
  expect(await found(`folder=${outer.id}`)).toEqual([two.id, one.id]);
  expect(await found(`folder=${inner.id}`)).toEqual([two.id]);
  expect(await found("folder=none&code=SPRING-1")).toEqual([three.id]);
  expect(await found("category=find-news")).toEqual([two.id, one.id]);
  expect(await found("category=find-news&nature=service")).toEqual([two.id]);
  expect((await web.call("GET", "/api/v1/deliveries?folder=x")).status).toBe(422);
  expect((await web.call("GET", "/api/v1/deliveries?nature=x")).status).toBe(422);
});

test("what a delivery is found by changes in any state, and its analysis still counts", async () => {
  const target = await folder("Any state");
  const { id, version } = await delivery({});
  await web.db.query("update deliveries set state = 'finished', analysed_version = version where id = $1", [id]);
  const path = `/api/v1/deliveries/${id}`;
  const moved = await web.call(
    "PATCH",
    path,
    { folder: target.id, description: "Over" },
    { "if-match": `"${version}"` },
  );
  expect(moved.status).toBe(200);
  expect(deliverySchema.parse(moved.body)).toMatchObject({ state: "finished", analysed: true, folder: target.id });
  expect((await web.call("PATCH", path, { folder: null }, { "if-match": `"${version}"` })).status).toBe(412);
  expect(errorOf(await web.call("PATCH", path, { label: "Other" }))).toEqual([409, "action-not-allowed", undefined]);
  expect(errorOf(await web.call("PATCH", path, { folder: "424242" }))).toEqual([422, "/folder", "not-found"]);
});

test("templates stand in folders of their own, and say where their deliveries go", async () => {
  const shelf = await folder("Newsletters", null, "templates");
  const target = await folder("Sent newsletters");
  const said = {
    folder: shelf.id,
    executionFolder: target.id,
    code: "NL",
    category: "tpl-news",
    description: "Weekly",
  };
  const answer = await web.call("POST", "/api/v1/templates", { label: "Weekly", ...said });
  const template = templateAnswerSchema.strict().parse(answer.body);
  expect(template).toMatchObject(said);
  const list = pageOf(z.looseObject(templateSummarySchema.shape));
  expect((await web.get(`/api/v1/templates?folder=${shelf.id}&category=tpl-news`, list)).data).toHaveLength(1);
  expect((await web.get(`/api/v1/templates?folder=${shelf.id}&nature=service`, list)).data).toHaveLength(0);
  const made = await delivery({ template: template.id });
  expect(made).toMatchObject({ folder: target.id, code: "NL", category: "tpl-news", description: "Weekly" });
  const other = await delivery({ template: template.id, folder: null, code: "", category: null });
  expect(other).toMatchObject({ folder: null, code: "", category: "", description: "Weekly" });
  const wrong = await web.call("POST", "/api/v1/templates", {
    label: "x",
    folder: target.id,
    executionFolder: shelf.id,
  });
  expect((wrong.body as Problem).errors?.map(({ pointer }) => pointer)).toEqual(["/folder", "/executionFolder"]);
  expect(errorOf(await web.call("DELETE", `${URL}/${target.id}`))).toEqual([409, "folder-in-use", undefined]);
  const saved = await web.call("POST", `/api/v1/deliveries/${made.id}/actions/save-as-template`, {
    label: "Again",
    folder: shelf.id,
  });
  expect(templateAnswerSchema.parse(saved.body)).toMatchObject({ ...said, label: "Again" });
});
