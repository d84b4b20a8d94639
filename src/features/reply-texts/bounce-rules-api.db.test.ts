/** Operators' bounce rules over the API: kept, refused with their place, ordered, tried, and in force at once. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { createTestWebApp, type TestWebApp } from "../../../test/web-app.ts";
import type { Problem } from "../../contract/index.ts";
import {
  bounceRuleAnswerSchema,
  shippedBounceRulesSchema,
  triedRulesSchema,
} from "../../contract/responses-reply-texts.ts";
import { pageOf } from "../../contract/responses.ts";
import { qualify } from "../../core/bounce/qualify.ts";
import type { RuleSet } from "../../core/bounce/rule.ts";
import { DAY } from "../../core/time.ts";
import { SHAPING_CHANNEL } from "../../platform/events.ts";
import { loadRuleSet } from "../bounces/index.ts";
import { noteReplies, openRuleBook } from "./index.ts";

const URL_OF = "/api/v1/bounce-rules";

let web: TestWebApp;
let shipped: RuleSet;
beforeAll(async () => {
  web = await createTestWebApp();
  shipped = await loadRuleSet(new URL("../../../rules/bounces", import.meta.url).pathname);
});
beforeEach(() => web.db.query("truncate bounce_rules, reply_texts restart identity cascade"));
afterAll(() => web.close());

const MOON = "550 5.7.1 the moon is in the wrong house";
const RULE = {
  name: "moon",
  stage: ["rcpt", "dot"],
  text: ["moon * wrong"],
  verdict: { type: "soft", reason: "refused", scope: "message" },
  examples: [{ reply: MOON, stage: "rcpt" }],
};
const CLOSED = {
  ...RULE,
  name: "closed",
  text: ["house is closed"],
  examples: [{ reply: "550 the house is closed", stage: "rcpt" }],
};

async function make(fields: object = {}): Promise<string> {
  const answer = await web.call("POST", URL_OF, { ...RULE, ...fields });
  expect(answer.status, answer.text).toBe(201);
  return (answer.body as { id: string }).id;
}

test("the shipped rules can be read, with the word lists that they name", async () => {
  const { data, words } = await web.get(`${URL_OF}/shipped`, shippedBounceRulesSchema);
  expect(data.map(({ name }) => name)).toEqual(shipped.rules.map(({ name }) => name));
  expect(data[0]).toMatchObject({ file: expect.stringMatching(/^10-provider\.toml:\d+$/) });
  const bare = shipped.rules.findIndex(({ notText }) => notText === undefined);
  expect(data[bare]).toMatchObject({ notText: null });
  expect(words.map(({ name }) => name)).toEqual(Object.keys(shipped.words));
});

const list = async () => (await web.get(URL_OF, pageOf(bounceRuleAnswerSchema))).data;

describe("a bounce rule", () => {
  test("has every field, is read, changed under its version, removed", async () => {
    const full = {
      ...RULE,
      enabled: false,
      code: ["5xx"],
      enhanced: ["x.7.*"],
      notText: ["your house"],
      mx: ["MX.Example.org."],
      verdict: { ...RULE.verdict, action: "alarm" },
      source: "https://postmaster.example.org",
      examples: [{ reply: MOON, stage: "rcpt", mx: "a.mx.example.org" }],
    };
    const made = await web.call("POST", URL_OF, full);
    expect(made.status, made.text).toBe(201);
    const { id } = bounceRuleAnswerSchema.parse(made.body);
    expect(made.headers).toMatchObject({ location: `${URL_OF}/${id}`, etag: '"1"' });
    const kept = { ...full, mx: ["mx.example.org"], position: 1, warnings: [] };
    expect(await web.get(`${URL_OF}/${id}`, bounceRuleAnswerSchema)).toMatchObject(kept);
    const change = { enabled: true, notText: null };
    expect((await web.call("PATCH", `${URL_OF}/${id}`, change, { "if-match": '"7"' })).status).toBe(412);
    const changed = await web.call("PATCH", `${URL_OF}/${id}`, change, { "if-match": '"1"' });
    expect([changed.status, changed.headers["etag"]]).toEqual([200, '"2"']);
    expect(await list()).toMatchObject([{ ...kept, ...change, version: 2 }]);
    expect((await web.call("DELETE", `${URL_OF}/${id}`, undefined, { "if-match": '"1"' })).status).toBe(412);
    expect((await web.call("DELETE", `${URL_OF}/${id}`)).status).toBe(204);
    expect((await web.call("GET", `${URL_OF}/${id}`)).status).toBe(404);
    expect((await web.call("PATCH", `${URL_OF}/${id}`, {})).status).toBe(404);
  });

  test.each<[string, object, string[]]>([
    ["a code that is none", { code: ["550", "2xx"] }, ["/code/1"]],
    ["an enhanced code that is none", { enhanced: ["5.1"] }, ["/enhanced/0"]],
    [
      "patterns that cannot be read",
      { text: ["a *", "$nothing"], notText: ["?!"] },
      ["/text/0", "/text/1", "/notText/0"],
    ],
    ["a pattern twice", { text: ["moon", "moon"] }, ["/text/1"]],
    ["an example that does not reach it", { examples: [{ reply: "550 no", stage: "rcpt" }] }, ["/examples/0"]],
    ["an example of another stage", { examples: [{ reply: MOON, stage: "mail" }] }, ["/examples/0"]],
    ["hard for others than addresses", { verdict: { ...RULE.verdict, type: "hard" } }, ["/verdict/scope"]],
    ["blame before RCPT", { stage: null, verdict: { ...RULE.verdict, scope: "address" } }, ["/stage"]],
    ["no condition", { stage: null, text: null }, [""]],
    ["a name of the program", { name: "default-x" }, ["/name"]],
    ["no example", { examples: [] }, ["/examples"]],
    ["a reason that there is not", { verdict: { ...RULE.verdict, reason: "bored" } }, ["/verdict/reason"]],
  ])("is refused with %s", async (_, fields, pointers) => {
    const answer = await web.call("POST", URL_OF, { ...RULE, ...fields });
    expect(answer.status, answer.text).toBe(422);
    expect(((answer.body as Problem).errors ?? []).map(({ pointer }) => pointer)).toEqual(pointers);
    expect(await list()).toEqual([]);
  });

  test("has a name of its own, also among the shipped", async () => {
    await make();
    for (const name of ["moon", shipped.rules[0]?.name]) {
      const answer = await web.call("POST", URL_OF, { ...RULE, name });
      expect([answer.status, (answer.body as Problem).errors?.[0]?.pointer]).toEqual([422, "/name"]);
    }
  });

  test("has its place; what an earlier one takes is told", async () => {
    const first = await make({ name: "wide", text: ["moon"] });
    const second = await make();
    expect((await list()).map(({ name, warnings }) => [name, warnings.length])).toEqual([
      ["wide", 0],
      ["moon", 1],
    ]);
    const order = (ids: string[]) => web.call("POST", `${URL_OF}/actions/order`, { ids });
    expect((await order([first])).status).toBe(422);
    expect((await order([first, first])).status).toBe(422);
    expect((await order([second, first])).status).toBe(200);
    expect((await list()).map(({ name, position }) => [name, position])).toEqual([
      ["moon", 1],
      ["wide", 2],
    ]);
    expect((await list())[0]?.warnings).toEqual([]);
  });
});

describe("rules in force", () => {
  const answer = { stage: "rcpt", code: 550, enhanced: "5.1.1", text: "550 5.1.1 user unknown", mx: null } as const;
  const mine = {
    name: "mine",
    text: ["user unknown"],
    examples: [{ reply: answer.text, stage: "rcpt" }],
  };

  test("are the operators' before the shipped, as soon as it is announced", async () => {
    const book = await openRuleBook(web.db, shipped);
    expect(qualify(book.current(), answer)).toMatchObject({ type: "hard" });
    const before = book.current();
    await book.refresh();
    expect(book.current()).toBe(before);
    let heard: () => void = () => {};
    const refreshed = new Promise<void>((resolve) => (heard = resolve));
    const listener = await web.db.listen(SHAPING_CHANNEL, (payload) => {
      void book.refresh().then(() => book.current() !== before && heard());
      expect(payload).toBe("");
    });
    const id = await make(mine);
    await refreshed;
    await listener.close();
    expect(qualify(book.current(), answer)).toMatchObject({ type: "soft", reason: "refused", rule: "mine" });
    await web.call("PATCH", `${URL_OF}/${id}`, { enabled: false });
    await book.refresh();
    expect(qualify(book.current(), answer).rule).not.toBe("mine");
  });

  test("stay when the database is away", async () => {
    const book = await openRuleBook(web.db, shipped);
    const before = book.current();
    await web.db.query("alter table bounce_rules rename to bounce_rules_gone");
    await expect(book.refresh()).rejects.toThrow();
    await web.db.query("alter table bounce_rules_gone rename to bounce_rules");
    expect(book.current()).toBe(before);
    await expect(book.refresh()).resolves.toBeUndefined();
  });
});

describe("a change is tried", () => {
  const note = (text: string, times: number, daysAgo = 0) =>
    web.db.transaction((tx) =>
      noteReplies(
        tx,
        Array.from({ length: times }, () => ({
          text,
          stage: "rcpt" as const,
          code: 550,
          enhanced: null,
          mx: null,
          provider: null,
          type: "not-defined" as const,
          reason: "not-defined" as const,
          rule: "default-unknown",
          at: Date.now() - daysAgo * DAY,
        })),
      ),
    );
  const attempt = async (change: object, days = 7) => {
    const answer = await web.call("POST", `${URL_OF}/try`, { days, change });
    expect(answer.status, answer.text).toBe(200);
    return triedRulesSchema.parse(answer.body);
  };

  test("on the replies of so many days, with counts, and nothing is saved", async () => {
    await note("550 the moon is wrong", 3);
    await note("550 a moon so wrong", 2, 3);
    await note("550 what a wrong moon was the wrong one", 1);
    await note("550 my moon is wrong", 9, 20);
    const tried = await attempt({ kind: "add", rule: RULE });
    expect(tried).toMatchObject({ days: 7, count: 6, changed: 6, newlyHard: 0, truncated: false });
    expect(tried.changes).toMatchObject([
      { before: { type: "not-defined" }, after: { type: "soft", rule: "moon" }, texts: 3, count: 6 },
    ]);
    expect(tried.changes[0]?.examples[0]).toBe("550 the moon is wrong");
    expect((await attempt({ kind: "add", rule: RULE }, 30)).changed).toBe(15);
    expect(await list()).toEqual([]);
  });

  test("of every kind: another rule in its place, none, another order", async () => {
    await note("550 the moon is wrong, this house is closed", 4);
    const moon = await make();
    const verdict = { type: "ignored", reason: "error-ignored", scope: "message" };
    const closed = await make({ ...CLOSED, verdict });
    const rule = { ...CLOSED, name: "moon" };
    const tried = await attempt({ kind: "replace", id: moon, rule });
    expect(tried.changed).toBe(0);
    expect((await attempt({ kind: "remove", id: moon })).changes).toMatchObject([{ after: { rule: "closed" } }]);
    expect((await attempt({ kind: "remove", id: closed })).changed).toBe(0);
    const ordered = await attempt({ kind: "order", ids: [closed, moon] });
    expect(ordered.changes).toMatchObject([{ before: { rule: "moon" }, after: { rule: "closed" }, count: 4 }]);
    expect((await attempt({ kind: "replace", id: moon, rule: { ...rule, enabled: false } })).changed).toBe(4);
  });

  test("only when it could be saved", async () => {
    const refused = async (change: object) => (await web.call("POST", `${URL_OF}/try`, { change })).status;
    expect(await refused({ kind: "add", rule: { ...RULE, code: ["2xx"] } })).toBe(422);
    expect(await refused({ kind: "remove", id: "77" })).toBe(404);
    expect(await refused({ kind: "order", ids: ["77"] })).toBe(422);
    expect((await web.call("POST", `${URL_OF}/try`, { days: 91, change: { kind: "order", ids: [] } })).status).toBe(
      422,
    );
  });
});
