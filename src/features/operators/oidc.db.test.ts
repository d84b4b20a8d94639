/** Signing in by OpenID Connect, with a provider as it should be, and with answers that must open nothing. */
import { createHmac } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { CLIENT, type OidcProvider, startOidcProvider } from "../../../test/oidc-provider.ts";
import { addOperator, callAs, PASSWORD, signIn, type TestOperator } from "../../../test/operators.ts";
import { createTestWebApp, type TestWebApp } from "../../../test/web-app.ts";
import { providerFoundSchema, signInMethodsAnswer, signInSettingsAnswer } from "../../contract/sign-in-settings.ts";
import { counterBytes, truncate } from "../../core/operators/totp.ts";
import { MINUTE } from "../../core/time.ts";

let web: TestWebApp;
let provider: OidcProvider;
let ann: TestOperator;
beforeAll(async () => {
  [web, provider] = await Promise.all([createTestWebApp(), startOidcProvider()]);
  ann = await addOperator(web, "ann@example.com", ["delivery-operator"]);
});
afterAll(async () => {
  provider.close();
  await web.close();
});
/** Each test comes from an address of its own: how often one may sign in is counted by it. */
let visitor = 0;
const from = () => `198.51.100.${visitor}`;
beforeEach(async () => {
  visitor++;
  provider.reset();
  web.clock.ahead = 0;
  await web.db.query("delete from sign_in_failures");
  expect((await save({})).status).toBe(200);
});

const SETTINGS = "/api/v1/settings/sign-in";
const save = (changed: object) =>
  web.call("PUT", SETTINGS, { enabled: true, issuer: provider.issuer, ...CLIENT, label: "Example", ...changed });

const cookiesOf = (header: unknown) => (Array.isArray(header) ? header : [header]).map(String);
const named = (header: unknown, name: string) =>
  cookiesOf(header).find((cookie) => cookie.startsWith(`${name}=`)) ?? null;
const valueOf = (cookie: string | null) => cookie?.split(";")[0] ?? "";

/** Away: where the browser is sent, and what it keeps. */
async function begin(to?: string) {
  const query = to === undefined ? "" : `?to=${encodeURIComponent(to)}`;
  const { statusCode, headers } = await web.app.inject({
    method: "GET",
    url: `/api/v1/session/oidc${query}`,
    remoteAddress: from(),
  });
  return { status: statusCode, location: String(headers.location), ticket: named(headers["set-cookie"], "envoi_oidc") };
}

/** Back. */
async function comeBack(address: string, cookie: string) {
  const { pathname, search } = new URL(address);
  const answer = await web.app.inject({
    method: "GET",
    url: pathname + search,
    headers: { cookie },
    remoteAddress: from(),
  });
  const set = answer.headers["set-cookie"];
  const [session, ticket] = [named(set, "envoi_session"), named(set, "envoi_oidc")];
  return { status: answer.statusCode, location: String(answer.headers.location), session, ticket };
}

/** All of it. */
async function walk(to?: string) {
  const away = await begin(to);
  return comeBack(provider.signIn(away.location), valueOf(away.ticket));
}

const whoIs = async (session: string | null) =>
  (await callAs(web, valueOf(session), "GET", "/api/v1/session")).body as {
    operator: { login: string; roles: string[] };
  };
const lastLine = async () => {
  const { body } = await web.call("GET", "/api/v1/audit?action=sign-in&limit=1");
  return (body as { data: { actor: string; detail: object }[] }).data[0];
};

