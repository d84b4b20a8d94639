/**
 * One delivery with everything in it, from the API to a receiving server and back: the bytes can be had again whatever is edited,
 * rotated or restarted, the links of the received mail lead where they should, and one click unsubscribes.
 */
import { createHash } from "node:crypto";
import { dkimVerify } from "mailauth/lib/dkim/verify.js";
import PostalMime, { type Email } from "postal-mime";
import { afterEach, beforeEach, expect, test } from "vitest";

import type { Delivery, DkimKey, TrackingIndicators } from "../../src/contract/index.ts";
import { createTestDatabase, type TestDatabase } from "../database.ts";
import { apiOf, TOKEN } from "./api.ts";
import { makeTestDir, readLog, runEnvoi, startEnvoi, type Env, type Run, type TestDir } from "./envoi.ts";
import {
  analyse,
  callApi,
  furnish,
  importPeople,
  LOGO,
  PDF,
  PEOPLE,
  sendEverything,
  type Call,
} from "./rich-delivery.ts";
import { SmtpSink } from "./smtp-sink.ts";
import { until } from "./until.ts";

/** What recipients see; nothing listens there, so links are followed at the server's own address. */
const PUBLIC_URL = "https://t.sender.example";
/** The last attempt lies just before the end of the validity period. */
const RETRY_SOON = "12s";
const BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
let dir: TestDir;
let database: TestDatabase;
let sink: SmtpSink;
let env: Env;
let main: Run;
let url: string;

beforeEach(async () => {
  dir = makeTestDir();
  database = await createTestDatabase();
  sink = new SmtpSink();
  await sink.listen();
  env = {
    DATABASE_URL: database.url,
    ENVOI_DATA_DIR: dir.path,
    ENVOI_SENDERS: "1",
    ENVOI_ROLES: "web,worker,sender",
    ENVOI_ADMIN_TOKEN: TOKEN,
    ENVOI_ROUTES: sink.route("*"),
    ENVOI_PUBLIC_URL: PUBLIC_URL,
    PORT: "0",
  };
  await start();
});

afterEach(async () => {
  await sink.close();
  await stop();
  await database.drop();
  dir.remove();
});

async function start(): Promise<void> {
  main = startEnvoi(["start"], env);
  ({ url } = await apiOf(main));
}

async function stop(): Promise<void> {
  main.child.kill("SIGTERM");
  await main.ended;
}

const call: Call = (method, path, body) => callApi(url, method, path, body);
const takenBy = (address: string) => sink.taken.find((taken) => taken.address === address)?.source ?? "";

