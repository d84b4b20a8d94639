/** Operators' MX rules over the API: what is kept, refused, ordered, resolved, and that senders hear of it. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { createTestWebApp, type TestWebApp } from "../../../test/web-app.ts";
import type { Problem } from "../../contract/index.ts";
import { mxRuleAnswerSchema, providerAnswerSchema, resolvedRuleSchema } from "../../contract/responses-shaping.ts";
import { pageOf } from "../../contract/responses.ts";
import { SHAPING_CHANNEL } from "../../platform/events.ts";
import { loadOperatorRules } from "./index.ts";

const URL = "/api/v1/mx-rules";

let web: TestWebApp;
beforeAll(async () => {
  web = await createTestWebApp();
});
beforeEach(() => web.db.query("truncate mx_rules, domain_sites restart identity"));
afterAll(() => web.close());

const RULE = { name: "Large", mx: ["*.example.org"], connections: { min: 1, max: 5 } };
const FULL = {
  name: "Full",
  enabled: true,
  mx: ["mx?.example.net", "*.example.com"],
  sources: { from: 2, to: 4 },
  countedPer: "rule",
  shared: true,
  connections: { min: 2, max: 8 },
  messagesPerConnection: 30,
  messagesPerHour: { min: 100, max: 2000 },
  connectionsPerMinute: 12,
  timeouts: { connect: 20, data: 300, other: 60 },
  tls: "required",
};

async function make(fields: object = {}): Promise<string> {
  const answer = await web.call("POST", URL, { ...RULE, ...fields });
  expect(answer.status, answer.text).toBe(201);
  return (answer.body as { id: string }).id;
}

const list = async () => (await web.get(URL, pageOf(mxRuleAnswerSchema))).data;
const resolve = (query: string) => web.get(`${URL}/resolve?${query}`, resolvedRuleSchema);

async function pointersOf(call: Promise<{ status: number; body: unknown }>): Promise<string[]> {
  const answer = await call;
  expect(answer.status).toBe(422);
  return ((answer.body as Problem).errors ?? []).map((error) => error.pointer);
}

describe("an MX rule", () => {
  test("has every field, is read, changed under its version, removed", async () => {
    const made = await web.call("POST", URL, FULL);
    expect(made.status).toBe(201);
    const { id } = mxRuleAnswerSchema.parse(made.body);
    expect(made.headers).toMatchObject({ location: `${URL}/${id}`, etag: '"1"' });
    expect(await web.get(`${URL}/${id}`, mxRuleAnswerSchema)).toMatchObject({ ...FULL, position: 1, warnings: [] });
    const change = { connections: { min: 1, max: 3 }, timeouts: { data: null }, sources: null };
    expect((await web.call("PATCH", `${URL}/${id}`, change, { "if-match": '"7"' })).status).toBe(412);
    const changed = await web.call("PATCH", `${URL}/${id}`, change, { "if-match": '"1"' });
    expect([changed.status, changed.headers["etag"]]).toEqual([200, '"2"']);
    const timeouts = { connect: 20, data: null, other: 60 };
    expect(await list()).toMatchObject([{ ...FULL, ...change, timeouts, version: 2 }]);
    expect((await web.call("DELETE", `${URL}/${id}`, undefined, { "if-match": '"1"' })).status).toBe(412);
    expect((await web.call("DELETE", `${URL}/${id}`)).status).toBe(204);
    for (const method of ["GET", "DELETE"] as const) {
      expect((await web.call(method, `${URL}/${id}`)).status).toBe(404);
    }
    expect((await web.call("PATCH", `${URL}/${id}`, {})).status).toBe(404);
    expect((await web.call("GET", `${URL}/no-id`)).status).toBe(404);
  });

  test("has defaults, and masks in one form", async () => {
    const id = await make({ mx: [" MX.Example.org. ", "mx.example.org", "*"] });
    expect(await web.get(`${URL}/${id}`, mxRuleAnswerSchema)).toMatchObject({
      enabled: true,
      mx: ["mx.example.org", "*"],
      sources: null,
      countedPer: "site",
      shared: false,
      messagesPerConnection: 100,
      messagesPerHour: null,
      connectionsPerMinute: null,
      timeouts: { connect: null, data: null, other: null },
      tls: "opportunistic",
    });
  });

  test.each<[string, object, string[]]>([
    ["no masks", { mx: [] }, ["/mx"]],
    ["masks that no host has", { mx: ["*.example.org", ".example.org", "a b"] }, ["/mx/1", "/mx/2"]],
    ["a mask with a control character", { mx: ["a\u0000b"] }, ["/mx/0"]],
    ["a range upside down", { connections: { min: 3, max: 2 } }, ["/connections"]],
    ["no connections", { connections: { min: 0, max: 2 } }, ["/connections/min"]],
    ["sources upside down", { sources: { from: 3, to: 2 } }, ["/sources/to"]],
    ["an unknown field", { conections: 2 }, ["/conections"]],
    ["an odd name", { name: "<b>" }, ["/name"]],
    ["a time-out of an hour and more", { timeouts: { data: 3601 } }, ["/timeouts/data"]],
  ])("with %s is refused", async (_, fields, pointers) => {
    expect(await pointersOf(web.call("POST", URL, { ...RULE, ...fields }))).toEqual(pointers);
    expect(await list()).toEqual([]);
  });

  test("needs a name of its own, in whatever case", async () => {
    await make();
    const other = await make({ name: "Other" });
    expect(await pointersOf(web.call("POST", URL, { ...RULE, name: "LARGE" }))).toEqual(["/name"]);
    expect(await pointersOf(web.call("PATCH", `${URL}/${other}`, { name: "large" }))).toEqual(["/name"]);
    expect((await web.call("PATCH", `${URL}/${other}`, { name: "OTHER" })).status).toBe(200);
  });

  test("that can never apply is kept, with a warning that ends with its reason", async () => {
    const wide = await make();
    const narrow = await make({ name: "Narrow", mx: ["mx.example.org"] });
    expect(await list()).toMatchObject([{ warnings: [] }, { id: narrow, warnings: [{ code: "unreachable" }] }]);
    expect((await list())[1]?.warnings[0]?.message).toContain('"Large"');
    await web.call("PATCH", `${URL}/${wide}`, { enabled: false });
    expect((await list()).map(({ warnings }) => warnings.length)).toEqual([0, 0]);
    await web.call("PATCH", `${URL}/${wide}`, { enabled: true });
    await web.call("POST", `${URL}/actions/order`, { ids: [narrow, wide] });
    expect((await list()).map(({ warnings }) => warnings.length)).toEqual([0, 0]);
  });
});

describe("the order", () => {
  test("is that of making, can be changed, and closes up", async () => {
    const ids = [await make({ name: "A" }), await make({ name: "B" }), await make({ name: "C" })] as const;
    const [a, b, c] = ids;
    const ordered = await web.call("POST", `${URL}/actions/order`, { ids: [c, a, b] });
    expect(ordered.status).toBe(200);
    expect((await list()).map(({ name, position, version }) => [name, position, version])).toEqual([
      ["C", 1, 1],
      ["A", 2, 1],
      ["B", 3, 1],
    ]);
    await web.call("DELETE", `${URL}/${a}`);
    await make({ name: "D" });
    expect((await list()).map(({ name, position }) => [name, position])).toEqual([
      ["C", 1],
      ["B", 2],
      ["D", 3],
    ]);
    for (const wrong of [[c], [c, b, b], [b, c, "999"], []]) {
      expect(await pointersOf(web.call("POST", `${URL}/actions/order`, { ids: wrong }))).toEqual(["/ids"]);
    }
  });

  test("stays whole when many change it at once", async () => {
    const ids = await Promise.all(["A", "B", "C", "D", "E", "F"].map((name) => make({ name })));
    await Promise.all([
      web.call("DELETE", `${URL}/${ids[2]}`),
      make({ name: "G" }),
      web.call("POST", `${URL}/actions/order`, { ids: ids.toReversed() }),
    ]);
    const positions = await web.db.query<{ position: number }>("select position from mx_rules order by position");
    expect(positions.map(({ position }) => position)).toEqual([1, 2, 3, 4, 5, 6]);
  });
});

describe("what senders read", () => {
  test("is enabled, in order, in milliseconds", async () => {
    await make({ name: "Off", enabled: false });
    await make({ name: "Second" });
    const first = await web.call("POST", URL, FULL);
    const ids = (await list()).map(({ id }) => id);
    const { id } = first.body as { id: string };
    await web.call("POST", `${URL}/actions/order`, { ids: [id, ...ids.filter((one) => one !== id)] });
    const { name, enabled, shared, ...fields } = FULL;
    expect(enabled).toBe(true);
    expect(await loadOperatorRules(web.db)).toMatchObject([
      {
        ...fields,
        name,
        origin: "operator",
        isShared: shared,
        timeouts: { connect: 20_000, data: 300_000, other: 60_000 },
      },
      { name: "Second", isShared: false, timeouts: { connect: null, data: null, other: null } },
    ]);
  });

  test("is announced with every change, and not when there was none", async () => {
    const heard: string[] = [];
    let wake = () => {};
    const listener = await web.db.listen(SHAPING_CHANNEL, (payload) => {
      heard.push(payload);
      wake();
    });
    const told = async (work: () => Promise<unknown>, mark: string) => {
      heard.length = 0;
      await work();
      await web.db.query("select pg_notify($1, $2)", [SHAPING_CHANNEL, mark]);
      while (!heard.includes(mark)) await new Promise<void>((done) => (wake = done));
      return heard.filter((payload) => payload === "").length;
    };
    const id = await make();
    await told(() => Promise.resolve(), "begin");
    expect(await told(() => make({ name: "Other" }), "made")).toBe(1);
    expect(await told(() => web.call("PATCH", `${URL}/${id}`, { shared: true }), "changed")).toBe(1);
    const ids = (await list()).map((one) => one.id);
    expect(await told(() => web.call("POST", `${URL}/actions/order`, { ids: ids.toReversed() }), "ordered")).toBe(1);
    expect(await told(() => web.call("DELETE", `${URL}/${id}`), "removed")).toBe(1);
    expect(await told(() => web.call("POST", URL, { ...RULE, name: "other" }), "refused")).toBe(0);
    await listener.close();
  });
});

describe("which rule applies", () => {
  test("the operator's by source, then the shipped ones, and what is hidden", async () => {
    const id = await make({ name: "Mine", mx: ["*.google.com"], sources: { from: 2, to: 3 }, timeouts: { other: 30 } });
    const off = await make({ name: "Off", mx: ["*"], enabled: false });
    expect(off).not.toBe(id);
    const hosts = "mx=alt1.gmail-smtp-in.l.google.com,%20GMAIL-smtp-in.l.google.com.";
    expect(await resolve(`${hosts}&source=2`)).toMatchObject({
      mx: ["alt1.gmail-smtp-in.l.google.com", "gmail-smtp-in.l.google.com"],
      source: 2,
      provider: "google",
      rule: {
        name: "Mine",
        origin: "operator",
        id,
        timeouts: { connect: null, data: null, other: 30 },
        tls: "opportunistic",
      },
      hidden: [
        { name: "google", origin: "shipped", id: null },
        { name: "default", origin: "shipped", id: null },
      ],
    });
    expect(await resolve(hosts)).toMatchObject({
      source: null,
      rule: { name: "google", origin: "shipped", id: null, tls: "encrypted", connections: { max: 10 } },
      hidden: [{ name: "default" }],
    });
    expect(await resolve("mx=mx.example.org&source=4")).toMatchObject({ provider: "other", rule: { name: "default" } });
  });

  test("by a recipient domain that a sender has looked up", async () => {
    await web.db.query("insert into domain_sites values ($1, 's', 'yahoo', $2, now())", [
      "xn--bcher-kva.example",
      ["mta5.am0.yahoodns.net", "mta6.am0.yahoodns.net"],
    ]);
    expect(await resolve(`domain=${encodeURIComponent("Bücher.example")}`)).toMatchObject({
      mx: ["mta5.am0.yahoodns.net", "mta6.am0.yahoodns.net"],
      rule: { name: "yahoo" },
    });
    expect((await web.call("GET", `${URL}/resolve?domain=example.org`)).status).toBe(404);
  });

  test.each(["", "mx=a&domain=b", "mx=", "mx=a,,b", "mx=a%00b", "mx=*.example.org", "domain=a,b", "domain="])(
    "nothing is found out about ?%s",
    async (query) => {
      expect((await web.call("GET", `${URL}/resolve?${query}`)).status).toBe(422);
    },
  );
});

test("providers are listed with their reactions", async () => {
  const { data } = await web.get("/api/v1/providers", pageOf(providerAnswerSchema));
  const google = data.find(({ name }) => name === "google");
  expect(google).toMatchObject({ label: expect.stringContaining("Gmail"), warmUp: null });
  expect(google?.mx).toContain("*.google.com");
  expect(google?.reactions).toContain("google-netblock-rate");
  expect(data.find(({ name }) => name === "bell")?.reactions).toEqual([]);
});
