/** Mails of services: by a published template, by the built-in text where that does not work, and never too many for one mailbox. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";

import { NOTHING_AROUND } from "../../../test/alert-rig.ts";
import { createTestWebApp, type TestWebApp } from "../../../test/web-app.ts";
import { codec } from "../../adapters/charset/codec.ts";
import { alertSchema } from "../../contract/responses-alerts.ts";
import { serviceAnswerSchema, serviceMailSchema, subscribeAnswerSchema } from "../../contract/responses-services.ts";
import { singleMessageSchema } from "../../contract/responses-single-messages.ts";
import { pageOf, problemSchema } from "../../contract/responses.ts";
import { DAY, MINUTE } from "../../core/time.ts";
import { createLog } from "../../platform/log.ts";
import { watchAlerts } from "../alerts/index.ts";
import { createTemplateMessages, type TemplateMessages } from "../messages/index.ts";
import { sendServiceMails } from "./send-mails.ts";

let web: TestWebApp;
let messages: TemplateMessages;
beforeAll(async () => {
  web = await createTestWebApp();
  messages = createTemplateMessages({ db: web.db, now, publicUrl: "http://127.0.0.1:8080", codec });
});
afterAll(() => web.close());
beforeEach(async () => {
  // What is known of a template is believed for a second.
  web.clock.ahead += 20 * MINUTE;
  await web.db.query(
    "truncate services, service_mails, service_mail_limits, subscription_events, recipients, notices, alerts cascade",
  );
});

const now = () => Date.now() + web.clock.ahead;
const api = "/api/v1/services";
const CONFIRM = `<p>Dear {{ recipient.first_name | default: "reader" }}, <a href="{{ recipient.confirmation_link }}">yes to {{ recipient.service_name }}</a></p>`;

async function template(html: string, subject = "About {{ recipient.service_name }}"): Promise<string> {
  const content = { subject, html, text: html };
  const sender = { name: "News", address: "news@sender.example" };
  const settings = { tracking: { opens: false, clicks: false } };
  const made = await web.call("POST", "/api/v1/templates", { label: `T ${Math.random()}`, content, sender, settings });
  expect(made.status, made.text).toBe(201);
  const { id } = z.object({ id: z.string() }).parse(made.body);
  expect((await publish(id)).status).toBe(202);
  return id;
}
const publish = (id: string, act = "publish") => web.call("POST", `/api/v1/templates/${id}/actions/${act}`);

async function service(more: object) {
  const answer = await web.call("POST", api, { name: "The Letter", ...more });
  expect(answer.status, answer.text).toBe(201);
  return serviceAnswerSchema.parse(answer.body).id;
}

async function subscribe(id: string, body: object) {
  const answer = await web.call("POST", `${api}/${id}/actions/subscribe`, body);
  expect(answer.status, answer.text).toBe(200);
  return subscribeAnswerSchema.parse(answer.body).results.map(({ status }) => status);
}

const people = (...addresses: string[]) => ({ people: addresses.map((address) => ({ address })) });
const send = (with_ = messages) => sendServiceMails({ db: web.db, now, messages: with_ });
const journal = async (id: string) => (await web.get(`${api}/${id}/mails`, pageOf(serviceMailSchema))).data;
const singles = async () => (await web.get("/api/v1/messages", pageOf(singleMessageSchema))).data;
/** Without soft line breaks (RFC 2045 §6.7). */
const source = async (key: string) =>
  (await web.call("GET", `/api/v1/messages/${key}/source`)).text.replaceAll("=\r\n", "");
const notices = () =>
  web.db.query<{ address: string; subject: string; body: string }>("select * from notices order by id");

