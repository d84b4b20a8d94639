/** Who signs in at the fixture: by token, or as an operator with a password, a second factor and two browsers. */
import { type Answer, ok, problem } from "./fixture-answer.ts";
import { COOKIE, TOKEN } from "./fixture-answers.ts";

/** The code is asked for after the password. */
export const OPERATOR = { login: "ann@shop.example", password: "correct horse battery staple", code: "123456" };
export const INVITATION = "fixture-invitation";
const OPERATOR_COOKIE = `${COOKIE}-ann`;

type Given = { token?: string; login?: string; password?: string; code?: string };

function refusalOf({ token, login, password, code }: Given): Answer | null {
  if (token !== undefined) return token === TOKEN ? null : problem(401, "wrong-token", "This token is not known", "");
  if (login !== OPERATOR.login || password !== OPERATOR.password) {
    return problem(401, "sign-in-failed", "Sign in failed", "");
  }
  if (code === undefined) return problem(401, "code-needed", "Code needed", "");
  return code === OPERATOR.code ? null : problem(401, "code-wrong", "Code wrong", "");
}

const WHEN = "2026-03-01T08:00:00Z";
const operator = {
  id: "1",
  login: OPERATOR.login,
  name: "Ann",
  email: "",
  roles: ["administrator"],
  inherited: [],
  groups: [],
  disabled: false,
  hasPassword: true,
  createdAt: WHEN,
  signedInAt: WHEN,
  version: 1,
};
const browser = {
  login: OPERATOR.login,
  token: null,
  createdAt: WHEN,
  seenAt: WHEN,
  expiresAt: WHEN,
  userAgent: "A browser",
};
const wrong = (pointer: string, message: string) =>
  problem(422, "invalid-input", "Invalid input", "", [{ pointer, code: "wrong", message }]);

export type Account = (path: string, method: string, body: string, cookie: string) => Answer | null;

/** Null: the path is none of an account's. */
export function createAccount(): Account {
  let codes = 0;
  let browsers = [
    { ...browser, id: "a", current: true, address: "192.0.2.1" },
    { ...browser, id: "b", current: false, address: "192.0.2.2" },
  ];
  const secondFactor = (method: string, given: Given): Answer => {
    if (method === "POST") return ok({ secret: "MZXW6YTB", uri: "otpauth://totp/Envoi:ann?secret=MZXW6YTB" });
    if (method === "PUT") {
      if (given.code !== OPERATOR.code) return wrong("/code", "wrong");
      codes = 2;
      return ok({ recoveryCodes: ["aaaa-bbbb-cccc-dddd", "eeee-ffff-gggg-hhhh"] });
    }
    if (given.password !== OPERATOR.password) return wrong("/password", "wrong");
    codes = 0;
    return { status: 204 };
  };
  return (path, method, body, cookie) => {
    if (!/^\/sessions?(\/|$)/.test(path)) return null;
    const given = (body === "" ? {} : JSON.parse(body)) as Given & { current?: string };
    if (path === "/session/second-factor") return secondFactor(method, given);
    if (path === "/session/password/change") {
      return given.current === OPERATOR.password ? { status: 204 } : wrong("/current", "wrong");
    }
    if (path === "/session/methods") return ok({ passwords: "everybody", oidc: null });
    if (path === "/sessions") return ok({ data: browsers, nextCursor: null });
    if (path.startsWith("/sessions/")) {
      browsers = browsers.filter(({ id }) => path !== `/sessions/${id}`);
      return { status: 204 };
    }
    if (path !== "/session") return null;
    if (method === "GET") return session(cookie, { ...operator, secondFactor: codes > 0, recoveryCodes: codes });
    if (method === "DELETE") return { status: 204, headers: { "set-cookie": "envoi_session=; Max-Age=0; Path=/" } };
    const value = given.token === undefined ? OPERATOR_COOKIE : COOKIE;
    return (
      refusalOf(given) ?? { status: 204, headers: { "set-cookie": `${value}; HttpOnly; SameSite=Strict; Path=/` } }
    );
  };
}

function session(cookie: string, signedIn: object): Answer {
  if (cookie.includes(OPERATOR_COOKIE)) return ok({ label: OPERATOR.login, rights: null, operator: signedIn });
  if (cookie.includes(COOKIE)) return ok({ label: "admin", rights: null, operator: null });
  return problem(401, "unauthorized", "Not signed in", "");
}

export function invitationAnswer(body: string): Answer {
  const { invitation, password } = JSON.parse(body) as { invitation: string; password: string };
  if (invitation !== INVITATION) return problem(404, "not-found", "Not found", "");
  if (password.length >= 12) return { status: 204 };
  const errors = [{ pointer: "/password", code: "weak", message: "It has fewer than 12 characters" }];
  return problem(422, "invalid-input", "Invalid input", "", errors);
}
