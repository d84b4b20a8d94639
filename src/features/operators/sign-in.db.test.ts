/** Signing in by password and second factor: what opens, what does not, what locks, and what nobody learns. */
import { createHmac } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { addOperator, callAs, PASSWORD, signIn, type TestOperator } from "../../../test/operators.ts";
import { createTestWebApp, type TestWebApp } from "../../../test/web-app.ts";
import { operatorAnswerSchema } from "../../contract/responses-operators.ts";
import { counterBytes, truncate } from "../../core/operators/totp.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../../core/time.ts";
import { hashPassword, verifyPassword } from "./hash-password.ts";

let web: TestWebApp;
let ann: TestOperator;
beforeAll(async () => {
  web = await createTestWebApp();
  ann = await addOperator(web, "ann@example.com", ["delivery-operator"]);
});
afterAll(() => web.close());
beforeEach(() => web.db.query("delete from sign_in_failures"));

const right = { login: "ann@example.com", password: PASSWORD };
const wrong = { ...right, password: "not the password" };

describe("passwords", () => {
  test("are kept as argon2id with the parameters of OWASP, each with its own salt", async () => {
    const [one, two] = [await hashPassword(PASSWORD), await hashPassword(PASSWORD)];
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(one).not.toBe(two);
    expect([await verifyPassword(PASSWORD, one), await verifyPassword("other", one)]).toEqual([true, false]);
    expect(await verifyPassword("", null)).toBe(false);
  });

  test("of weak kinds are refused by place, and the invitation stays", async () => {
    const made = await web.call("POST", "/api/v1/operators", { login: "Weak", name: "Weak", roles: [] });
    const { invitation, url } = made.body as { invitation: string; url: string };
    expect(url).toBe(`http://127.0.0.1:8080/#invitation=${invitation}`);
    const choose = (password: string) =>
      web.app.inject({ method: "POST", url: "/api/v1/session/password", payload: { invitation, password } });
    const weak = await choose("password1234");
    expect([weak.statusCode, weak.body]).toEqual([422, expect.stringContaining('"/password"')]);
    expect((await choose(PASSWORD)).statusCode).toBe(204);
    expect((await choose(PASSWORD)).statusCode).toBe(404);
    expect((await signIn(web, { login: " wEAK ", password: PASSWORD })).status).toBe(204);
  });

  test("an invitation is over after three days", async () => {
    const { body } = await web.call("POST", `/api/v1/operators/${ann.id}/actions/invite`, {});
    const { invitation } = body as { invitation: string };
    web.clock.ahead = 3 * DAY;
    const answer = await web.app.inject({
      method: "POST",
      url: "/api/v1/session/password",
      payload: { invitation, password: PASSWORD },
    });
    web.clock.ahead = 0;
    expect(answer.statusCode).toBe(404);
  });

  test("are changed with the old one; other sessions end, this one stays", async () => {
    const bob = await addOperator(web, "bob@example.com", ["reports"]);
    const other = await signIn(web, { login: "bob@example.com", password: PASSWORD });
    const change = (current: string) =>
      bob.call("POST", "/api/v1/session/password/change", { current, password: "a new one, and long" });
    const refused = await change("not it");
    expect([refused.status, refused.text]).toEqual([422, expect.stringContaining('"/current"')]);
    expect((await change(PASSWORD)).status).toBe(204);
    expect((await bob.call("GET", "/api/v1/session")).status).toBe(200);
    expect((await callAs(web, other.cookie, "GET", "/api/v1/session")).status).toBe(401);
    expect((await signIn(web, { login: bob.login, password: PASSWORD })).code).toBe("sign-in-failed");
  });
});

describe("a lock", () => {
  test("after five failures holds for a minute, then longer, with the right password too", async () => {
    for (let i = 0; i < 5; i++)
      expect(await signIn(web, wrong, `192.0.2.${i}`)).toMatchObject({ code: "sign-in-failed" });
    expect(await signIn(web, right)).toMatchObject({ status: 429, code: "sign-in-locked", retryAfter: "60" });
    web.clock.ahead = MINUTE + SECOND;
    expect((await signIn(web, wrong)).code).toBe("sign-in-failed");
    expect(Number((await signIn(web, right)).retryAfter)).toBeGreaterThan(110);
    web.clock.ahead = 4 * MINUTE;
    expect((await signIn(web, right)).status).toBe(204);
    web.clock.ahead = 0;
  });

  test("tells nothing about who exists: a login that nobody has gets the same answers", async () => {
    const answers = async (login: string) => {
      const all = [];
      for (let i = 0; i < 6; i++) {
        const { status, code } = await signIn(web, { login, password: "wrong" }, `198.51.100.${i}`);
        all.push({ status, code });
      }
      return all;
    };
    expect(await answers("nobody@example.com")).toEqual(await answers("ann@example.com"));
  });

  test("holds against a hundred attempts at once: five are looked at", async () => {
    const answers = await Promise.all(Array.from({ length: 40 }, (_, i) => signIn(web, wrong, `203.0.113.${i}`)));
    expect(answers.filter(({ code }) => code === "sign-in-failed")).toHaveLength(5);
    expect(answers.filter(({ code }) => code === "sign-in-locked")).toHaveLength(35);
  });

  test("of an address holds for all logins, and not for other addresses", async () => {
    for (let i = 0; i < 20; i++) await signIn(web, { login: `guess-${i}`, password: "x" }, "2001:db8::1");
    expect((await signIn(web, right, "2001:db8::2")).code).toBe("sign-in-locked");
    expect((await signIn(web, right, "2001:db8:0:1::1")).status).toBe(204);
  });

  test("is taken off by an administrator", async () => {
    for (let i = 0; i < 6; i++) await signIn(web, wrong, `192.0.2.${i}`);
    expect((await signIn(web, right)).code).toBe("sign-in-locked");
    const lockedUntil = async () => (await web.get(`/api/v1/operators/${ann.id}`, operatorAnswerSchema)).lockedUntil;
    expect(Date.parse((await lockedUntil()) ?? "")).toBeGreaterThan(Date.now());
    expect((await web.call("POST", `/api/v1/operators/${ann.id}/actions/unlock`, {})).status).toBe(204);
    expect(await lockedUntil()).toBeNull();
    expect((await signIn(web, right)).status).toBe(204);
  });
});

