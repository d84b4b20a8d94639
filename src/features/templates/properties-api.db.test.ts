/** Properties one by one: where each value comes from, how it gets another, and how the inherited one comes back. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createTestWebApp, type Answer, type TestWebApp } from "../../../test/web-app.ts";
import { platformSettingsSchema, propertyListSchema, type Problem, type PropertyList } from "../../contract/index.ts";
import { templateAnswerSchema } from "../../contract/responses-templates.ts";
import { deliverySchema } from "../../contract/responses.ts";
import { beginAnalysis } from "../analysis/index.ts";
import { ensureBuiltInTemplate } from "./index.ts";

let web: TestWebApp;
beforeAll(async () => {
  const act = () => Promise.reject(new Error("this test steers no delivery"));
  web = await createTestWebApp({
    lifecycle: { analyse: beginAnalysis, confirm: act, pause: act, resume: act, stop: act },
  });
});
afterAll(() => web.close());

const TEMPLATE = {
  label: "Weekly",
  category: "news",
  content: { subject: "News", html: "<p>News, unsubscribe</p>" },
  sender: { address: "news@sender.example" },
  settings: { validity: "2d", headers: [{ name: "X-A", value: "1" }], tracking: { opens: false } },
};

async function make(template: object = TEMPLATE, delivery: object = {}) {
  const saved = await web.call("POST", "/api/v1/templates", template);
  const { id: templateId } = templateAnswerSchema.parse(saved.body);
  const body = { label: "Any", template: templateId, audience: { all: true }, ...delivery };
  const answer = await web.call("POST", "/api/v1/deliveries", body);
  expect([answer.status, answer.text]).toEqual([201, expect.any(String)]);
  return { templateId, id: deliverySchema.parse(answer.body).id };
}
const pathOf = (kind: "deliveries" | "templates", id: string) => `/api/v1/${kind}/${id}/properties`;
const list = async (id: string, kind: "deliveries" | "templates" = "deliveries") =>
  (await web.get(pathOf(kind, id), propertyListSchema.strict())) as PropertyList;
const change = (id: string, wish: object, headers = {}, kind: "deliveries" | "templates" = "deliveries") =>
  web.call("PATCH", pathOf(kind, id), wish, headers);
const row = ({ properties }: PropertyList, path: string) => properties.find((one) => one.path === path);
const rowsOf = (answer: Answer) => {
  expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
  return propertyListSchema.parse(answer.body) as PropertyList;
};
const refused = (answer: Answer) => {
  const { errors, code } = answer.body as Problem;
  return [answer.status, errors?.map(({ pointer }) => pointer) ?? code];
};

describe("a delivery of a template", () => {
  test("says of every value where it comes from, whatever becomes of the template", async () => {
    const { id, templateId } = await make(TEMPLATE, { settings: { priority: "high" }, category: "sale" });
    const before = await list(id);
    expect(row(before, "settings.validity")).toEqual({
      path: "settings.validity",
      group: "validity",
      value: "2d",
      origin: "template",
    });
    expect(row(before, "settings.tracking.opens")).toMatchObject({ value: false, origin: "template" });
    expect(row(before, "settings.tracking.clicks")).toMatchObject({ value: true, origin: "platform" });
    expect(row(before, "settings.priority")).toMatchObject({
      value: "high",
      origin: "delivery",
      inherited: { value: "normal", origin: "platform" },
    });
    expect(row(before, "category")).toMatchObject({
      value: "sale",
      origin: "delivery",
      inherited: { value: "news", origin: "template" },
    });
    await web.call("PUT", `/api/v1/templates/${templateId}`, { label: "Other", settings: { validity: "9d" } });
    expect(await list(id)).toEqual(before);
    await web.call("DELETE", `/api/v1/templates/${templateId}`);
    expect(await list(id)).toEqual(before);
  });

  test("that is sent back as it was shown has nothing more of its own", async () => {
    const { id } = await make();
    const { content, sender, settings } = await web.get(`/api/v1/deliveries/${id}`, deliverySchema);
    await web.call("PATCH", `/api/v1/deliveries/${id}`, { content, sender, settings });
    const own = (await list(id)).properties.filter(({ origin }) => origin === "delivery");
    expect(own.map(({ path }) => path)).toEqual(["label"]);
  });

  test("gets another value and the inherited one again, in versions", async () => {
    const { id } = await make();
    const first = await change(id, { "settings.validity": "4d", "settings.pool": "shop" }, { "if-match": '"1"' });
    expect(first.headers["etag"]).toBe('"2"');
    expect(row(rowsOf(first), "settings.validity")).toMatchObject({ value: "4d", origin: "delivery" });
    expect(row(rowsOf(first), "settings.pool")).toMatchObject({ inherited: { value: null, origin: "platform" } });
    expect(refused(await change(id, { "settings.validity": "1d" }, { "if-match": '"1"' }))).toEqual([
      412,
      "version-conflict",
    ]);
    const reset = rowsOf(await change(id, { "settings.validity": null, "settings.pool": null, category: null }));
    expect(row(reset, "settings.validity")).toMatchObject({ value: "2d", origin: "template" });
    expect(row(reset, "settings.pool")).toMatchObject({ value: null, origin: "platform" });
    const { settings } = await web.get(`/api/v1/deliveries/${id}`, deliverySchema);
    expect("pool" in settings).toBe(false);
  });

  test.each<[string, object, string[]]>([
    ["what is no property", { "settings.nothing": 1, audience: {} }, ["/settings/nothing", "/audience"]],
    ["a value of another type", { "settings.speed": "fast" }, ["/settings/speed"]],
    ["a name without a value that it could inherit", { label: null }, ["/label"]],
    ["a route that is none", { "settings.routes": { "*": "nowhere" } }, ["/settings/routes/*"]],
    ["a folder that is not there", { folder: "424242" }, ["/folder"]],
  ])("refuses %s", async (_, wish, pointers) => {
    const { id } = await make();
    expect(refused(await change(id, wish))).toEqual([422, pointers]);
    expect((await list(id)).version).toBe(1);
  });

  test("shows the platform's setting where nobody says anything", async () => {
    const { id } = await make();
    await web.db.query("insert into platform_settings (settings, updated_at) values ($1, now())", [
      JSON.stringify(
        platformSettingsSchema.parse({
          errorAddress: "errors@sender.example",
          sender: { name: "Shop", address: "shop@sender.example", replyToName: "Help" },
        }),
      ),
    ]);
    const shown = await list((await make({ label: "No sender", content: TEMPLATE.content })).id);
    expect(["name", "address", "replyToName", "replyTo"].map((name) => row(shown, `sender.${name}`))).toMatchObject([
      { value: "Shop", origin: "platform" },
      { value: "shop@sender.example", origin: "platform" },
      { value: "Help", origin: "platform" },
      { value: null, origin: "platform" },
    ]);
    expect(row(await list(id), "sender.address")).toMatchObject({ value: "news@sender.example", origin: "template" });
    const own = rowsOf(await change(id, { "sender.address": "own@sender.example" }));
    expect(row(own, "sender.address")).toMatchObject({ origin: "delivery", inherited: { origin: "template" } });
    expect(row(await list(id), "sender.errorAddress")).toMatchObject({
      value: "errors@sender.example",
      origin: "platform",
    });
    await web.db.query("delete from platform_settings");
  });

  test("that is over lets only what it is found by be changed", async () => {
    const { id } = await make();
    await web.db.query("update deliveries set state = 'finished' where id = $1", [id]);
    expect((await list(id)).editable).toBe(false);
    expect(refused(await change(id, { "settings.validity": "1d" }))).toEqual([409, "action-not-allowed"]);
    expect(row(rowsOf(await change(id, { category: null, code: "C1" })), "code")).toMatchObject({ value: "C1" });
  });
});

describe("a template", () => {
  test("says what it sets, also what is the default, and can leave it again", async () => {
    const { templateId } = await make({ ...TEMPLATE, settings: { validity: "5d" } });
    expect(row(await list(templateId, "templates"), "settings.validity")).toMatchObject({
      value: "5d",
      origin: "template",
      inherited: { value: "5d", origin: "platform" },
    });
    const wish = { "settings.validity": null, "settings.tracking.clicks": false, category: null };
    const changed = rowsOf(await change(templateId, wish, { "if-match": '"1"' }, "templates"));
    expect(row(changed, "settings.validity")).toMatchObject({ value: "5d", origin: "platform" });
    expect(row(changed, "category")).toMatchObject({ value: "", origin: "platform" });
    const { settings } = await web.get(`/api/v1/templates/${templateId}`, templateAnswerSchema);
    expect(settings).toEqual({ tracking: { clicks: false } });
    expect(refused(await change(templateId, wish, { "if-match": '"1"' }, "templates"))[0]).toBe(412);
    expect(refused(await change(templateId, { "settings.speed": 0 }, {}, "templates"))).toEqual([
      422,
      ["/settings/speed"],
    ]);
  });

  test("that comes with Envoi is read-only", async () => {
    await ensureBuiltInTemplate(web.db, Date.now());
    const [{ id } = { id: 0 }] = await web.db.query<{ id: number }>("select id from templates where built_in");
    expect((await list(String(id), "templates")).editable).toBe(false);
    expect(refused(await change(String(id), { "settings.speed": 5 }, {}, "templates"))).toEqual([
      409,
      "template-built-in",
    ]);
  });

  test("is executed: its delivery is there and analysed at once", async () => {
    const { templateId } = await make();
    const execute = (body: object) => web.call("POST", `/api/v1/templates/${templateId}/actions/execute`, body);
    const answer = await execute({ audience: { all: true }, code: "W1" });
    expect([answer.status, answer.text]).toEqual([202, expect.any(String)]);
    const made = deliverySchema.parse(answer.body);
    expect(made).toMatchObject({ label: "Weekly", templateId, code: "W1", state: "analysing" });
    expect(refused(await execute({}))).toEqual([422, ["/audience"]]);
    expect(refused(await execute({ audience: { all: true }, sender: { address: null } }))).toEqual([
      422,
      ["/sender/address"],
    ]);
  });
});
