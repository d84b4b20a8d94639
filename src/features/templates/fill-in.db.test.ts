/** What a new delivery copies of its template, and what a template copies of a delivery. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";

import { createTestWebApp, type Answer, type TestWebApp } from "../../../test/web-app.ts";
import { settingsSchema, type Problem, type Template } from "../../contract/index.ts";
import { templateAnswerSchema } from "../../contract/responses-templates.ts";
import { deliverySchema, pageOf } from "../../contract/responses.ts";

let web: TestWebApp;
beforeAll(async () => {
  web = await createTestWebApp();
});
afterAll(() => web.close());

const URL = "/api/v1/templates";
const at = (id: string) => `${URL}/${id}`;
const pointers = (answer: Answer) => (answer.body as Problem).errors?.map((error) => error.pointer);

async function create(input: object): Promise<Template> {
  const answer = await web.call("POST", URL, { label: "Newsletter", ...input });
  expect(answer.status).toBe(201);
  return templateAnswerSchema.strict().parse(answer.body);
}

describe("a new delivery", () => {
  const TEMPLATE = {
    content: { subject: "From the template", html: "<p>Template</p>", syntax: "liquid", inlineCss: false },
    sender: { name: "Shop", address: "shop@example.com", replyTo: "help@example.com" },
    settings: {
      validity: "2d",
      headers: [{ name: "X-Shop", value: "1" }],
      tracking: { opens: false, expiredUrl: "https://example.com/" },
      archive: { on: true, timing: "after" },
    },
  };
  const post = (body: object) =>
    web.call("POST", "/api/v1/deliveries", { label: "October", audience: { all: true }, ...body });
  const make = async (body: object) => {
    const answer = await post(body);
    expect(answer.status).toBe(201);
    return deliverySchema.strict().parse(answer.body);
  };

  test("is all that the template says, and the defaults", async () => {
    const { id: template } = await create(TEMPLATE);
    const delivery = await make({ template });
    const { label, templateId, content, sender, settings } = delivery;
    expect({ label, templateId, content, sender }).toEqual({
      label: "October",
      templateId: template,
      content: TEMPLATE.content,
      sender: TEMPLATE.sender,
    });
    expect(settings).toEqual(settingsSchema.parse(TEMPLATE.settings));
    const { data } = await web.get(`/api/v1/deliveries/${delivery.id}/audit`, pageOf(z.looseObject({})));
    expect(data).toMatchObject([{ kind: "delivery.created", detail: { template } }]);
  });

  test("says what the request says, field by field; null is not the template's value", async () => {
    const { id: template } = await create(TEMPLATE);
    const { content, sender, settings } = await make({
      template,
      content: { subject: "Mine", inlineCss: null },
      sender: { name: "Me", replyTo: "" },
      settings: {
        headers: [{ name: "X-Mine", value: "2" }],
        tracking: { clicks: false, expiredUrl: null },
        archive: { timing: "before" },
      },
    });
    expect(content).toEqual({ subject: "Mine", html: "<p>Template</p>", syntax: "liquid" });
    expect(sender).toEqual({ name: "Me", address: "shop@example.com" });
    expect(settings).toEqual(
      settingsSchema.parse({
        validity: "2d",
        headers: [{ name: "X-Mine", value: "2" }],
        tracking: { clicks: false, opens: false },
        archive: { on: true, timing: "before" },
      }),
    );
  });

  test("a default of a delivery hides nothing of the template; headers as lines replace its headers", async () => {
    const { id: template } = await create(TEMPLATE);
    const { settings } = await make({ template, settings: { archive: {}, headerLines: "X-Line: 1" } });
    expect(settings.archive).toEqual({ on: true, timing: "after" });
    expect(settings.headers).toEqual([{ name: "X-Line", value: "1" }]);
  });

  test("stays as it is when its template is edited or deleted", async () => {
    const { id: template } = await create(TEMPLATE);
    const before = await make({ template });
    const read = () => web.get(`/api/v1/deliveries/${before.id}`, deliverySchema);
    await web.call("PUT", at(template), { label: "Other", settings: { archive: { on: false } } });
    expect(await read()).toEqual(before);
    await web.call("DELETE", at(template));
    expect(await read()).toEqual(before);
  });

  test("needs what neither it nor its template says", async () => {
    const { id: template } = await create({ sender: { name: "Shop" } });
    expect(pointers(await post({ template }))?.toSorted()).toEqual(["/content/subject"]);
    expect(pointers(await post({ template, content: { subject: "x" }, sender: { address: null } }))).toEqual([
      "/sender/address",
    ]);
    expect(pointers(await post({}))?.toSorted()).toEqual(["/content"]);
  });

  test("of a template that does not exist is refused, and so is one with unknown keys", async () => {
    const unknown = await post({ ...TEMPLATE, template: "424242" });
    expect([unknown.status, pointers(unknown)]).toEqual([422, ["/template"]]);
    expect(pointers(await post({ ...TEMPLATE, template: 1 }))).toEqual(["/template"]);
    expect(pointers(await post({ ...TEMPLATE, settings: { archive: { x: 1 } } }))).toEqual(["/settings/archive/x"]);
  });

  test("becomes a template again, with all that it says", async () => {
    const { id: template } = await create(TEMPLATE);
    const delivery = await make({ template });
    const path = `/api/v1/deliveries/${delivery.id}/actions/save-as-template`;
    expect(pointers(await web.call("POST", path, { label: "" }))).toEqual(["/label"]);
    const ask = () => web.call("POST", path, { label: "Again" }, { "idempotency-key": "again" });
    const [answer, repeated] = [await ask(), await ask()];
    expect(answer.status).toBe(201);
    expect(repeated.body).toEqual(answer.body);
    const saved = templateAnswerSchema.strict().parse(answer.body);
    const { content, sender, settings } = delivery;
    expect(saved).toMatchObject({ label: "Again", builtIn: false, content, sender, settings });
    const twin = await make({ template: saved.id });
    expect({ content, sender, settings }).toEqual({
      content: twin.content,
      sender: twin.sender,
      settings: twin.settings,
    });
  });
});