describe("an operator whose address the provider has verified", () => {
  test("signs in, comes to the page asked for, and is in the audit log and the list of browsers", async () => {
    const away = await begin("/deliveries/5?status=failed");
    const asked = new URL(away.location);
    expect([away.status, asked.origin + asked.pathname]).toEqual([302, `${provider.issuer}/authorize`]);
    const parameters = Object.fromEntries(asked.searchParams);
    expect(parameters).toMatchObject({ response_type: "code", client_id: "envoi", code_challenge_method: "S256" });
    expect(parameters["redirect_uri"]).toBe("http://127.0.0.1:8080/api/v1/session/oidc/callback");
    expect(away.ticket).toMatch(/Path=\/api\/v1\/session\/oidc; HttpOnly; SameSite=Lax$/);
    expect(Buffer.from(valueOf(away.ticket).slice(11), "base64url").includes(parameters["nonce"] ?? "?")).toBe(false);
    const back = await comeBack(provider.signIn(away.location), valueOf(away.ticket));
    expect([back.status, back.location]).toEqual([302, "/deliveries/5?status=failed"]);
    expect(back.session).toMatch(/Path=\/api; HttpOnly; SameSite=Strict$/);
    expect((await whoIs(back.session)).operator).toMatchObject({ login: ann.login, roles: ["delivery-operator"] });
    expect(await lastLine()).toMatchObject({ actor: ann.login, detail: { by: "oidc" } });
    const browsers = await callAs(web, valueOf(back.session), "GET", "/api/v1/sessions");
    expect((browsers.body as { data: { current: boolean }[] }).data.some(({ current }) => current)).toBe(true);
  });

  test("stays who they are when the address changes there, and nobody else becomes them", async () => {
    expect((await walk()).session).not.toBeNull();
    provider.behaviour.person = { ...provider.behaviour.person, email: "ann.lee@example.com" };
    expect((await whoIs((await walk()).session)).operator.login).toBe(ann.login);
    provider.behaviour.person = { ...provider.behaviour.person, sub: "another", email: ann.login };
    expect((await walk()).location).toBe("/#sign-in=oidc-unknown");
  });

  test("is found by user info when the ID token says only who it is", async () => {
    provider.behaviour.thin = true;
    expect((await walk()).location).toBe("/");
    expect(provider.asked).toContain("/userinfo");
  });

  test("is refused while disabled, and while the account is locked", async () => {
    const change = async (disabled: boolean) =>
      web.call("PUT", `/api/v1/operators/${ann.id}`, {
        login: ann.login,
        name: "Ann",
        roles: ["delivery-operator"],
        disabled,
      });
    expect((await change(true)).status).toBe(200);
    expect((await walk()).location).toBe("/#sign-in=oidc-unknown");
    expect((await change(false)).status).toBe(200);
    for (let i = 0; i < 5; i++) await signIn(web, { login: ann.login, password: "not it" }, `192.0.2.${i}`);
    expect(await walk()).toMatchObject({ location: "/#sign-in=sign-in-locked", session: null });
  });
});

describe("signing out", () => {
  const signOut = async (session: string | null) => {
    const headers = { cookie: valueOf(session) };
    const { statusCode, body } = await web.app.inject({ method: "DELETE", url: "/api/v1/session", headers });
    const here = await callAs(web, valueOf(session), "GET", "/api/v1/session");
    expect(here.status).toBe(401);
    return [statusCode, body === "" ? null : (JSON.parse(body) as { to: string }).to];
  };
  /** What is published is asked anew. */
  const publish = async (endSession: string | null, settings: object) => {
    provider.behaviour.endSession = endSession;
    expect((await save(settings)).status).toBe(200);
    const tried = await web.call("POST", `${SETTINGS}/actions/try`, { issuer: provider.issuer });
    return providerFoundSchema.parse(tried.body).endSessionEndpoint;
  };
  const there = { signOutThere: true };

  test("ends the session at the provider too, by the client and without an ID token, where both want it", async () => {
    const end = `${provider.issuer}/end?tenant=1`;
    expect(await publish(end, there)).toBe(end);
    const [status, to] = await signOut((await walk()).session);
    expect(status).toBe(200);
    const { origin, pathname, searchParams } = new URL(String(to));
    expect(origin + pathname).toBe(`${provider.issuer}/end`);
    expect(Object.fromEntries(searchParams)).toEqual({
      tenant: "1",
      client_id: "envoi",
      post_logout_redirect_uri: "http://127.0.0.1:8080/",
    });
    const settings = await web.get(SETTINGS, signInSettingsAnswer);
    expect(settings).toMatchObject({ signOutThere: true, signedOutUri: "http://127.0.0.1:8080/" });
  });

  test.each([
    ["it is switched off", "/end", {}],
    ["the provider has no such page", null, there],
    ["the page is no https", "http://id.example/end", there],
    ["the page is no address", "javascript:alert(1)", there],
  ])("ends it here only when %s", async (_, path, settings) => {
    await publish(path?.startsWith("/") ? provider.issuer + path : path, settings);
    expect(await signOut((await walk()).session)).toEqual([204, null]);
  });

  test("ends it here when the provider is away, and for whoever came by password", async () => {
    await publish(`${provider.issuer}/end`, there);
    const { session } = await walk();
    provider.behaviour.down = true;
    web.clock.ahead += 61 * MINUTE;
    expect(await signOut(session)).toEqual([204, null]);
    expect(await signOut((await signIn(web, { login: ann.login, password: PASSWORD })).cookie)).toEqual([204, null]);
  });
});