describe("a session", () => {
  test("ends when it is not used for twelve hours, and after seven days in any case", async () => {
    const { cookie } = await signIn(web, right);
    const ask = async (ahead: number) => {
      web.clock.ahead = ahead;
      return (await callAs(web, cookie, "GET", "/api/v1/session")).status;
    };
    expect([await ask(11 * HOUR), await ask(22 * HOUR), await ask(35 * HOUR)]).toEqual([200, 200, 401]);
    web.clock.ahead = 0;
    const busy = (await signIn(web, right)).cookie;
    const statuses = new Set<string>();
    for (let hour = 0; hour <= 7 * 24; hour += 11) {
      web.clock.ahead = hour * HOUR;
      statuses.add(`${hour < 7 * 24} ${(await callAs(web, busy, "GET", "/api/v1/session")).status}`);
    }
    web.clock.ahead = 7 * DAY;
    expect((await callAs(web, busy, "GET", "/api/v1/session")).status).toBe(401);
    expect([...statuses]).toEqual(["true 200"]);
    web.clock.ahead = 0;
  });

  test("is listed with its browser, and ended by its owner or an administrator, by nobody else", async () => {
    const eve = await addOperator(web, "eve@example.com", ["reports"]);
    const second = await signIn(web, { login: eve.login, password: PASSWORD }, "192.0.2.77");
    const listOf = async (cookie: string, query = "") =>
      (
        (await callAs(web, cookie, "GET", `/api/v1/sessions${query}`)).body as {
          data: { id: string; current: boolean }[];
        }
      ).data;
    const own = await listOf(eve.cookie);
    expect(own.filter(({ current }) => current)).toHaveLength(1);
    const other = own.find(({ current }) => !current);
    expect(other).toMatchObject({ address: "192.0.2.77", login: eve.login });
    const path = `/api/v1/sessions/${other?.id}`;
    expect((await ann.call("DELETE", path)).status).toBe(404);
    expect((await ann.call("GET", `/api/v1/sessions?operator=${eve.id}`)).status).toBe(403);
    expect((await web.call("GET", `/api/v1/sessions?operator=${eve.id}`)).text).toContain(other?.id);
    expect((await eve.call("DELETE", path)).status).toBe(204);
    expect((await callAs(web, second.cookie, "GET", "/api/v1/session")).status).toBe(401);
    expect(JSON.stringify(own)).not.toContain(eve.cookie.split("=")[1]);
  });

  test("of a disabled operator ends at once, with their tokens; nothing opens until they are enabled", async () => {
    const mal = await addOperator(web, "mal@example.com", ["campaign-manager"]);
    const { body } = await mal.call("POST", "/api/v1/tokens", { label: "script" });
    const { token } = body as { token: string };
    const byToken = async () =>
      (await web.call("GET", "/api/v1/deliveries", undefined, { authorization: `Bearer ${token}` })).status;
    expect(await byToken()).toBe(200);
    const fields = { login: mal.login, name: "Mal", roles: ["campaign-manager"] };
    await web.call("PUT", `/api/v1/operators/${mal.id}`, { ...fields, disabled: true });
    const codes = [(await mal.call("GET", "/api/v1/session")).status, await byToken()];
    expect([...codes, (await signIn(web, { login: mal.login, password: PASSWORD })).code]).toEqual([
      401,
      401,
      "sign-in-failed",
    ]);
    await web.call("PUT", `/api/v1/operators/${mal.id}`, fields);
    expect([await byToken(), (await signIn(web, { login: mal.login, password: PASSWORD })).status]).toEqual([200, 204]);
  });

  test("cannot be opened by another site's form", async () => {
    const answer = await web.app.inject({
      method: "POST",
      url: "/api/v1/session",
      payload: right,
      headers: { origin: "https://evil.example", host: "envoi.example" },
    });
    expect(answer.statusCode).toBe(403);
  });
});

