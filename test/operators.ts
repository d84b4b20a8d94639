/** Operators for tests: made by the admin token, signed in by password, asking with their cookie as our pages do. */
import type { InjectOptions } from "fastify";

import type { Role } from "../src/core/operators/rights.ts";
import type { Answer, TestWebApp } from "./web-app.ts";

export const PASSWORD = "correct horse battery staple";

export type TestOperator = {
  readonly id: string;
  readonly login: string;
  readonly cookie: string;
  call(
    method: InjectOptions["method"],
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer>;
};

export type Credentials = { login: string; password: string; code?: string };

export async function addOperator(web: TestWebApp, login: string, roles: readonly Role[]): Promise<TestOperator> {
  const made = await web.call("POST", "/api/v1/operators", { login, name: login, roles });
  if (made.status !== 201) throw new Error(made.text);
  const { id, invitation } = made.body as { id: string; invitation: string };
  const chosen = await web.app.inject({
    method: "POST",
    url: "/api/v1/session/password",
    payload: { invitation, password: PASSWORD },
  });
  if (chosen.statusCode !== 204) throw new Error(chosen.body);
  const { cookie } = await signIn(web, { login, password: PASSWORD });
  return { id, login, cookie, call: (...request) => callAs(web, cookie, ...request) };
}

/** `from`: the client's address. */
export async function signIn(web: TestWebApp, credentials: Credentials, from = "192.0.2.1") {
  const answer = await web.app.inject({
    method: "POST",
    url: "/api/v1/session",
    payload: credentials,
    remoteAddress: from,
  });
  const problem = answer.statusCode === 204 ? null : (answer.json() as { code: string });
  return {
    status: answer.statusCode,
    code: problem?.code ?? null,
    retryAfter: answer.headers["retry-after"] ?? null,
    cookie: String(answer.headers["set-cookie"]).split(";")[0] ?? "",
  };
}

export function callAs(
  web: TestWebApp,
  cookie: string,
  method: InjectOptions["method"],
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  // A token is what the client of the tests has; an empty one is none.
  return web.call(method, path, body, { authorization: "", cookie, "x-requested-with": "envoi", ...headers });
}