describe("unlinking", () => {
  const operator = async () =>
    (await web.call("GET", `/api/v1/operators/${ann.id}`)).body as { provider: string | null };
  const unlink = (id: number | string = ann.id) => web.call("POST", `/api/v1/operators/${id}/actions/unlink-provider`);

  test("takes the account off: sessions end, the password opens, the audit log tells, the address links again", async () => {
    const { session } = await walk();
    expect((await operator()).provider).toBe(provider.issuer);
    expect((await unlink()).status).toBe(204);
    expect((await operator()).provider).toBeNull();
    expect((await callAs(web, valueOf(session), "GET", "/api/v1/session")).status).toBe(401);
    const { body } = await web.call("GET", `/api/v1/audit?resource=operators&action=unlink-provider&limit=1`);
    expect((body as { data: object[] }).data).toMatchObject([
      {
        resourceId: String(ann.id),
        status: 204,
        changes: [{ pointer: "/provider", before: provider.issuer, after: null }],
      },
    ]);
    expect((await signIn(web, { login: ann.login, password: PASSWORD })).status).toBe(204);
    // Another account there whose verified address is theirs.
    provider.behaviour.person = { ...provider.behaviour.person, sub: "new account" };
    expect((await whoIs((await walk()).session)).operator.login).toBe(ann.login);
    await unlink();
  });

  test("is for administrators, and of somebody who is there", async () => {
    const path = `/api/v1/operators/${ann.id}/actions/unlink-provider`;
    const bob = await addOperator(web, "starter@example.com", ["delivery-operator"]);
    expect((await callAs(web, bob.cookie, "POST", path)).status).toBe(403);
    expect((await unlink(9999)).status).toBe(404);
  });
});

