/** The API of deliveries: what is refused and where, versions, states, what a delivery shows of its analysis. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createTestWebApp, type Answer, type TestWebApp } from "../../../test/web-app.ts";
import { settingsSchema } from "../../contract/index.ts";
import {
  checklistSchema,
  deliveryEventSchema,
  deliverySchema,
  deliverySummarySchema,
  pageOf,
  problemSchema,
} from "../../contract/responses.ts";
import { appError } from "../../platform/errors.ts";

let web: TestWebApp;
const acts: string[] = [];
beforeAll(async () => {
  const act = (name: string) => async (_db: unknown, id: number, actor: string) =>
    void acts.push(`${name} ${id} ${actor}`);
  web = await createTestWebApp({
    lifecycle: {
      analyse: act("analyse"),
      confirm: (_db, id) =>
        Promise.reject(
          appError("action-not-allowed", { id, state: "editing", action: "confirmed", currentState: "editing" }),
        ),
      pause: () => Promise.resolve({ onWire: 12 }),
      resume: act("resume"),
      stop: act("stop"),
    },
  });
});
afterAll(() => web.close());

const INPUT = {
  label: "October",
  content: { subject: "Hello", html: "<p>Hello</p>" },
  sender: { name: "News", address: "News@Example.com", replyTo: "" },
  audience: { all: true },
};

async function create(change: object = {}) {
  const answer = await web.call("POST", "/api/v1/deliveries", { ...INPUT, ...change });
  expect(answer.status).toBe(201);
  return deliverySchema.parse(answer.body);
}

const pointers = (answer: Answer) => problemSchema.parse(answer.body).errors?.map((error) => error.pointer);

test("a delivery starts in editing, with defaults filled in, and empty optional fields left out", async () => {
  const delivery = await create();
  expect(delivery).toMatchObject({ state: "editing", version: 1, analysed: false, startedAt: null, holdReason: null });
  expect(delivery.settings).toEqual(settingsSchema.parse({}));
  expect(delivery.sender).toEqual({ name: "News", address: "News@Example.com" });
  expect(await web.get(`/api/v1/deliveries/${delivery.id}`, deliverySchema)).toEqual(delivery);
});

test("what is wrong with content is said when it is saved, and it is saved", async () => {
  const delivery = await create({ content: { subject: "Hi", html: "<p>\n{{ recipient.x", syntax: "liquid" } });
  expect(delivery.contentProblems).toMatchObject([{ part: "html", line: 2, column: 1, code: "template" }]);
  expect(delivery.content.html).toBe("<p>\n{{ recipient.x");
});

test("headers given as text join the others; what is wrong is said with its line", async () => {
  const { settings } = await create({ settings: { headerLines: "X-A: 1\nX-B: {{ recipient.b }}\n" } });
  expect(settings.headers).toEqual([
    { name: "X-A", value: "1" },
    { name: "X-B", value: "{{ recipient.b }}" },
  ]);
  const refused = await web.call("POST", "/api/v1/deliveries", {
    ...INPUT,
    settings: { headerLines: "X-A: 1\n\nSubject: x\nX-C: c " },
  });
  expect(refused.status).toBe(422);
  expect(problemSchema.parse(refused.body).errors?.map(({ message }) => message.slice(0, 8))).toEqual([
    "line 2: ",
    "line 3: ",
    "line 4: ",
  ]);
});

test("a personalised sender address is judged when a message is made", async () => {
  const { sender } = await create({ sender: { address: "{{ recipient.shop }}@example.com" } });
  expect(sender.address).toBe("{{ recipient.shop }}@example.com");
});

test.each<[string, object, string[]]>([
  [
    "campaign syntax that has no translation",
    { content: { subject: "<% while (1) { %>", text: "<%= new Date() %>", syntax: "campaign" } },
    ["/content/subject", "/content/text"],
  ],
  ["a sender without @", { sender: { address: "nobody" } }, ["/sender/address"]],
  [
    "wrong addresses everywhere, a name with a line break",
    { sender: { name: "a\r\nBcc: b", address: "a@b.example", replyTo: "x@", errorAddress: "@x" } },
    ["/sender/replyTo", "/sender/errorAddress", "/sender/name"],
  ],
  [
    "headers that Envoi writes itself, that are none, that break the line",
    {
      settings: {
        headers: [
          { name: "X-Fine", value: "yes" },
          { name: "subject", value: "x" },
          { name: "Content-Type", value: "x" },
          { name: "X Y", value: "x" },
          { name: "X-Evil", value: "a\nBcc: b@example.com" },
        ],
      },
    },
    ["/settings/headers/1/name", "/settings/headers/2/name", "/settings/headers/3/name", "/settings/headers/4/value"],
  ],
  [
    "routes without a port",
    { settings: { routes: { "a.example": "host", "*": "h:25" } } },
    ["/settings/routes/a.example"],
  ],
  ["a source that is no IP", { settings: { source: "mail.example" } }, ["/settings/source"]],
  ["a validity of two years", { settings: { validity: "730d" } }, ["/settings/validity"]],
  ["a list that does not exist", { audience: { list: "999999" } }, ["/audience/list"]],
  ["an import that does not exist", { audience: { import: "999999" } }, ["/audience/import"]],
])("refuses %s", async (_name, change, expected) => {
  const answer = await web.call("POST", "/api/v1/deliveries", { ...INPUT, ...change });
  expect(answer.status).toBe(422);
  expect(pointers(answer)).toEqual(expected);
});

describe("editing", () => {
  test("replaces the fields given, counts the version, and asks for a new analysis", async () => {
    const { id } = await create();
    await web.db.query("update deliveries set state = 'ready', analysed_version = 1 where id = $1", [id]);
    expect((await web.get(`/api/v1/deliveries/${id}`, deliverySchema)).analysed).toBe(true);
    const answer = await web.call("PATCH", `/api/v1/deliveries/${id}`, { label: "November" }, { "if-match": '"1"' });
    expect(answer.status).toBe(200);
    expect(answer.headers["etag"]).toBe('"2"');
    const edited = deliverySchema.parse(answer.body);
    expect(edited).toMatchObject({ label: "November", state: "editing", version: 2, analysed: false });
    expect(edited.content).toEqual({ ...INPUT.content, syntax: "liquid" });
  });

  test("of two editors who read the same version the second is told", async () => {
    const { id } = await create();
    const edit = (label: string) => web.call("PATCH", `/api/v1/deliveries/${id}`, { label }, { "if-match": '"1"' });
    const answers = await Promise.all([edit("mine"), edit("yours")]);
    expect(answers.map((answer) => answer.status).toSorted((a, b) => a - b)).toEqual([200, 412]);
    expect(
      (await web.call("PATCH", `/api/v1/deliveries/${id}`, { label: "x" }, { "if-match": 'W/"abc"' })).status,
    ).toBe(412);
    expect((await web.call("PATCH", `/api/v1/deliveries/${id}`, { label: "x" }, { "if-match": "*" })).status).toBe(200);
  });

  test("an edit is checked like a creation, and an unknown field is refused", async () => {
    const { id } = await create();
    expect(pointers(await web.call("PATCH", `/api/v1/deliveries/${id}`, { audience: { list: "9" } }))).toEqual([
      "/audience/list",
    ]);
    expect(pointers(await web.call("PATCH", `/api/v1/deliveries/${id}`, { colour: "red" }))).toEqual(["/colour"]);
  });

  test.each(["analysing", "in-progress", "pausing", "paused", "stopping", "stopped", "finished"])(
    "nothing can be edited or deleted in state %s",
    async (state) => {
      const { id } = await create();
      await web.db.query("update deliveries set state = $2 where id = $1", [id, state]);
      for (const answer of [
        await web.call("PATCH", `/api/v1/deliveries/${id}`, { label: "x" }),
        await web.call("DELETE", `/api/v1/deliveries/${id}`),
      ]) {
        expect(answer.status).toBe(409);
        expect(answer.body).toMatchObject({ code: "action-not-allowed", currentState: state });
      }
    },
  );

  test("a deleted delivery takes its parts, messages and exclusions along", async () => {
    const { id } = await create();
    await web.db.query("create table messages_0 partition of messages for values from (0) to (100)");
    await web.db.query("insert into delivery_parts (id, delivery_id, to_deliver, pending) values (7, $1, 1, 1)", [id]);
    await web.db.query("insert into messages (part_id, seq, address, vars) values (7, 0, 'a@b.example', '{}')");
    await web.db.query("insert into exclusions (delivery_id, address, reason) values ($1, 'x', 'duplicate')", [id]);
    expect((await web.call("DELETE", `/api/v1/deliveries/${id}`)).status).toBe(204);
    expect((await web.call("GET", `/api/v1/deliveries/${id}`)).status).toBe(404);
    for (const table of ["delivery_parts", "messages", "exclusions"]) {
      expect(await web.db.query(`select 1 from ${table}`)).toEqual([]);
    }
  });
});

test.each([
  "/api/v1/deliveries/0",
  "/api/v1/deliveries/abc",
  "/api/v1/deliveries/99999999999999999999",
  "/api/v1/deliveries/424242",
])("%s is not found", async (path) => {
  for (const below of [
    "",
    "/checklist",
    "/audit",
    "/indicators",
    "/destinations",
    "/exclusions",
    "/messages",
    "/events",
  ]) {
    const answer = await web.call("GET", path + below);
    expect([below, answer.status, (answer.body as { code: string }).code]).toEqual([below, 404, "not-found"]);
  }
});

test("the list goes from the newest to the oldest, page by page, with figures", async () => {
  const made = [];
  for (let i = 0; i < 5; i++) made.push((await create({ label: `page ${i}` })).id);
  const seen: string[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const page: { data: { id: string }[]; nextCursor: string | null } = await web.get(
      `/api/v1/deliveries?limit=2${cursor && `&cursor=${cursor}`}`,
      pageOf(deliverySummarySchema),
    );
    seen.push(...page.data.map((row) => row.id));
    cursor = page.nextCursor;
  }
  expect(seen.slice(0, 5)).toEqual(made.toReversed());
  expect(new Set(seen).size).toBe(seen.length);
  expect((await web.call("GET", "/api/v1/deliveries?cursor=x")).status).toBe(422);
  expect((await web.call("GET", "/api/v1/deliveries?limit=0")).status).toBe(422);
});

test("the checklist shows what the analysis found and is ready without errors only", async () => {
  const { id } = await create();
  const read = () => web.get(`/api/v1/deliveries/${id}/checklist`, checklistSchema);
  expect(await read()).toEqual({ ready: false, analysed: false, targeted: 0, excluded: {}, toDeliver: 0, items: [] });
  await web.db.query(
    `update deliveries set state = 'ready', analysed_version = version, targeted = 10, excluded = 3, to_deliver = 7 where id = $1`,
    [id],
  );
  await web.db.query("insert into delivery_exclusions values ($1, 'duplicate', 2), ($1, 'denylisted', 1)", [id]);
  await web.db.query("insert into checklist_items values ($1, 1, 'no-text-part', 'warning', 'No text part', '')", [id]);
  expect(await read()).toMatchObject({
    ready: true,
    analysed: true,
    targeted: 10,
    toDeliver: 7,
    excluded: { duplicate: 2, denylisted: 1 },
  });
  await web.db.query("insert into checklist_items values ($1, 2, 'no-recipients', 'error', 'Nobody', '')", [id]);
  expect((await read()).ready).toBe(false);
  await web.db.query("update deliveries set state = 'analysing' where id = $1", [id]);
  expect(await read()).toMatchObject({ ready: false, analysed: false });
});

test("the audit says who did what, newest first", async () => {
  const { id } = await create();
  await web.call("PATCH", `/api/v1/deliveries/${id}`, { label: "b" });
  const { data } = await web.get(`/api/v1/deliveries/${id}/audit`, pageOf(deliveryEventSchema));
  expect(data.map((event) => event.kind)).toEqual(["delivery.edited", "delivery.created"]);
  expect(data[0]).toMatchObject({ actor: "admin (environment)", detail: { fields: ["label"], version: 2 } });
});

describe("actions", () => {
  test("are passed on with the actor and answered with the delivery", async () => {
    const { id } = await create();
    const answer = await web.call("POST", `/api/v1/deliveries/${id}/actions/analyse`);
    expect(answer.status).toBe(202);
    expect(deliverySchema.parse(answer.body).id).toBe(id);
    expect(acts).toEqual([`analyse ${id} admin (environment)`]);
  });

  test("pause says how many are on the wire", async () => {
    const { id } = await create();
    expect((await web.call("POST", `/api/v1/deliveries/${id}/actions/pause`)).body).toMatchObject({ onWire: 12 });
  });

  test("a wrong state is 409 with the state", async () => {
    const { id } = await create();
    const answer = await web.call("POST", `/api/v1/deliveries/${id}/actions/confirm`);
    expect(answer.status).toBe(409);
    expect(answer.body).toMatchObject({ code: "action-not-allowed", currentState: "editing" });
  });

  test("an unknown verb or delivery is not found", async () => {
    const { id } = await create();
    expect((await web.call("POST", `/api/v1/deliveries/${id}/actions/fly`)).status).toBe(404);
    expect((await web.call("POST", "/api/v1/deliveries/424242/actions/analyse")).status).toBe(404);
  });
});
