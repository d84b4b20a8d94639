import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { createTestWebApp, type Answer, type TestWebApp } from "../../../test/web-app.ts";
import type { Block, Problem } from "../../contract/index.ts";
import { blockAnswerSchema } from "../../contract/responses-content.ts";
import { pageOf } from "../../contract/responses.ts";
import { listBlockNames, loadBlockSources } from "./index.ts";

let web: TestWebApp;
beforeAll(async () => {
  web = await createTestWebApp();
});
beforeEach(() => web.db.query("truncate blocks, platform_settings"));
afterAll(() => web.close());

const URL = "/api/v1/blocks";
const BUILT_IN = ["greeting", "logo", "mirror-page", "mirror-page-url", "signature", "unsubscribe", "unsubscribe-url"];
const put = (name: string, block: unknown, headers: Record<string, string> = {}) =>
  web.call("PUT", `${URL}/${name}`, block, headers);
const remove = (name: string, headers: Record<string, string> = {}) =>
  web.call("DELETE", `${URL}/${name}`, undefined, headers);
const codeOf = (answer: Answer) => [answer.status, (answer.body as Problem).code];
const errorsOf = (answer: Answer) =>
  ((answer.body as Problem).errors ?? []).map(({ pointer, message }) => `${pointer} ${message}`);
const lookup = () => loadBlockSources(web.db, { language: "en", hasAttribute: () => false });

test("built-in blocks are listed among the own ones, by name, paged", async () => {
  for (const name of ["footer", "zebra", "a1"]) expect((await put(name, { html: name })).status).toBe(201);
  const names: string[] = [];
  let cursor = "";
  do {
    const page = await web.get(`${URL}?limit=3&cursor=${cursor}`, pageOf(blockAnswerSchema));
    names.push(...page.data.map((block) => block.name));
    cursor = page.nextCursor ?? "";
  } while (cursor !== "");
  expect(names).toEqual([...BUILT_IN, "footer", "zebra", "a1"].toSorted());
  expect(await listBlockNames(web.db)).toEqual(names);
});

test("built-in blocks speak the language of the platform and cannot be replaced or deleted", async () => {
  await web.call("PUT", "/api/v1/settings", { language: "fr" });
  const block = await web.get(`${URL}/unsubscribe`, blockAnswerSchema);
  expect(block).toMatchObject({ builtIn: true, version: 0, updatedAt: null, syntax: "liquid" });
  expect(block.html).toContain("Se désabonner");
  for (const name of BUILT_IN) {
    expect(codeOf(await put(name, { html: "mine" }))).toEqual([409, "block-built-in"]);
    expect(codeOf(await remove(name))).toEqual([409, "block-built-in"]);
  }
});

test("a block is created, read, replaced and deleted", async () => {
  const created = await put("footer", { label: "Footer", html: "<p>é {{ recipient.city }}</p>", text: "é" });
  expect([created.status, created.headers["etag"]]).toEqual([201, '"1"']);
  const replaced = await put("footer", { html: "<p>new</p>" }, { "if-match": '"1"' });
  expect([replaced.status, replaced.headers["etag"]]).toEqual([200, '"2"']);
  const read = await web.get(`${URL}/footer`, blockAnswerSchema);
  expect(read).toEqual(replaced.body);
  expect(read).toMatchObject({ name: "footer", label: "", html: "<p>new</p>", text: "", builtIn: false, version: 2 });
  expect((await lookup())("footer", "html")).toBe("<p>new</p>");
  expect((await remove("footer", { "if-match": '"1"' })).status).toBe(412);
  expect((await remove("footer", { "if-match": '"2"' })).status).toBe(204);
  expect((await remove("footer")).status).toBe(404);
  expect((await web.call("GET", `${URL}/footer`)).status).toBe(404);
  expect((await lookup())("footer", "html")).toBeNull();
});

test("of many who create the same block or replace the same version, one wins", async () => {
  for (const headers of [{ "if-none-match": "*" }, { "if-match": '"1"' }]) {
    const answers = await Promise.all(["a", "b", "c", "d"].map((html) => put("race", { html }, headers)));
    expect(answers.filter((answer) => answer.status < 300)).toHaveLength(1);
    for (const answer of answers.filter(({ status }) => status >= 300)) {
      expect(codeOf(answer)).toEqual([412, "version-conflict"]);
    }
  }
  expect(codeOf(await put("absent", { html: "" }, { "if-match": '"1"' }))).toEqual([412, "version-conflict"]);
  expect(codeOf(await put("race", { html: "" }, { "if-match": 'W/"2"' }))).toEqual([412, "version-conflict"]);
});

test.each(["Footer", "1a", "-a", "a_b", "a b", "..%2fx", "é", `a${"b".repeat(63)}`, "a'%20or%201=1--"])(
  "%s is no name for a block",
  async (name) => {
    expect((await put(name, { html: "x" })).status).toBe(422);
    expect((await web.call("GET", `${URL}/${name}`)).status).toBe(404);
  },
);