describe("what opens nothing", () => {
  const past = Math.floor(Date.now() / 1000) - 3600;
  test.each([
    ["another nonce", { claims: { nonce: "other" } }],
    ["another audience", { claims: { aud: "other" } }],
    ["another issuer", { claims: { iss: "https://other.example" } }],
    ["another authorised party", { claims: { aud: ["envoi", "other"], azp: "other" } }],
    ["a token that is over", { claims: { iat: past - 300, exp: past } }],
    ["a token that is not yet valid", { claims: { nbf: past + 7200 } }],
    ["a signature by a key that is not published", { foreignKey: true }],
    ["no signature at all", { header: { alg: "none" } }],
    ["a signature that anybody can make with the published key", { header: { alg: "HS256" } }],
    ["a refusal of the provider", { error: "access_denied" }],
  ])("%s", async (_what, behaviour) => {
    Object.assign(provider.behaviour, behaviour);
    expect(await walk()).toMatchObject({ location: "/#sign-in=oidc-refused", session: null });
    expect(await lastLine()).toMatchObject({ actor: "OpenID Connect", detail: { refused: "oidc-refused" } });
  });

  test("another state, no cookie, a made up one, one of another browser, one that is over", async () => {
    const [away, other] = [await begin(), await begin()];
    const address = provider.signIn(away.location);
    const otherState = new URL(address);
    otherState.searchParams.set("state", "other");
    const expired = { location: "/#sign-in=oidc-expired", session: null };
    expect(await comeBack(otherState.href, valueOf(away.ticket))).toMatchObject(expired);
    expect(await comeBack(address, "")).toMatchObject(expired);
    expect(await comeBack(address, "envoi_oidc=AAAA")).toMatchObject(expired);
    expect(await comeBack(address, valueOf(other.ticket))).toMatchObject(expired);
    web.clock.ahead = 11 * MINUTE;
    expect(await comeBack(address, valueOf(away.ticket))).toMatchObject(expired);
  });

  test("a callback that was used, also by somebody with a copy of the cookie and a new code", async () => {
    const away = await begin();
    const ticket = valueOf(away.ticket);
    expect((await comeBack(provider.signIn(away.location), ticket)).session).not.toBeNull();
    const again = await comeBack(provider.signIn(away.location), ticket);
    expect(again).toMatchObject({ location: "/#sign-in=oidc-expired", session: null });
  });

  test("a code that the provider took before", async () => {
    const [first, second] = [await begin(), await begin()];
    const used = new URL(provider.signIn(first.location));
    expect((await comeBack(used.href, valueOf(first.ticket))).session).not.toBeNull();
    used.searchParams.set("state", new URL(second.location).searchParams.get("state") ?? "");
    expect((await comeBack(used.href, valueOf(second.ticket))).location).toBe("/#sign-in=oidc-refused");
  });

  test("an address that is not verified, or of another domain, or nobody's", async () => {
    const { person } = provider.behaviour;
    for (const verified of [false, undefined, "false", null]) {
      provider.behaviour.person = { ...person, email_verified: verified };
      expect((await walk()).location).toBe("/#sign-in=oidc-unverified");
    }
    provider.behaviour.person = { ...person, sub: "new", email: "nobody@example.com" };
    expect((await walk()).location).toBe("/#sign-in=oidc-unknown");
    expect(await lastLine()).toMatchObject({ detail: { refused: "oidc-unknown", email: "nobody@example.com" } });
    await save({ domains: ["other.example"] });
    provider.behaviour.person = person;
    expect((await walk()).location).toBe("/#sign-in=oidc-unverified");
  });

  test("a provider that is away; the page of passwords says so, and the next attempt asks anew", async () => {
    await save({ clientSecret: "another, so that nothing is known" });
    provider.behaviour.down = true;
    expect(await begin()).toMatchObject({ status: 302, location: "/#sign-in=oidc-unavailable", ticket: null });
    provider.behaviour.down = false;
    await save({});
    const away = await begin();
    provider.behaviour.down = true;
    const back = await comeBack(provider.signIn(away.location), valueOf(away.ticket));
    expect(back).toMatchObject({ location: "/#sign-in=oidc-unavailable", session: null });
    expect((await signIn(web, { login: ann.login, password: PASSWORD })).status).toBe(204);
  });

  test.each(["//other.example", "/\\other.example", "https://other.example/", "/.//other.example", "/api/v1/session"])(
    "as a way out: %s",
    async (to) => expect((await walk(to)).location).toBe("/"),
  );
});