/** By the command line and by the API: the bytes that the server took, and the word that they are. */
async function expectSameBytes(delivery: string): Promise<void> {
  const log = await readLog(delivery, env);
  expect(log.map((line) => line.recipient).toSorted()).toEqual(PEOPLE.map((person) => person.email).toSorted());
  for (const { key, recipient } of log) {
    const got = Buffer.from(takenBy(recipient), "latin1");
    const shown = await runEnvoi(["source", key], env);
    expect(shown.stderr).toContain("digest: match");
    expect(shown.code).toBe(0);
    const answer = await fetch(`${url}/api/v1/messages/${key}/source`, {
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    expect(answer.headers.get("envoi-digest")).toBe("match");
    expect(Buffer.from(await answer.arrayBuffer()).equals(got)).toBe(true);
    // The command writes text: what is compared is what it wrote.
    expect(shown.stdout).toBe(got.toString("utf8"));
    const { digest } = await call<{ digest: string }>("GET", `/messages/${key}`);
    expect(digest).toBe(createHash("sha256").update(got).digest("hex"));
  }
}

async function expectSigned(source: string, keys: readonly DkimKey[]): Promise<void> {
  const records = new Map(keys.map((key) => [key.record.name, key.record.value]));
  const { results } = await dkimVerify(Buffer.from(source, "latin1"), {
    resolver: (name: string) => {
      const record = records.get(name);
      return Promise.resolve(record === undefined ? [] : [[record]]);
    },
  });
  expect(results.map((result) => result.status.result)).toEqual(keys.map(() => "pass"));
}

const parse = (source: string): Promise<Email> => PostalMime.parse(Buffer.from(source, "latin1"));

/** The HTML as it is in the mail: by hand, because parsers change line ends. */
function htmlPartOf(source: string): string {
  const [, head = "", body = ""] = /\r\n(Content-Type: text\/html[^]*?)\r\n\r\n([^]*?)\r\n--/.exec(source) ?? [];
  expect(head).toContain("Content-Transfer-Encoding: quoted-printable");
  const bytes = body
    .replaceAll("=\r\n", "")
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1").toString("utf8");
}

function headerOf(mail: Email, name: string): string {
  return mail.headers.find((header) => header.key === name.toLowerCase())?.value ?? "";
}

test("the bytes of every message can be had again, whatever is edited, rotated or restarted", async () => {
  // One server makes its message wait: the second attempt has the same bytes.
  sink.script = ({ stage, address, times }) =>
    stage === "dot" && address === "bo@two.example" && times === 1 ? "451 4.7.1 come back" : undefined;
  const { keys, file } = await furnish(call);
  const delivery = await sendEverything(call, await importPeople(call), file, RETRY_SOON);
  expect([...sink.timesTaken.values()]).toEqual([1, 1, 1, 1]);
  const waited = (await readLog(delivery, env)).find((line) => line.recipient === "bo@two.example");
  expect(waited).toMatchObject({ status: "sent", attempts: 2 });
  for (const { email } of PEOPLE) await expectSigned(takenBy(email), keys);
  await expectSameBytes(delivery);

  await call("PUT", "/blocks/footer", { html: "<p>another footer</p>" });
  await call("PUT", "/settings", { organisation: "Other", language: "es" });
  await call("POST", "/recipients", {
    address: "anna@one.example",
    attributes: { first_name: "Changed", city: "Bern" },
  });
  for (const key of keys) {
    await call("POST", `/domains/sender.example/keys/${key.id}/actions/retire`);
  }
  await call("POST", "/domains/sender.example/keys", { algorithm: "rsa-sha256" });
  await expect(call("DELETE", `/files/${file.id}`)).rejects.toThrow("file-in-use");
  expect((await runEnvoi(["rotate-token-key"], env)).code).toBe(0);
  await expectSameBytes(delivery);

  await stop();
  env = { ...env, ENVOI_PUBLIC_URL: "https://elsewhere.example" };
  await start();
  await expectSameBytes(delivery);
  // Links in mails that are out already were signed with the key before.
  const { html = "" } = await parse(takenBy("anna@one.example"));
  const answers = await Promise.all(linksOf(html).map((link) => visit(link)));
  expect(answers.map((answer) => answer.status).toSorted((a, b) => a - b)).toEqual([200, 200, 200, 302, 302]);
});

test("a received mail holds what was written for its recipient, and nothing that a value could smuggle in", async () => {
  const { file } = await furnish(call);
  await sendEverything(call, await importPeople(call), file);
  const anna = await parse(takenBy("anna@one.example"));
  expect(anna.subject).toBe("Anna 🎉 הצעה d’été");
  expect(anna.html).toContain("Bonjour Anna,");
  expect(anna.html).toContain("<!--[if mso]><table><tr><td><![endif]-->");
  expect(anna.html).toContain("Greetings to Zürich");
  expect(anna.html).toContain('href="mailto:help@sender.example"');
  expect(anna.html).toContain('href="#end"');
  expect(anna.text).toContain("Se désabonner");
  expect(headerOf(anna, "X-City")).toContain("=?");
  const attached = anna.attachments.find((attachment) => attachment.mimeType === "application/pdf");
  expect(attached?.filename).toBe("offer-a&b=c_é.pdf");
  expect(Buffer.from(attached?.content as ArrayBuffer).equals(PDF)).toBe(true);
  const image = anna.attachments.find((attachment) => attachment.mimeType === "image/png");
  expect(anna.html).toContain(`cid:${image?.contentId?.replace(/[<>]/g, "")}`);
  const bo = await parse(takenBy("bo@two.example"));
  expect(bo.html).toContain("Bonjour Bo &lt;script&gt;,");
  const carla = await parse(takenBy("carla@three.example"));
  expect([carla.html, carla.text?.includes("Bonjour,")]).toEqual([undefined, true]);
  const dora = await parse(takenBy("dora@one.example"));
  expect(dora.text).toBeUndefined();
  expect(dora.headers.filter((header) => header.key === "bcc")).toEqual([]);
  expect(dora.html).toContain("Welcome to Ulm");
});

/** The public address as a recipient's browser asks for it, where it really is. */
function visit(link: string, init: RequestInit = {}): Promise<Response> {
  expect(link.startsWith(`${PUBLIC_URL}/`)).toBe(true);
  const headers = { "user-agent": BROWSER, ...(init.headers as Record<string, string> | undefined) };
  return fetch(url + link.slice(PUBLIC_URL.length), { redirect: "manual", ...init, headers });
}

function linksOf(html: string): string[] {
  return Array.from(html.matchAll(/(?:href|src)="(https:\/\/t\.sender\.example\/[^"]+)"/g), ([, link = ""]) =>
    link.replaceAll("&amp;", "&"),
  );
}

/** What a scanner that follows links must not change. */
async function knownOfPeople(): Promise<unknown> {
  return {
    recipients: await database.db.query("select address, attributes, denylisted_at from recipients order by id"),
    quarantine: await database.db.query("select * from quarantine order by match_key"),
    unsubscriptions: (await call<{ data: unknown[] }>("GET", "/unsubscriptions")).data,
  };
}

test("links lead where they should, pages show what they should, and only a POST unsubscribes", async () => {
  const { file } = await furnish(call);
  const audience = await importPeople(call);
  const delivery = await sendEverything(call, audience, file);
  const mail = await parse(takenBy("anna@one.example"));
  const html = mail.html ?? "";
  const links = linksOf(html);
  const of = (path: string) => links.filter((link) => link.startsWith(`${PUBLIC_URL}/${path}/`));
  expect([of("r").length, of("m").length, of("u").length, of("o").length]).toEqual([2, 1, 1, 1]);

  const before = await knownOfPeople();
  const targets = [];
  for (const link of of("r")) {
    const answer = await visit(link);
    targets.push([answer.status, answer.headers.get("location")]);
  }
  expect(targets).toEqual([
    [302, "https://shop.example/offer?a=1&b=2#top"],
    [302, "https://shop.example/?c=a%26b%3Dc%2F%C3%A9"],
  ]);
  const [click = ""] = of("r");
  for (const at of [5, 12, -1]) {
    const place = at < 0 ? click.length - 1 : `${PUBLIC_URL}/r/`.length + at;
    const altered = click.slice(0, place) + (click[place] === "A" ? "B" : "A") + click.slice(place + 1);
    const answer = await visit(altered);
    expect([answer.status, answer.headers.get("location")]).toEqual([400, null]);
  }
  const pixel = await visit(of("o")[0] ?? "");
  expect([pixel.status, pixel.headers.get("content-type")]).toEqual([200, "image/gif"]);
  const mirror = await visit(of("m")[0] ?? "");
  expect(mirror.status).toBe(200);
  // The picture of the mail is one of its parts; a page has it in itself.
  const image = mail.attachments.find((attachment) => attachment.mimeType === "image/png");
  const cid = `cid:${image?.contentId?.replace(/[<>]/g, "")}`;
  expect(await mirror.text()).toBe(
    htmlPartOf(takenBy("anna@one.example")).replace(cid, `data:image/png;base64,${LOGO}`),
  );
  expect(mirror.headers.get("content-security-policy")).toContain("sandbox");
  const [unsubscribe = ""] = of("u");
  const page = await visit(unsubscribe);
  expect([page.status, (await page.text()).includes("<form")]).toEqual([200, true]);
  for (const answer of [pixel, mirror, page]) {
    expect(answer.headers.get("x-robots-tag")).toContain("noindex");
    expect(answer.headers.get("set-cookie") ?? "").not.toContain("envoi_session");
  }
  for (const link of links) {
    await (await visit(link, { method: "HEAD" })).arrayBuffer();
    await (await visit(link, { headers: { purpose: "prefetch" } })).arrayBuffer();
  }
  expect(await knownOfPeople()).toEqual(before);

  const seen = {
    clicks: { recipients: 1, total: 2 },
    opens: { recipients: 1, total: 1 },
    mirrorViews: { recipients: 1, total: 1 },
  };
  const indicators = (goal: (counted: TrackingIndicators) => boolean) =>
    until(async () => {
      const counted = await call<TrackingIndicators>("GET", `/deliveries/${delivery}/indicators`);
      return goal(counted) && counted;
    });
  const read = ({ clicks, opens, mirrorViews }: TrackingIndicators) =>
    clicks.total >= 2 && opens.total >= 1 && mirrorViews.total >= 1;
  expect(await indicators(read)).toMatchObject({ ...seen, optOuts: { recipients: 0, total: 0 } });

  const header = headerOf(mail, "List-Unsubscribe");
  expect(headerOf(mail, "List-Unsubscribe-Post")).toBe("List-Unsubscribe=One-Click");
  const [, oneClick = ""] = /<(https:[^>]+)>/.exec(header) ?? [];
  expect(header).toMatch(/<mailto:out\+[a-z0-9]+@sender\.example[^>]*>/);
  const form = {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: "List-Unsubscribe=One-Click",
  };
  for (let i = 0; i < 2; i++) expect((await visit(oneClick, form)).status).toBe(200);
  const { data } = await call<{ data: { address: string; source: string }[] }>("GET", "/unsubscriptions");
  expect(data).toMatchObject([{ address: "anna@one.example", source: "one-click" }]);
  const next = await call<Delivery>("POST", "/deliveries", {
    label: "Winter",
    content: { subject: "Hi", html: "<p>Hi {% render 'unsubscribe' %}</p>" },
    sender: { name: "", address: "news@sender.example" },
    audience: { import: audience },
  });
  expect(await analyse(call, next.id)).toMatchObject({ targeted: 4, toDeliver: 3, excluded: { denylisted: 1 } });
  // Recorded after all that came before it: none of that was counted late.
  expect(await indicators(({ optOuts }) => optOuts.total >= 1)).toMatchObject({
    ...seen,
    optOuts: { recipients: 1, total: 1 },
  });
});