describe("a template", () => {
  test("makes the confirmation, with the link, the service and what is known of the person; the journal forgets the link", async () => {
    const confirmationTemplate = await template(CONFIRM);
    const id = await service({ confirmationTemplate });
    const ann = { address: "ann@one.example", attributes: { first_name: "Ann" } };
    expect(await subscribe(id, { people: [ann, { address: "bob@one.example" }] })).toEqual(["asked", "asked"]);
    expect((await journal(id)).map(({ sentAs }) => sentAs)).toEqual([null, null]);
    expect(await send()).toBe(2);
    expect(await send()).toBe(0);
    expect(await notices()).toEqual([]);
    const [bobs, anns] = await journal(id);
    expect(anns).toMatchObject({ kind: "confirmation", address: ann.address, sentAs: "template", problem: "" });
    const text = await source(anns?.message ?? "");
    expect(text).toMatch(/^Subject: About The Letter\r$/m);
    expect(text).toContain("Dear Ann");
    expect(await source(bobs?.message ?? "")).toContain("Dear reader");
    const link = /\/s\/confirm\/[\w-]+/.exec(text)?.[0] ?? "";
    expect((await web.app.inject({ method: "POST", url: link })).statusCode).toBe(200);
    expect(await web.db.query("select 1 from service_mails where data <> '{}'")).toEqual([]);
  });

  test("makes the welcome and the good-bye, once each, and not for who asks for quiet or never came", async () => {
    const welcomeTemplate = await template("<p>Welcome</p>");
    const goodbyeTemplate = await template("<p>Farewell {{ recipient.email }}</p>");
    const id = await service({ doubleOptIn: false, welcomeTemplate, goodbyeTemplate });
    await subscribe(id, people("ann@one.example"));
    await subscribe(id, people("ann@one.example"));
    await subscribe(id, { ...people("bob@one.example"), quiet: true });
    const leave = (quiet: boolean, ...addresses: string[]) =>
      web.call("POST", `${api}/${id}/actions/unsubscribe`, { addresses, quiet });
    await leave(false, "ann@one.example", "never@one.example");
    await leave(false, "ann@one.example");
    await leave(true, "bob@one.example");
    await send();
    const mails = (await journal(id)).map(({ kind, address, sentAs }) => `${kind} ${address} ${sentAs}`);
    expect(mails).toEqual(["goodbye ann@one.example template", "welcome ann@one.example template"]);
  });

  test("welcomes who has used the link of the built-in text", async () => {
    const id = await service({ welcomeTemplate: await template("<p>Welcome</p>") });
    await subscribe(id, people("ann@one.example"));
    const link = /\/s\/confirm\/\S+/.exec((await notices())[0]?.body ?? "")?.[0] ?? "";
    for (let times = 0; times < 2; times++) await web.app.inject({ method: "POST", url: link });
    await send();
    expect((await journal(id)).map(({ kind, sentAs }) => `${kind} ${sentAs}`)).toEqual([
      "welcome template",
      "confirmation built-in",
    ]);
  });

  test.each([
    ["that is not there", async () => "999", "not-published"],
    [
      "that is not published",
      async () => {
        const id = await template(CONFIRM);
        await publish(id, "unpublish");
        web.clock.ahead += 2000;
        return id;
      },
      "not-published",
    ],
    ["without the link", () => template("<p>Hello</p>"), "link-missing"],
  ])("%s is refused", async (_, make, code) => {
    const answer = await web.call("POST", api, { name: "L", confirmationTemplate: await make() });
    expect(answer.status).toBe(422);
    expect(problemSchema.parse(answer.body).errors?.[0]).toMatchObject({ pointer: "/confirmationTemplate", code });
  });
});