describe("the second factor", () => {
  let tom: TestOperator;
  let secret: string;
  let recoveryCodes: string[];
  const login = { login: "tom@example.com", password: PASSWORD };
  const codeAt = (at: number) =>
    truncate(
      createHmac("sha1", fromBase32(secret))
        .update(counterBytes(Math.floor(at / (30 * SECOND))))
        .digest(),
    );
  const now = () => Date.now() + web.clock.ahead;

  beforeAll(async () => {
    tom = await addOperator(web, "tom@example.com", ["administrator"]);
    const offer = await tom.call("POST", "/api/v1/session/second-factor", {});
    secret = (offer.body as { secret: string }).secret;
    // Nothing is asked for until a first code shows that the app has the secret.
    expect((await signIn(web, login)).status).toBe(204);
    expect((await tom.call("PUT", "/api/v1/session/second-factor", { code: "12345" })).status).toBe(422);
    const confirmed = await tom.call("PUT", "/api/v1/session/second-factor", { code: codeAt(now()) });
    recoveryCodes = (confirmed.body as { recoveryCodes: string[] }).recoveryCodes;
    expect([confirmed.status, recoveryCodes.length]).toEqual([200, 10]);
  });
  beforeEach(() => {
    // A step of its own for each test.
    web.clock.ahead += 5 * MINUTE;
  });
  afterAll(() => {
    web.clock.ahead = 0;
  });

  test("is asked for after the right password only", async () => {
    expect(await signIn(web, login)).toMatchObject({ status: 401, code: "code-needed" });
    expect(await signIn(web, { ...login, password: "wrong" })).toMatchObject({ status: 401, code: "sign-in-failed" });
    expect((await signIn(web, { ...login, code: codeAt(now()) })).status).toBe(204);
  });

  test("a code counts once, also when it comes twice at the same time", async () => {
    const code = codeAt(now());
    const answers = await Promise.all([1, 2, 3].map(() => signIn(web, { ...login, code })));
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
  });

  test("one step off is taken, two are not, and none older than one that was used", async () => {
    expect((await signIn(web, { ...login, code: codeAt(now() - MINUTE) })).code).toBe("code-wrong");
    expect((await signIn(web, { ...login, code: codeAt(now() + MINUTE) })).code).toBe("code-wrong");
    expect((await signIn(web, { ...login, code: codeAt(now() + 30 * SECOND) })).status).toBe(204);
    expect((await signIn(web, { ...login, code: codeAt(now()) })).code).toBe("code-wrong");
  });

  test("codes cannot be guessed: wrong ones lock, and leaving the code out in between does not help", async () => {
    const codes: (string | null)[] = [];
    for (let i = 0; i < 5; i++) {
      codes.push((await signIn(web, { ...login, code: "12345" })).code, (await signIn(web, login)).code);
    }
    expect(codes.filter((code) => code === "code-wrong")).toHaveLength(5);
    expect((await signIn(web, { ...login, code: codeAt(now()) })).code).toBe("sign-in-locked");
  });

  test("a recovery code opens once", async () => {
    const code = recoveryCodes[0]?.replaceAll("-", " ").toUpperCase() ?? "";
    const answers = await Promise.all([1, 2].map(() => signIn(web, { ...login, code })));
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
    const session = await callAs(
      web,
      answers.find(({ status }) => status === 204)?.cookie ?? "",
      "GET",
      "/api/v1/session",
    );
    expect(session.body).toMatchObject({ operator: { secondFactor: true, recoveryCodes: 9 } });
  });

  test("neither secret nor codes lie open in the database", async () => {
    const rows = await web.db.query(
      "select encode(totp_secret, 'escape') as sealed, o.* from operators o where id = $1",
      [tom.id],
    );
    const codes = await web.db.query("select * from recovery_codes");
    const text = JSON.stringify([rows, codes]).toLowerCase();
    expect(text).not.toContain(secret.toLowerCase());
    expect(recoveryCodes.some((code) => text.includes(code.replaceAll("-", "")))).toBe(false);
  });

  test("is taken off with the password, or by an administrator", async () => {
    const { cookie } = await signIn(web, { ...login, code: codeAt(now()) });
    const own = (password: string) => callAs(web, cookie, "DELETE", "/api/v1/session/second-factor", { password });
    expect([(await own("wrong")).status, (await own(PASSWORD)).status]).toEqual([422, 204]);
    expect((await signIn(web, login)).status).toBe(204);
    expect((await web.call("POST", `/api/v1/operators/${tom.id}/actions/reset-second-factor`, {})).status).toBe(204);
    expect((await callAs(web, cookie, "GET", "/api/v1/session")).status).toBe(401);
  });

  test("is no matter of tokens", async () => {
    const answer = await web.call("POST", "/api/v1/session/second-factor", {});
    expect([answer.status, (answer.body as { code: string }).code]).toEqual([409, "not-an-operator"]);
  });
});

function fromBase32(text: string): Buffer {
  const digit = (letter: string) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0");
  const bits = text.replaceAll(/[A-Z2-7]/g, digit);
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}