describe("people whom nobody invited", () => {
  const mapped = {
    createOperators: true,
    claim: "realm_access.roles",
    mapping: [{ value: "mailers", roles: ["campaign-manager"] }],
  };
  const bob = { sub: "bob", email: "Bob@Example.com", email_verified: "true", given_name: "Bob", family_name: "Ray" };

  test("become operators with the roles and groups that the provider says, each time anew", async () => {
    const made = await web.call("POST", "/api/v1/operator-groups", { name: "Watchers", roles: ["reports"] });
    const group = (made.body as { id: string }).id;
    await save({ ...mapped, mapping: [...mapped.mapping, { value: "watchers", groups: [group] }] });
    const as = (...roles: string[]) => (provider.behaviour.person = { ...bob, realm_access: { roles } });
    as("unknown here");
    expect((await walk()).location).toBe("/#sign-in=oidc-no-role");
    as("mailers", "watchers");
    const [one, two] = await Promise.all([walk(), walk()]);
    expect([one.session, two.session]).not.toContain(null);
    expect((await whoIs(one.session)).operator).toMatchObject({
      login: "bob@example.com",
      name: "Bob Ray",
      roles: ["campaign-manager"],
      groups: [{ name: "Watchers" }],
    });
    as("watchers");
    expect((await whoIs((await walk()).session)).operator).toMatchObject({ roles: [], groups: [{ name: "Watchers" }] });
    as();
    expect((await walk()).location).toBe("/#sign-in=oidc-no-role");
    // Also where they signed in before.
    expect((await whoIs(one.session)).operator).toMatchObject({ roles: [], groups: [] });
    const { body } = await web.call("GET", "/api/v1/audit?resource=operators&limit=10");
    const lines = (body as { data: { actor: string; action: string }[] }).data.filter(
      ({ actor }) => actor === "OpenID Connect",
    );
    expect(lines.map(({ action }) => action)).toEqual(["update", "update", "create"]);
  });

  test("get the default roles without a mapping; invited operators keep theirs", async () => {
    await save({ ...mapped, defaultRoles: ["reports"] });
    provider.behaviour.person = { ...bob, sub: "eve", email: "eve@example.com" };
    expect((await whoIs((await walk()).session)).operator).toMatchObject({ roles: ["reports"] });
    provider.reset();
    expect((await whoIs((await walk()).session)).operator).toMatchObject({ roles: ["delivery-operator"] });
  });
});

describe("the second factor", () => {
  const unbase32 = (word: string) => {
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    const bits = Array.from(word, (sign) => alphabet.indexOf(sign).toString(2).padStart(5, "0")).join("");
    return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  };
  const codeAt = (secret: string, ahead: number) => {
    const step = Math.floor((Date.now() + ahead) / 30_000);
    return truncate(createHmac("sha1", unbase32(secret)).update(counterBytes(step)).digest());
  };
  const send = (ticket: string | null, code: string) =>
    web.app.inject({
      method: "POST",
      url: "/api/v1/session/oidc/code",
      payload: { code },
      headers: { cookie: valueOf(ticket) },
    });

  test("is asked for, unless the provider did", async () => {
    const cat = await addOperator(web, "cat@example.com", ["reports"]);
    const { body } = await cat.call("POST", "/api/v1/session/second-factor");
    const { secret } = body as { secret: string };
    const first = await cat.call("PUT", "/api/v1/session/second-factor", { code: codeAt(secret, 0) });
    expect(first.status).toBe(200);
    provider.behaviour.person = { sub: "cat", email: cat.login, email_verified: true };
    const back = await walk("/deliveries");
    expect([back.location, back.session]).toEqual(["/#sign-in=code-needed", null]);
    expect((await send(null, "000000")).json()).toMatchObject({ code: "oidc-expired" });
    expect((await send(back.ticket, "no code")).json()).toMatchObject({ code: "code-wrong" });
    web.clock.ahead = MINUTE;
    const right = await send(back.ticket, codeAt(secret, MINUTE));
    expect([right.statusCode, right.json()]).toEqual([200, { to: "/deliveries" }]);
    const session = named(right.headers["set-cookie"], "envoi_session");
    expect((await whoIs(session)).operator.login).toBe(cat.login);
    expect(await lastLine()).toMatchObject({ actor: cat.login, detail: { by: "oidc", code: "app" } });
    web.clock.ahead = 2 * MINUTE;
    expect((await send(back.ticket, codeAt(secret, 2 * MINUTE))).json()).toMatchObject({ code: "oidc-expired" });
    provider.behaviour.person["amr"] = ["pwd", "mfa"];
    expect((await walk("/deliveries")).location).toBe("/deliveries");
  });
});