describe("where the template does not work, the built-in text goes out and the journal says why", () => {
  const alerts = async () => {
    await watchAlerts(
      { db: web.db, log: createLog("silent", "test"), around: NOTHING_AROUND, publicUrl: "" },
      now(),
      false,
    );
    const { data } = await web.get("/api/v1/alerts?state=open", pageOf(alertSchema));
    return data.filter(({ kind }) => kind === "service-mail").map(({ message }) => message);
  };

  test.each([
    ["it is not published any more", (id: string) => publish(id, "unpublish"), /not published/],
    ["it is deleted", (id: string) => web.call("DELETE", `/api/v1/templates/${id}`), /no template|not published/],
    [
      "it shows the link no more",
      async (id: string) => {
        await web.db.query("update templates set defaults = jsonb_set(defaults, '{content}', $2) where id = $1", [
          id,
          JSON.stringify({ subject: "x", html: "<p>x</p>", text: "x" }),
        ]);
        await publish(id);
      },
      /confirmation_link/,
    ],
    [
      "it shows what is not known",
      async (id: string) => {
        await web.db.query("update templates set defaults = jsonb_set(defaults, '{content}', $2) where id = $1", [
          id,
          JSON.stringify({ subject: "x {{ recipient.shoe_size }}", html: CONFIRM, text: "x" }),
        ]);
        await publish(id);
      },
      /shoe_size/,
    ],
  ])("%s", async (_, breakIt, why) => {
    const confirmationTemplate = await template(CONFIRM);
    const id = await service({ confirmationTemplate });
    expect(await alerts()).toEqual([]);
    await breakIt(confirmationTemplate);
    web.clock.ahead += 20_000;
    expect(await subscribe(id, people("ann@one.example"))).toEqual(["asked"]);
    await send();
    expect(await journal(id)).toMatchObject([
      { sentAs: "built-in", message: null, problem: expect.stringMatching(why) },
    ]);
    const [mail, ...more] = await notices();
    expect(more).toEqual([]);
    expect(mail).toMatchObject({
      address: "ann@one.example",
      subject: "Please confirm your subscription to The Letter",
    });
    const link = /\/s\/confirm\/\S+/.exec(mail?.body ?? "")?.[0] ?? "";
    expect((await web.app.inject({ method: "POST", url: link })).statusCode).toBe(200);
    expect(await alerts()).toHaveLength(1);
    // Another change of the service is not refused for it, and without the template there is nothing to look at.
    const kept = await web.call("PUT", `${api}/${id}`, { name: "Renamed", confirmationTemplate });
    expect(kept.status, kept.text).toBe(200);
    await web.call("PUT", `${api}/${id}`, { name: "Renamed" });
    expect(await alerts()).toEqual([]);
  });

  test("who once unsubscribed from all gets the question they asked for, but no welcome before the answer", async () => {
    const id = await service({ confirmationTemplate: await template(CONFIRM) });
    await web.call("POST", "/api/v1/recipients", { address: "ann@one.example" });
    await web.db.query("update recipients set denylisted_at = now(), denylist_reason = 'unsubscribed'");
    expect(await subscribe(id, people("ann@one.example"))).toEqual(["asked"]);
    await send();
    expect(await journal(id)).toMatchObject([{ sentAs: "built-in", problem: "denylisted" }]);
    expect(await notices()).toHaveLength(1);
    expect(await alerts()).toEqual([]);
  });

  test("what fails for another reason is tried again; a crash in between sends nothing twice", async () => {
    const id = await service({ confirmationTemplate: await template(CONFIRM) });
    const before = (await singles()).length;
    await subscribe(id, people("ann@one.example"));
    let fails = 0;
    const broken: TemplateMessages = {
      ...messages,
      accept: async (message) => {
        await messages.accept(message);
        throw new Error(`the database went away ${++fails}`);
      },
    };
    await send(broken);
    expect(await send(broken)).toBe(0);
    expect(await journal(id)).toMatchObject([{ sentAs: null }]);
    web.clock.ahead += 2 * MINUTE;
    await send();
    expect(await journal(id)).toMatchObject([{ sentAs: "template" }]);
    expect(await singles()).toHaveLength(before + 1);
    expect([fails, await notices()]).toEqual([1, []]);
  });
});

describe("nobody fills somebody else's mailbox", () => {
  test("ten mails a day, whatever the service, the kind and the way the address is written; twelve at the same time too", async () => {
    const welcomeTemplate = await template("<p>Welcome</p>");
    const ids: string[] = [];
    for (let n = 0; n < 12; n++) ids.push(await service({ name: `S${n}` }));
    const written = ["ann@one.example", "a.nn@one.example", "ann+x@one.example"];
    const answers = await Promise.all(ids.map((id, n) => subscribe(id, people(written[n % 3] ?? ""))));
    expect(answers.flat().toSorted()).toEqual([...Array(10).fill("asked"), "wait", "wait"]);
    expect(await notices()).toHaveLength(10);
    const loud = await service({ name: "Loud", doubleOptIn: false, welcomeTemplate });
    expect(await subscribe(loud, people("ann@one.example", "bob@one.example"))).toEqual(["subscribed", "subscribed"]);
    expect((await journal(loud)).map(({ address }) => address)).toEqual(["bob@one.example"]);
    web.clock.ahead += DAY + MINUTE;
    expect(await subscribe(ids[11] ?? "", people("ANN+y@one.example"))).toEqual(["asked"]);
  });

  test("several addresses of one mailbox in one call take turns", async () => {
    const id = await service({});
    const twelve = Array.from({ length: 12 }, (_, n) => `ann+${n}@one.example`);
    const answers = await subscribe(id, people(...twelve));
    expect(answers).toEqual([...Array(10).fill("asked"), "wait", "wait"]);
  });
});
