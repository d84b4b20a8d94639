/** From what the operator writes to the manifest, and what there is to say against it, with places in the operator's own text. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createTestDatabase, type TestDatabase } from "../../../test/database.ts";
import { CONTENT_DEPS, importCsv, NOW } from "../../../test/seed-delivery.ts";
import { settingsSchema, type Content, type Sender, type Settings } from "../../contract/index.ts";
import { checkContent, freezeManifest, loadEnvironment, prepareContent } from "./index.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  await importCsv(database.db, "email,first_name\na@a.example,Ann\n");
  await database.db.query(
    `insert into blocks (name, html, text, created_at, updated_at)
     values ('typo', E'<p>\\n{{ recipient.twon }}', '', now(), now()), ('offer', '<b>{{ recipient.first_name }}</b>', 'for {{ recipient.first_name }}', now(), now())`,
  );
});
afterAll(() => database.drop());

type Changes = { content?: Partial<Content>; sender?: Partial<Sender>; settings?: Partial<Settings> };

function delivery({ content, sender, settings }: Changes) {
  return {
    content: { subject: "Hello", html: "<p>Hello</p>", syntax: "liquid" as const, ...content },
    sender: { name: "Shop", address: "news@shop.example", ...sender },
    settings: settingsSchema.parse({ ...settings }),
  };
}

async function prepare(changes: Changes) {
  const input = delivery(changes);
  const environment = await loadEnvironment(database.db, input.settings, CONTENT_DEPS.publicUrl);
  const prepared = await prepareContent(input, environment);
  if (prepared.kind === "errors") throw new Error(JSON.stringify(prepared.errors));
  return prepared;
}

const problems = async (changes: Changes) =>
  (await checkContent(database.db, delivery(changes), CONTENT_DEPS)).map(
    ({ part, line, column, message }) => `${part} ${line}:${column} ${message}`,
  );

test("a problem is its place, its code and its words, nothing more", async () => {
  expect(await checkContent(database.db, delivery({ content: { html: "" } }), CONTENT_DEPS)).toEqual([
    { part: "content", line: 1, column: 1, code: "no-body", message: "there is neither an HTML nor a text part" },
  ]);
});

describe("the manifest", () => {
  test("has blocks expanded, CSS inlined, links numbered, a text part and the open pixel", async () => {
    const { manifest } = await prepare({
      content: {
        html: `<style>p { color: red }</style><p>{% render 'offer' %} <a href="https://a.example/?x=1&amp;y=2">go</a></p>`,
      },
    });
    expect(manifest.html).toContain('<p style="color:red"');
    expect(manifest.html).toContain("<b>{{ recipient.first_name }}</b>");
    expect(manifest.html).toContain('<a href="{% link 1 %}">go</a>');
    expect(manifest.html).toContain("{{ message.open_url }}");
    expect(manifest.text).toContain("{{ recipient.first_name }}");
    expect(manifest.text).toContain("{% link 1 %}");
    expect(manifest.links).toMatchObject([{ number: 1, url: "https://a.example/?x=1&y=2", mode: "tracked" }]);
  });

  test("is the same from both syntaxes", async () => {
    const settings = { tracking: { clicks: false, opens: false, validity: "1d", honeypot: false } };
    const liquid = await prepare({
      settings,
      content: { html: "<p>{{ recipient.first_name }} {% render 'mirror-page' %}</p>" },
    });
    const campaign = await prepare({
      settings,
      content: { syntax: "campaign", html: "<p><%= recipient.first_name %> <%@ include view='MirrorPage' %></p>" },
    });
    expect(campaign.manifest).toEqual(liquid.manifest);
    expect(liquid.manifest.links).toMatchObject([{ mode: "mirror" }]);
  });

  test("leaves the HTML as it is where nothing had to change", async () => {
    const html = `<!--[if mso]><v:rect fill='#fff'></v:rect><![endif]--><P CLASS=x>odd & valid<br/></p >\n\n<td nowrap>`;
    const settings = { tracking: { clicks: true, opens: false, validity: "1d", honeypot: false } };
    expect((await prepare({ content: { html }, settings })).manifest.html).toBe(html);
  });

  test("compiles MJML", async () => {
    const mjml = `<mjml><mj-body><mj-section><mj-column><mj-text>Hi {{ recipient.first_name }}</mj-text>
      <mj-button href="https://a.example/">Go</mj-button></mj-column></mj-section></mj-body></mjml>`;
    const { manifest } = await prepare({ content: { html: mjml } });
    expect(manifest.html).toContain("{{ recipient.first_name }}");
    expect(manifest.html).toContain("{% link 1 %}");
    expect(manifest.html).not.toContain("<mj-");
  });

  test("keeps images that the HTML held as files, each once", async () => {
    const pixel = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";
    const prepared = await prepare({ content: { html: `<img src="${pixel}"><img src="${pixel}">` } });
    const frozen = await database.db.transaction((tx) => freezeManifest(tx, prepared, NOW));
    expect(frozen.attachments).toHaveLength(1);
    expect(frozen.attachments[0]).toMatchObject({ contentType: "image/gif", size: 42 });
    expect(frozen.attachments[0]?.fileId).toBeGreaterThan(0);
    expect(frozen.html).toContain(`cid:${frozen.attachments[0]?.contentId}`);
  });

  test("takes the error address of the platform, with the tag where Envoi receives its mail", async () => {
    await database.db.query(
      `insert into platform_settings (settings, updated_at)
       values ('{"errorAddress": "bounce@b.shop.example", "bounceDomain": "b.shop.example"}', now())`,
    );
    expect((await prepare({})).manifest).toMatchObject({ errorAddress: "bounce@b.shop.example", verp: true });
    expect((await prepare({ sender: { errorAddress: "me@else.example" } })).manifest).toMatchObject({
      errorAddress: "me@else.example",
      verp: false,
    });
    await database.db.query("delete from platform_settings");
    expect((await prepare({})).manifest).toMatchObject({ errorAddress: null, verp: false });
  });

  test("takes the senders of the platform where the delivery says none; they are Liquid in any syntax", async () => {
    const platform = {
      sender: { name: "{{ delivery.label }}", address: "p@b.example", replyToName: "Help", replyTo: "" },
    };
    await database.db.query("insert into platform_settings (settings, updated_at) values ($1, now())", [
      JSON.stringify(platform),
    ]);
    const content = { html: "<p><%= recipient.first_name %></p>", syntax: "campaign" as const };
    const sender = { name: "", address: "", replyTo: "<%= recipient.first_name %>@b.example" };
    expect((await prepare({ content, sender })).manifest).toMatchObject({
      fromName: "{{ delivery.label }}",
      fromAddress: "p@b.example",
      replyTo: "{{ recipient.first_name }}@b.example",
      replyToName: "Help",
    });
    expect((await prepare({ sender: { replyToName: "Own" } })).manifest).toMatchObject({
      fromName: "Shop",
      replyTo: null,
      replyToName: "Own",
    });
    await database.db.query("delete from platform_settings");
    expect((await prepare({})).manifest).not.toHaveProperty("replyToName");
    expect(await problems({ sender: { address: "" } })).toEqual(["from 1:1 the sender address is missing"]);
  });

  test("has no List-Unsubscribe for service mail", async () => {
    expect((await prepare({})).manifest.listUnsubscribe.header).toBe(true);
    expect((await prepare({ settings: { nature: "service" } })).manifest.listUnsubscribe.header).toBe(false);
  });
});

describe("what is wrong is said with its place in what the operator wrote", () => {
  test.each<[string, Changes, RegExp[]]>([
    ["nothing", {}, []],
    ["a tag that does not end", { content: { html: "<p>\n {{ recipient.x" } }, [/^html 2:2 /]],
    [
      "behind a block that made the source longer",
      { content: { html: "{% render 'offer' %}{% render 'offer' %} {{ nobody.x }}" } },
      [/^html 1:4\d .*nobody/],
    ],
    [
      "an attribute that nobody has",
      { content: { html: "<p>\n{{ recipient.frist_name }}" } },
      [/^html 2:\d .*frist_name/],
    ],
    ["in a block", { content: { html: "{% render 'typo' %}" } }, [/^block:typo 2:\d .*twon/]],
    ["an unknown block", { content: { html: "\n{% render 'ofer' %}" } }, [/^html 2:1 .*offer/]],
    [
      "campaign syntax that has no translation",
      { content: { syntax: "campaign", html: "<p>\n<% while (true) { %>x<% } %>" } },
      [/^html 2:\d+ /],
    ],
    [
      "the same behind other campaign code",
      { content: { syntax: "campaign", html: "<%= recipient.a %><%= recipient.b %>\n<%= nobody.c %>" } },
      [/^html 2:\d+ .*nobody/],
    ],
    ["an image that is not there", { content: { html: `<p>\n<img src="cid:logo">` } }, [/^html 2:.*cid:logo/]],
    ["a file that is not there", { settings: { attachments: [{ file: "99" }] } }, [/^attachment:0 1:1 .*99/]],
    ["a charset that nobody has", { settings: { charset: "klingon-1" } }, [/klingon-1/]],
    ["a header that Envoi writes", { settings: { headers: [{ name: "Subject", value: "x" }] } }, [/^header:Subject/]],
    ["an internal tag", { content: { html: "{% link 1 %}" } }, [/^html 1:1 /]],
  ])("%s", async (_, changes, expected) => {
    const found = await problems(changes);
    expect(found).toHaveLength(expected.length);
    for (const [index, pattern] of expected.entries()) expect(found[index]).toMatch(pattern);
  });
});