describe("the settings", () => {
  test("show no secret, keep it for the same provider only, and need the version that was read", async () => {
    const shown = await web.get(SETTINGS, signInSettingsAnswer);
    expect(shown).toMatchObject({ hasSecret: true, issuer: provider.issuer });
    expect(JSON.stringify(shown)).not.toContain(CLIENT.clientSecret);
    const [row] = await web.db.query<{ s: Buffer }>("select sealed_secret as s from oidc_settings");
    expect(row?.s.includes(CLIENT.clientSecret)).toBe(false);
    expect((await web.call("PUT", SETTINGS, shown)).body).toMatchObject({ hasSecret: true });
    expect((await web.call("PUT", SETTINGS, shown)).status).toBe(412);
    const { version: _, ...rest } = shown;
    const moved = await web.call("PUT", SETTINGS, { ...rest, issuer: "https://other.example" });
    expect(moved.body).toMatchObject({ hasSecret: false });
  });

  test.each([
    [{ issuer: "http://provider.example" }, "/issuer"],
    [{ issuer: "https://ann@provider.example" }, "/issuer"],
    [{ issuer: "" }, "/issuer"],
    [{ clientId: "" }, "/clientId"],
    [{ enabled: false, passwords: "administrators" }, "/passwords"],
    [{ mapping: [{ value: "a", roles: ["reports"] }] }, "/claim"],
    [{ claim: "groups", mapping: [{ value: "a", groups: ["987654321"] }] }, "/mapping/0/groups"],
  ])("refuse %o", async (changed, pointer) => {
    expect(await save(changed)).toMatchObject({ status: 422, body: { errors: [{ pointer }] } });
  });

  test("are for holders of all rights: whoever chooses the provider chooses who everybody is", async () => {
    const made = await web.call("POST", "/api/v1/tokens", {
      label: "platform",
      scopes: ["platform.read", "platform.write"],
    });
    const authorization = `Bearer ${(made.body as { token: string }).token}`;
    expect((await web.call("GET", SETTINGS, undefined, { authorization })).status).toBe(200);
    expect((await web.call("PUT", SETTINGS, {}, { authorization })).status).toBe(403);
    expect(
      (await web.call("POST", `${SETTINGS}/actions/try`, { issuer: provider.issuer }, { authorization })).status,
    ).toBe(403);
  });

  test("can be tried before they are saved", async () => {
    const attempt = async (issuer: string) => {
      const answer = await web.call("POST", `${SETTINGS}/actions/try`, { issuer });
      return answer.status === 200 ? providerFoundSchema.parse(answer.body) : answer.status;
    };
    expect(await attempt(provider.issuer)).toMatchObject({
      ok: true,
      authorizationEndpoint: `${provider.issuer}/authorize`,
    });
    expect(await attempt(`${provider.issuer}/elsewhere`)).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/./),
    });
    expect(await attempt("http://192.0.2.1/")).toBe(422);
  });

  test("may close passwords to all but administrators", async () => {
    const root = await addOperator(web, "root@example.com", ["administrator"]);
    await save({ passwords: "administrators" });
    const methods = () => web.get("/api/v1/session/methods", signInMethodsAnswer);
    expect(await methods()).toEqual({ passwords: "administrators", oidc: { label: "Example" } });
    expect(await signIn(web, { login: ann.login, password: PASSWORD })).toMatchObject({
      status: 403,
      code: "password-not-allowed",
    });
    expect((await signIn(web, { login: ann.login, password: "not it" })).code).toBe("sign-in-failed");
    expect((await signIn(web, { login: root.login, password: PASSWORD })).status).toBe(204);
    await save({ enabled: false });
    expect(await methods()).toEqual({ passwords: "everybody", oidc: null });
    expect((await begin()).location).toBe("/#sign-in=oidc-off");
    expect((await signIn(web, { login: ann.login, password: PASSWORD })).status).toBe(204);
  });
});