describe("content is checked when it is saved; what has errors is not saved", () => {
  const refused = async (block: Partial<Block>): Promise<string[]> => {
    const answer = await put("mine", block);
    expect(codeOf(answer)).toEqual([422, "invalid-input"]);
    expect((await web.call("GET", `${URL}/mine`)).status).toBe(404);
    return errorsOf(answer);
  };

  test.each<[string, Partial<Block>, RegExp[]]>([
    ["Liquid", { html: "<p>\n {{ recipient.city | nope }}</p>" }, [/^\/html line 2, column \d+: .*nope/]],
    ["both variants", { html: "{% if x %}", text: "a\n\n{{ x" }, [/^\/html line 1, column 1: /, /^\/text line 3, /]],
    ["an unknown variable", { text: "{{ platform.secret }}" }, [/^\/text line 1, column \d+: .*secret/]],
    ["an unknown block", { html: "x\n  {% render 'nobody' %}" }, [/^\/html line 2, column 3: .*nobody/]],
    ["a tag for prepared content", { html: "{% link 3 %}" }, [/^\/html line 1, column 1: /]],
    ["another file", { html: "{% include 'x' %}" }, [/^\/html line 1, column 1: /]],
    [
      "campaign syntax",
      { syntax: "campaign", html: "<p>\n\n<% while (true) { } %>" },
      [/^\/html line 3, column \d+: /],
    ],
    [
      "campaign syntax that names a block",
      { syntax: "campaign", text: "ab\n<%@ include view='nobody' %>" },
      [/^\/text line 2, column 1: .*nobody/],
    ],
  ])("%s", async (_, block, patterns) => {
    const errors = await refused(block);
    expect(errors).toHaveLength(patterns.length);
    for (const [i, pattern] of patterns.entries()) expect(errors[i]).toMatch(pattern);
  });

  test("a block may read any attribute and any variable of the delivery", async () => {
    const html = "{{ recipient.anything }} {{ delivery.shop }} {{ message.mirror_url }} {{ platform.name }}";
    expect((await put("mine", { html })).status).toBe(201);
    expect((await put("outer", { html: "{% render 'mine' %}" })).status).toBe(201);
  });

  test("campaign syntax is kept as written and used as Liquid", async () => {
    const block = {
      syntax: "campaign",
      html: "<% if (recipient.city == 'Ulm') { %><b><%= recipient.name %></b><% } %>",
      text: "<%@ include view='MirrorPageUrl' %>",
    };
    expect((await put("mine", block)).status).toBe(201);
    expect(await web.get(`${URL}/mine`, blockAnswerSchema)).toMatchObject(block);
    const find = await lookup();
    expect(find("mine", "html")).toMatch(/\{%-? ?if recipient\.city == ['"]Ulm['"]/);
    expect(find("mine", "text")).toContain("{% render 'mirror-page-url' %}");
  });
});

describe("blocks in blocks", () => {
  test("a circle is refused with the way it goes", async () => {
    expect(errorsOf(await put("self", { html: "{% render 'self' %}" }))[0]).toMatch(/self → self/);
    await put("one", { html: "x" });
    await put("two", { html: "{% render 'one' %}" });
    await put("three", { text: "t", html: "{% render 'two' %}" });
    const answer = await put("one", { html: "a\n{% render 'three' %}" });
    expect(codeOf(answer)).toEqual([422, "invalid-input"]);
    expect(errorsOf(answer)).toHaveLength(1);
    expect(errorsOf(answer)[0]).toMatch(/^\/html line 2, column 1: .*three → two → one → three/);
    expect(await web.get(`${URL}/one`, blockAnswerSchema)).toMatchObject({ html: "x", version: 1 });
    expect((await put("one", { text: "{% render 'three' %}", html: "x" })).status).toBe(200);
  });

  test("two edits at once close no circle", async () => {
    await put("left", { html: "" });
    await put("right", { html: "" });
    const answers = await Promise.all([
      put("left", { html: "{% render 'right' %}" }),
      put("right", { html: "{% render 'left' %}" }),
    ]);
    expect(answers.map((answer) => answer.status).toSorted((a, b) => a - b)).toEqual([200, 422]);
  });

  test("a block that others contain stays, in either syntax", async () => {
    await put("inner", { html: "x" });
    await put("outer", { html: "{% render 'inner' %}" });
    await put("other", { syntax: "campaign", text: "<%@ include view='inner' %>" });
    const answer = await remove("inner");
    expect(codeOf(answer)).toEqual([409, "block-in-use"]);
    expect((answer.body as Problem).detail).toContain('the block "other", the block "outer"');
    await remove("outer");
    await remove("other");
    expect((await remove("inner")).status).toBe(204);
  });
});

test("hostile sizes are refused or answered at once", async () => {
  expect((await put("mine", { html: "x".repeat(500_001) })).status).toBe(422);
  expect((await put("mine", { text: "{%".repeat(200_000) })).status).toBe(422);
  expect((await put("mine", { text: "delivery".repeat(60_000) })).status).toBe(201);
  expect((await put("mine", { text: `delivery${" ".repeat(400_000)}` })).status).toBe(200);
  expect((await put("mine", { text: "x\0y" })).status).toBe(422);
  expect((await put("mine", { unknown: 1 })).status).toBe(422);
  for (let i = 0; i < 12; i++)
    await put(`bomb-${i}`, { text: i === 0 ? "x".repeat(1000) : `{% render 'bomb-${i - 1}' %}`.repeat(10) });
  const names = await listBlockNames(web.db);
  expect(names).toContain("bomb-0");
  expect(names).not.toContain("bomb-11");
});

test("the header variant is the text on one line, unless line ends part its statements", async () => {
  await put("head", { html: "<b>h</b>", text: "\n a  b \r\n\r\n{{ recipient.x }}\n" });
  await put("statements", { text: "{% liquid\n assign a = 1\n echo a\n%}" });
  const find = await lookup();
  expect(find("head", "header")).toBe("a  b {{ recipient.x }}");
  expect(find("statements", "header")).toBe("{% liquid\n assign a = 1\n echo a\n%}");
});
