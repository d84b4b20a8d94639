/** Every route × every role: allowed or 403, nothing in between. A route without its line in the table fails here. */
import { afterAll, beforeAll, expect, test } from "vitest";

import { addOperator, type TestOperator } from "../../../test/operators.ts";
import { createTestWebApp, type TestWebApp } from "../../../test/web-app.ts";
import { GUARDED_ROUTES, mayUse, requirementOf } from "../../core/operators/route-rights.ts";
import { type Role, ROLE_RIGHTS, ROLES } from "../../core/operators/rights.ts";

let web: TestWebApp;
let routes: readonly string[];
const operators = new Map<Role, TestOperator>();

beforeAll(async () => {
  web = await createTestWebApp();
  routes = web.routes().map((route) => route.replace("/api/v1", ""));
  for (const role of ROLES) operators.set(role, await addOperator(web, `${role}@example.com`, [role]));
});
afterAll(() => web.close());

test("every route is in the table", () => {
  expect(routes.filter((route) => requirementOf(route) === null)).toEqual([]);
});

test("the table names no route that is not there, and none twice", () => {
  expect(GUARDED_ROUTES.filter((route) => !routes.includes(route))).toEqual([]);
  expect(new Set(GUARDED_ROUTES).size).toBe(GUARDED_ROUTES.length);
});

/** They end the session that asks. */
const ENDS = new Set(["DELETE /session"]);

test.each([...ROLES])("%s: allowed where the table says so, 403 everywhere else", async (role) => {
  const operator = operators.get(role);
  if (operator === undefined) throw new Error(`nobody has the role ${role}`);
  const wrong: string[] = [];
  for (const route of routes.filter((each) => !ENDS.has(each))) {
    const [method = "", path = ""] = route.split(" ");
    // Ids that nothing has: whoever is let through learns just that.
    const url = `/api/v1${path.replaceAll(/\{[A-Za-z]+\}/g, "987654321")}`;
    const { status, body } = await operator.call(method as "GET", url, method === "GET" ? undefined : {});
    const allowed = mayUse(ROLE_RIGHTS[role], requirementOf(route));
    const isRight = allowed
      ? status !== 403 && status !== 401 && status < 500
      : status === 403 && (body as { code: string }).code === "not-permitted";
    if (!isRight) wrong.push(`${route}: ${status}`);
  }
  expect(wrong).toEqual([]);
});

test("nobody gets anywhere but to what is public without signing in", async () => {
  const open: string[] = [];
  for (const route of routes) {
    const [method = "", path = ""] = route.split(" ");
    const url = `/api/v1${path.replaceAll(/\{[A-Za-z]+\}/g, "987654321")}`;
    const answer = await web.app.inject({ method: method as "GET", url });
    if ((answer.statusCode === 401) !== (requirementOf(route) !== "public"))
      open.push(`${route}: ${answer.statusCode}`);
  }
  expect(open).toEqual([]);
});
