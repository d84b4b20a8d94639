/** Operators and groups: what they are given, what follows at once, and what nobody can give themselves. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { addOperator, type TestOperator } from "../../../test/operators.ts";
import { createTestWebApp, type TestWebApp } from "../../../test/web-app.ts";
import { groupAnswerSchema, operatorAnswerSchema, operatorNamesSchema } from "../../contract/responses-operators.ts";
import { pageOf } from "../../contract/responses.ts";

let web: TestWebApp;
let boss: TestOperator;
let ann: TestOperator;
beforeAll(async () => {
  web = await createTestWebApp();
  boss = await addOperator(web, "boss@example.com", ["administrator"]);
  ann = await addOperator(web, "ann@example.com", ["reports"]);
});
afterAll(() => web.close());

const codeOf = (answer: { body: unknown }) => (answer.body as { code: string }).code;
const fields = (operator: TestOperator, more: object) => ({
  login: operator.login,
  name: "N",
  roles: ["reports"],
  ...more,
});

test("logins are one in any case, and a taken one is refused by place", async () => {
  const answer = await web.call("POST", "/api/v1/operators", { login: " ANN@example.com ", name: "x" });
  expect([answer.status, answer.text]).toEqual([422, expect.stringContaining('"/login"')]);
  const renamed = await web.call("PUT", `/api/v1/operators/${ann.id}`, { login: "Boss@Example.com", name: "x" });
  expect(renamed.status).toBe(422);
});

test("an operator is read, listed and changed only in the version that was seen", async () => {
  const path = `/api/v1/operators/${ann.id}`;
  const { headers } = await web.call("GET", path);
  const ifMatch = { "if-match": String(headers["etag"]) };
  const twice = await Promise.all(["One", "Two"].map((name) => web.call("PUT", path, fields(ann, { name }), ifMatch)));
  expect(twice.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 412]);
  const list = await web.get("/api/v1/operators?limit=1000", pageOf(operatorAnswerSchema));
  expect(list.data.find(({ id }) => id === ann.id)).toMatchObject({
    hasPassword: true,
    secondFactor: false,
    groups: [],
  });
  expect((await web.call("GET", "/api/v1/operators/999999")).status).toBe(404);
});

describe("groups", () => {
  test("give their roles to members at once, and take them back", async () => {
    const body = { name: "Content", roles: ["content-contributor"], members: [ann.id] };
    const mayWrite = async () => (await ann.call("DELETE", "/api/v1/blocks/nothing")).status !== 403;
    expect(await mayWrite()).toBe(false);
    const made = await web.call("POST", "/api/v1/operator-groups", body);
    const group = groupAnswerSchema.parse(made.body);
    expect([made.status, await mayWrite(), group.members.map(({ login }) => login)]).toEqual([201, true, [ann.login]]);
    expect((await web.get(`/api/v1/operators/${ann.id}`, operatorAnswerSchema)).inherited).toEqual([
      "content-contributor",
    ]);
    const path = `/api/v1/operator-groups/${group.id}`;
    expect((await web.call("PUT", path, { ...body, members: [] }, { "if-match": '"7"' })).status).toBe(412);
    expect((await web.call("PUT", path, { ...body, members: [] })).status).toBe(200);
    expect(await mayWrite()).toBe(false);
    await web.call("PUT", path, body);
    expect((await web.call("DELETE", path)).status).toBe(204);
    expect(await mayWrite()).toBe(false);
  });

  test("have names of their own and members that there are", async () => {
    await web.call("POST", "/api/v1/operator-groups", { name: "Night shift" });
    const taken = await web.call("POST", "/api/v1/operator-groups", { name: "NIGHT SHIFT" });
    expect([taken.status, taken.text]).toEqual([422, expect.stringContaining('"/name"')]);
    const unknown = await web.call("POST", "/api/v1/operator-groups", { name: "x", members: [ann.id, "99999"] });
    expect([unknown.status, unknown.text]).toEqual([422, expect.stringContaining('"/members/1"')]);
    const names = await web.get("/api/v1/operators/names", operatorNamesSchema);
    expect(names.groups.map(({ name }) => name)).toEqual(["Night shift"]);
    expect(names.operators.map(({ login }) => login)).toEqual([ann.login, boss.login]);
  });
});

describe("nobody rises by themselves", () => {
  /** May manage operators, and has no more than reports besides. */
  const limited = async () => {
    const made = await web.call("POST", "/api/v1/tokens", {
      label: "hr",
      scopes: ["operators", "reports.read", "tokens"],
    });
    return { authorization: `Bearer ${(made.body as { token: string }).token}` };
  };

  test.each<[string, "POST" | "PUT" | "DELETE", () => string, () => object]>([
    [
      "make an administrator",
      "POST",
      () => "/operators",
      () => ({ login: "new", name: "n", roles: ["administrator"] }),
    ],
    [
      "make somebody administrator",
      "PUT",
      () => `/operators/${ann.id}`,
      () => fields(ann, { roles: ["administrator"] }),
    ],
    ["disable an administrator", "PUT", () => `/operators/${boss.id}`, () => fields(boss, { disabled: true })],
    ["remove an administrator", "DELETE", () => `/operators/${boss.id}`, () => ({})],
    ["set an administrator's password", "POST", () => `/operators/${boss.id}/actions/invite`, () => ({})],
    [
      "take off an administrator's second factor",
      "POST",
      () => `/operators/${boss.id}/actions/reset-second-factor`,
      () => ({}),
    ],
    [
      "make a group of administrators",
      "POST",
      () => "/operator-groups",
      () => ({ name: "g", roles: ["administrator"] }),
    ],
    ["make a token that may more", "POST", () => "/tokens", () => ({ label: "t", scopes: ["people.read"] })],
  ])("cannot %s", async (_name, method, path, body) => {
    const answer = await web.call(method, `/api/v1${path()}`, body(), await limited());
    expect([answer.status, codeOf(answer)]).toEqual([403, "not-permitted"]);
  });

  test("can do what lies within their own rights", async () => {
    const body = { login: "junior", name: "Junior", roles: ["reports"] };
    expect((await web.call("POST", "/api/v1/operators", body, await limited())).status).toBe(201);
  });

  test("a token of an operator who loses a role loses it too", async () => {
    const max = await addOperator(web, "max@example.com", ["delivery-operator"]);
    const made = await max.call("POST", "/api/v1/tokens", { label: "script", scopes: ["people.read", "tokens"] });
    const headers = { authorization: `Bearer ${(made.body as { token: string }).token}` };
    const ask = async () => (await web.call("GET", "/api/v1/recipients", undefined, headers)).status;
    expect(await ask()).toBe(200);
    await web.call("PUT", `/api/v1/operators/${max.id}`, fields(max, {}));
    expect(await ask()).toBe(403);
    expect((await web.call("DELETE", `/api/v1/operators/${max.id}`)).status).toBe(204);
    expect(await ask()).toBe(401);
  });
});

test.each<[string, "PUT" | "DELETE", () => object]>([
  ["disable", "PUT", () => fields(boss, { roles: ["administrator"], disabled: true })],
  ["degrade", "PUT", () => fields(boss, { roles: ["reports"] })],
  ["remove", "DELETE", () => ({})],
])("nobody can %s their own account", async (_name, method, body) => {
  const answer = await boss.call(method, `/api/v1/operators/${boss.id}`, body());
  expect([answer.status, codeOf(answer)]).toEqual([409, "own-account"]);
});
