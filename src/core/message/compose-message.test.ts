import fc from "fast-check";
import { Liquid } from "liquidjs";
import MailComposer from "nodemailer/lib/mail-composer/index.js";
import PostalMime from "postal-mime";
import { describe, expect, it } from "vitest";

import { canonicalBody } from "../../../test/golden/canonical-body.ts";
import { leavesOf, readMime, readWords } from "../../../test/golden/read-mime.ts";
import { compileSample, composeSample, FACTS, URLS } from "../../../test/golden/sample-message.ts";
import type { ContentSource } from "./compile-content.ts";
import { composeMessage, renderParts } from "./compose-message.ts";
import { cleanValue } from "./header-field.ts";

/** Postal-mime gives text with `\n` and ends it with one; the last line end of a part says nothing. */
const readable = (text: string | null | undefined) => (text ?? "").replace(/\r\n/g, "\n").replace(/\n+$/, "");

const value = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: "binary" }),
  fc.constantFrom(
    "",
    "\r\nBcc: x@y.example",
    "{{ delivery.id }}",
    "{% raw %}",
    "<script>alert(1)</script>",
    "a\0b",
    "a\u001b$Bb",
    ".\r\n.",
    "--=_a.12-3",
    " ",
    "  x  ",
  ),
);

const TEMPLATE = `<h1>Hi {{ recipient.a }}!</h1>
{% if recipient.b %}<p>{{ recipient.b | upcase }}</p>{% else %}none{% endif %}  {{recipient.c}}{{recipient.a}}
{% for i in (1..3) %}{{ i }} {{ recipient.c }}, {% endfor %}{% assign x = recipient.a | append: recipient.b %}{{ x | truncate: 20 }}
.{{ recipient.a | default: 'nobody' }} from "é" = 🎉 ${"long ".repeat(40)}
{% case recipient.b %}{% when 'x' %}ex{% else %}{{ recipient.b | raw }}{% endcase %}
`;
/** Mostly not ASCII: goes out in base64. */
const RUSSIAN = `${"Привет, дорогой читатель! ".repeat(20)}{{ recipient.a }}\n${"Всего хорошего. ".repeat(30)}{% if recipient.b %}{{ recipient.b }} и ${"ещё слова ".repeat(30)}{% endif %}{{ recipient.c }}\n`;

/** Every number is forbidden to a correct wire form: RFC 5321 §4.5.2, RFC 5322 §2.1.1, RFC 2045 §6.7. */
function expectWireForm(wire: string, body: string): void {
  expect(wire.replace(/\r\n/g, "")).not.toMatch(/[\r\n\0]/);
  expect(wire).toMatch(/\r\n$/);
  expect(body).not.toMatch(/(?:^|\r\n)\.|(?:^|\r\n)From /);
  expect(canonicalBody("simple", body)).toBe(body);
  expect(canonicalBody("relaxed", body)).toBe(body);
  for (const line of wire.split("\r\n")) expect(line.length).toBeLessThanOrEqual(998);
  for (const line of body.split("\r\n")) expect(line.length).toBeLessThanOrEqual(78);
}

const NAMES = [
  "From",
  "To",
  "Subject",
  "Date",
  "Message-ID",
  "List-Unsubscribe",
  "List-Unsubscribe-Post",
  "Feedback-ID",
  "Precedence",
];

/** What Liquid itself makes of a template, as both readers give it back. */
function byLiquid(part: "html" | "text", template: string, recipient: Record<string, string>): string {
  const engine = part === "html" ? new Liquid({ outputEscape: "escape", ownPropertyOnly: true }) : new Liquid();
  const lines = Object.fromEntries(Object.entries(recipient).map(([k, v]) => [k, v.replace(/\r\n?/g, "\n")]));
  return readable(String(engine.parseAndRenderSync(template, { recipient: lines })).toWellFormed());
}

const subjectOf = (mail: ReturnType<typeof readMime>) => mail.headers.find(([name]) => name === "Subject")?.[1] ?? "";

describe("composeMessage", () => {
  it("makes the same bytes from the same facts, and others from others", () => {
    const content = compileSample({ html: "<p>{{ recipient.a }} {{ 'now' | date }} {{ message.id }}</p>" });
    expect(composeSample(content, { a: "x" }).wire).toBe(composeSample(content, { a: "x" }).wire);
    expect(composeSample(content, { a: "x" }).wire).not.toBe(composeSample(content, { a: "x" }, { key: "12-4" }).wire);
  });

  it.each([
    ["quoted-printable", TEMPLATE],
    ["base64", RUSSIAN],
  ])("decodes to what Liquid renders, whatever the values, with two readers: %s", async (encoding, template) => {
    const content = compileSample({
      subject: "Hi {{ recipient.a }}",
      html: template,
      text: template,
      fromName: "{{ recipient.c }}",
      replyTo: "help@example.com",
    });
    await fc.assert(
      fc.asyncProperty(fc.record({ a: value, b: value, c: value }), async (recipient) => {
        const made = composeSample(content, recipient);
        expectWireForm(made.wire, made.body);
        expect(made.sizeBytes).toBe(made.bytes.length);
        const mail = await PostalMime.parse(made.bytes);
        const own = readMime(made.wire);
        expect(own.parts.map((part) => part.encoding)).toEqual([encoding, encoding]);
        for (const [index, part] of (["text", "html"] as const).entries()) {
          const expected = byLiquid(part, template, recipient);
          expect(readable(mail[part])).toBe(expected);
          expect(readable(own.parts[index]?.text)).toBe(expected);
        }
        const subject = cleanValue(`Hi ${recipient.a}`).toWellFormed();
        expect(mail.subject).toBe(subject);
        expect(readWords(subjectOf(own))).toBe(subject);
        expect(mail.from).toEqual({ name: cleanValue(recipient.c).toWellFormed(), address: "news@example.com" });
        expect(mail.to).toEqual([{ name: "", address: "ann@example.net" }]);
        const names = [...NAMES.slice(0, 5), "Reply-To", ...NAMES.slice(5), "MIME-Version", "Content-Type"];
        expect(own.headers.map(([name]) => name)).toEqual(names);
        expect(mail.headers.map((h) => h.originalKey)).toEqual(names);
        expect(made.mailFrom).toBe("news@example.com");
      }),
      { numRuns: 100 },
    );
  });

  it.each(["iso-8859-1", "windows-1251", "shift_jis", "iso-2022-jp", "gb18030"])(
    "loses nothing in HTML and says ? elsewhere in %s, whatever the values",
    async (charset) => {
      const template = "Grüße, привет, 日本語: {{ recipient.a }}\n{{ recipient.b }} {{ recipient.a }}.\n";
      const content = compileSample({ subject: "{{ recipient.a }}", html: template, text: template, charset });
      await fc.assert(
        fc.asyncProperty(fc.record({ a: value, b: value }), async (recipient) => {
          const made = composeSample(content, recipient);
          expectWireForm(made.wire, made.body);
          const own = readMime(made.wire);
          expect(own.parts.map((part) => part.parameters["charset"])).toEqual([charset, charset]);
          const [text, html] = own.parts.map((part) => readable(part.text));
          const references = (html ?? "").replace(/&#(\d+);/g, (_, n: string) => String.fromCodePoint(Number(n)));
          const plain = byLiquid("html", template, recipient).replace(/&#(\d+);/g, (_, n: string) =>
            String.fromCodePoint(Number(n)),
          );
          expect(references).toBe(japanese(charset, plain));
          const kept = new Set(text);
          const expected = Array.from(japanese(charset, byLiquid("text", template, recipient)), (c) =>
            kept.has(c) ? c : "?",
          );
          expect(text).toBe(expected.join(""));
          const mail = await PostalMime.parse(made.bytes);
          expect(readable(mail.text)).toBe(text);
          expect(mail.subject ?? "").toBe(readWords(subjectOf(own)));
        }),
        { numRuns: 50 },
      );
    },
  );

  it.each(["Ann", "Zoé 🎉 <b>", "  a  b ", "x".repeat(2000), "é".repeat(300), "a\r\nb\n.\nFrom c =3D"])(
    "reads like the same content composed by nodemailer: %.20j",
    async (a) => {
      const content = compileSample({
        subject: "Hi {{ recipient.a }}",
        text: "T: {{ recipient.a }}.",
        html: "<p>{{ recipient.a }}</p>",
      });
      const rendered = renderParts(content, { a }, FACTS);
      if (rendered.kind === "error") throw new Error(rendered.message);
      const { subject, text, html } = rendered;
      const mail = { from: { name: "Shop", address: "news@example.com" }, to: "ann@example.net", subject };
      const other = await new MailComposer({ ...mail, text: text ?? "", html: html ?? "" }).compile().build();
      const ours = await PostalMime.parse(composeSample(content, { a }).bytes);
      const theirs = await PostalMime.parse(other);
      expect(ours.subject).toBe(theirs.subject);
      expect(ours.from).toEqual(theirs.from);
      expect(ours.to).toEqual(theirs.to);
      expect(readable(ours.text)).toBe(readable(theirs.text));
      expect(readable(ours.html)).toBe(readable(theirs.html));
    },
  );

  it.each([
    ["html", { html: "{{ recipient.a }}" }],
    ["text", { text: "{{ recipient.a }}" }],
    ["html", { html: "\n{{ recipient.a }}\n\n" }],
    ["text", { text: "a\n\n\n" }],
    ["text", { text: "a" }],
    ["text", { text: "Hello\n\nBye\n" }],
    ["text", { text: "Привет {{ recipient.a }}" }],
    ["text", { text: "{% if recipient.a %}{{ recipient.a }}{% endif %}" }],
    ["text", { text: `{% if recipient.a == "" %}${"ж".repeat(300)}{% endif %}` }],
  ] as const)("is in wire form with one part only: %s %j", async (part, source) => {
    const content = compileSample(source);
    await fc.assert(
      fc.asyncProperty(value, async (a) => {
        const made = composeSample(content, { a });
        expectWireForm(made.wire, made.body);
        const mail = await PostalMime.parse(made.bytes);
        const rendered = renderParts(content, { a }, FACTS);
        const expected = rendered.kind === "rendered" ? readable(rendered[part]?.toWellFormed()) : null;
        expect(readable(mail[part])).toBe(expected);
        expect(readable(readMime(made.wire).text)).toBe(expected);
      }),
    );
  });

  it("carries a megabyte of text in one value", async () => {
    const a = `${"{{ x }} <b> é.\r\n".repeat(60_000)}`;
    const mail = await PostalMime.parse(composeSample(compileSample({ text: "{{ recipient.a }}" }), { a }).bytes);
    expect(readable(mail.text)).toBe(readable(a));
  });
});

/** ISO-2022-JP has katakana of full width only. */
function japanese(charset: string, text: string): string {
  return charset === "iso-2022-jp"
    ? text.replace(/[\uff61-\uff9f]+/g, (run) =>
        run.normalize("NFKC").replaceAll("\u3099", "\u309b").replaceAll("\u309a", "\u309c"),
      )
    : text;
}

describe("transfer encodings", () => {
  it.each([
    [{ text: "Hello\n\n- one\n- two\n" }, "7bit"],
    [{ text: "Hello" }, "7bit"],
    [{ text: "Hello {{ recipient.a }}" }, "quoted-printable"],
    [{ text: "Two  blanks\n" }, "quoted-printable"],
    [{ text: "A blank at the end \n" }, "quoted-printable"],
    [{ text: "A\ttab\n" }, "quoted-printable"],
    [{ text: ".\n" }, "quoted-printable"],
    [{ text: "From me\n" }, "quoted-printable"],
    [{ text: "-- \nme\n" }, "quoted-printable"],
    [{ text: "--=_a.12-3.x--\n" }, "quoted-printable"],
    [{ text: `${"x".repeat(79)}\n` }, "quoted-printable"],
    [{ text: "Hello\n\n\n" }, "quoted-printable"],
    [{ text: "Café au lait, s'il vous plaît\n" }, "quoted-printable"],
    [{ text: "Привет\n" }, "base64"],
    [{ text: "中文\n" }, "base64"],
    [{ text: "日本語\n", charset: "iso-2022-jp" }, "quoted-printable"],
    [{ html: "<table><tr><td>Ёж</td></tr></table>" }, "quoted-printable"],
  ] satisfies [Partial<ContentSource>, string][])("%j: %s", (source: Partial<ContentSource>, expected) => {
    const made = composeSample(compileSample(source));
    const own = readMime(made.wire);
    expect(own.encoding).toBe(expected);
    expectWireForm(made.wire, made.body);
    expect(readable(own.text)).toBe(readable((source.text ?? source.html)?.replace("{{ recipient.a }}", "")));
  });
});

describe("headers", () => {
  const header = (made: { readonly wire: string }, name: string) =>
    readMime(made.wire)
      .headers.filter(([key]) => key.toLowerCase() === name.toLowerCase())
      .map(([, text]) => text.trim());

  it("writes sender, reply-to and the operator's headers, personalised", async () => {
    const content = compileSample({
      text: "x",
      fromName: "{{ recipient.agent }}, Shop",
      fromAddress: "{{ recipient.agent_id }}@example.com",
      replyTo: "{{ recipient.agent_id }}+reply@example.com",
      headers: [
        { name: "List-Help", value: "<https://example.com/{{ message.key }}>" },
        { name: "X-Note", value: "{{ recipient.note }}" },
        { name: "X-Empty", value: "{{ recipient.none }}" },
      ],
    });
    const made = composeSample(content, { agent: "Zoé", agent_id: "z1", note: "né\r\nBcc: x@y.example" });
    const mail = await PostalMime.parse(made.bytes);
    expect(mail.from).toEqual({ name: "Zoé, Shop", address: "z1@example.com" });
    expect(mail.replyTo).toEqual([{ name: "", address: "z1+reply@example.com" }]);
    expect(mail.messageId).toBe(`<12-3.${FACTS.at.toString(36)}.tag12x3@example.com>`);
    expect(mail.date).toBe("2026-02-03T04:05:06.000Z");
    expect(header(made, "List-Help")).toEqual(["<https://example.com/12-3>"]);
    expect(header(made, "X-Note").map(readWords)).toEqual(["né Bcc: x@y.example"]);
    expect(made.wire).not.toMatch(/^Bcc:|X-Empty/m);
  });

  it("lets the recipient unsubscribe in one click, and marks bulk mail (RFC 2369, RFC 8058)", () => {
    const made = composeSample(
      compileSample({ text: "x", listUnsubscribe: { header: true, mailbox: "leave@bounces.example.com" } }),
    );
    expect(header(made, "List-Unsubscribe")).toEqual([
      "<https://t.example.com/u/leave>, <mailto:leave+tag12x3@bounces.example.com?subject=unsubscribe>",
    ]);
    expect(header(made, "List-Unsubscribe-Post")).toEqual(["List-Unsubscribe=One-Click"]);
    expect(header(made, "Precedence")).toEqual(["bulk"]);
    expect(header(made, "Auto-Submitted")).toEqual([]);
  });

  it("marks service mail as made by a program (RFC 3834)", () => {
    const made = composeSample(compileSample({ text: "x", listUnsubscribe: { header: false, mailbox: null } }));
    expect(made.wire).not.toMatch(/^(?:List-Unsubscribe|Precedence)/m);
    expect(header(made, "Auto-Submitted")).toEqual(["auto-generated"]);
    expect(header(made, "Feedback-ID")).toEqual(["7:service:tag12x3:example.com"]);
  });

  it.each([
    ["news@example.com", "example.com"],
    ["news@t.co", "t.co-1f3q9h6"],
    ["news@mail.long-name-of-a-shop.example", "mail.lo-0000000"],
  ])("gives Gmail a sender id of 5 to 15 characters for %s", (fromAddress, like) => {
    const [id = ""] = header(composeSample(compileSample({ text: "x", fromAddress })), "Feedback-ID");
    const sender = id.split(":")[3] ?? "";
    expect(id).toMatch(/^7:bulk:tag12x3:[a-z0-9.-]{5,15}$/);
    expect(sender.split("-")[0]).toBe(like.split("-")[0]);
  });

  it.each([
    ["List-Unsubscribe", "<mailto:a@b.example>", ["<mailto:a@b.example>"], []],
    ["list-unsubscribe-post", "x", ["<https://t.example.com/u/leave>"], ["x"]],
  ])("gives way to the operator's own %s", (name, own, unsubscribe, post) => {
    const made = composeSample(compileSample({ text: "x", headers: [{ name, value: own }] }));
    expect(header(made, "List-Unsubscribe")).toEqual(unsubscribe);
    expect(header(made, "List-Unsubscribe-Post")).toEqual(post);
  });

  it.each(["Feedback-ID", "Precedence"])("gives way to the operator's own %s", (name) => {
    const made = composeSample(compileSample({ text: "x", headers: [{ name, value: "mine" }] }));
    expect(header(made, name)).toEqual(["mine"]);
  });

  it.each([
    ["ann@bücher.example", "ann@xn--bcher-kva.example", false],
    ["jörg@example.net", "j\u00c3\u00b6rg@example.net", true],
  ])("writes the address %s as %j", (recipient, written, needsSmtpUtf8) => {
    const made = composeSample(compileSample({ text: "x" }), {}, { recipient });
    expect(made.headers.find((h) => h.name === "To")?.text).toBe(`To: ${written}\r\n`);
    expect(made.needsSmtpUtf8).toBe(needsSmtpUtf8);
  });
});

describe("return path", () => {
  const mailFrom = (change: Partial<ContentSource>, vars = {}) =>
    composeSample(compileSample({ text: "x", ...change }), vars);

  it.each([
    [{}, "news@example.com"],
    [{ verp: true }, "news+tag12x3@example.com"],
    [{ errorAddress: "bounce@b.example" }, "bounce@b.example"],
    [{ errorAddress: "bounce@b.example", verp: true }, "bounce+tag12x3@b.example"],
    [{ errorAddress: "b+x@b.example", verp: true }, "b+x+tag12x3@b.example"],
    [{ errorAddress: '"a b"@b.example', verp: true }, '"a b+tag12x3"@b.example'],
    [{ errorAddress: "{{ recipient.a }}@b.example", verp: true }, "ann+tag12x3@b.example"],
    [{ errorAddress: "{{ recipient.none }}" }, "news@example.com"],
    [{ errorAddress: "b@bücher.example" }, "b@xn--bcher-kva.example"],
  ])("%j: %s", (change, expected) => {
    expect(mailFrom(change, { a: "ann" }).mailFrom).toBe(expected);
  });

  it("needs SMTPUTF8 when it is not ASCII", () => {
    expect(mailFrom({ errorAddress: "bücher@b.example" }).needsSmtpUtf8).toBe(true);
  });
});

describe("formats", () => {
  const both = { html: "<p>H</p>", text: "T" };
  const types = (change: Partial<ContentSource>, vars = {}, recipient = "a@x.example") =>
    leavesOf(readMime(composeSample(compileSample({ ...both, ...change }), vars, { recipient }).wire)).map(
      (p) => p.type,
    );
  const rules = [
    { domains: ["ok.x.jp"], format: "alternative" as const },
    { domains: ["docomo.jp", "*.x.jp"], format: "text" as const },
    { domains: ["ok.x.jp", "h.example"], format: "html" as const },
  ];

  it.each([
    [{}, {}, ["text/plain", "text/html"]],
    [{}, { email_format: "html" }, ["text/html"]],
    [{}, { email_format: " TEXT " }, ["text/plain"]],
    [{}, { email_format: "both" }, ["text/plain", "text/html"]],
    [{}, { email_format: 1 }, ["text/plain", "text/html"]],
    [{ format: "alternative" }, { email_format: "text" }, ["text/plain", "text/html"]],
    [{ format: "html" }, {}, ["text/html"]],
    [{ format: "text" }, {}, ["text/plain"]],
    [{ format: "text", text: null }, {}, ["text/html"]],
    [{ format: "html", html: null }, {}, ["text/plain"]],
    [{ html: null }, { email_format: "html" }, ["text/plain"]],
  ] as const)("%j for %j: %j", (change, vars, expected) => {
    expect(types(change, vars)).toEqual(expected);
  });

  it.each([
    ["a@docomo.jp", {}, ["text/plain"]],
    ["a@sub.x.jp", { email_format: "html" }, ["text/plain"]],
    ["a@x.jp", {}, ["text/plain", "text/html"]],
    ["a@ok.x.jp", {}, ["text/plain", "text/html"]],
    ["a@ok.x.jp", { email_format: "html" }, ["text/html"]],
    ["a@H.example", { email_format: "text" }, ["text/html"]],
  ])("%s by the rules of domains", (recipient, vars, expected) => {
    expect(types({ formatRules: rules }, vars, recipient)).toEqual(expected);
  });

  it("sends what there is where a rule asks for another part", () => {
    expect(types({ formatRules: rules, text: null }, {}, "a@docomo.jp")).toEqual(["text/html"]);
  });
});

describe("structure", () => {
  const logo = { fileId: 1, name: "logo.png", contentType: "image/png", contentId: "logo", size: 70 };
  const terms = { fileId: 2, name: "terms.pdf", contentType: "application/pdf", contentId: null, size: 120 };
  const shape = (part: ReturnType<typeof readMime>): string =>
    part.parts.length === 0 ? part.type : `${part.type}(${part.parts.map(shape).join(" ")})`;
  const both = { html: '<img src="cid:logo">', text: "T" };

  it.each([
    [both, "multipart/alternative(text/plain text/html)"],
    [{ ...both, attachments: [logo] }, "multipart/alternative(text/plain multipart/related(text/html image/png))"],
    [
      { ...both, attachments: [terms, logo] },
      "multipart/mixed(multipart/alternative(text/plain multipart/related(text/html image/png)) application/pdf)",
    ],
    [{ html: both.html, attachments: [logo] }, "multipart/related(text/html image/png)"],
    [{ text: "T", attachments: [terms] }, "multipart/mixed(text/plain application/pdf)"],
    [{ ...both, format: "text", attachments: [logo] }, "text/plain"],
  ] satisfies [Partial<ContentSource>, string][])("%j", (source, expected) => {
    const made = composeSample(compileSample(source));
    expectWireForm(made.wire, made.body);
    expect(shape(readMime(made.wire))).toBe(expected);
  });

  it("carries files and images as they are", async () => {
    const made = composeSample(compileSample({ ...both, attachments: [terms, logo] }));
    const mail = await PostalMime.parse(made.bytes);
    expect(mail.attachments.map((a) => [a.filename, a.mimeType, a.disposition, a.contentId])).toEqual([
      ["logo.png", "image/png", "inline", "<logo>"],
      ["terms.pdf", "application/pdf", "attachment", undefined],
    ]);
    const [, , image, pdf] = leavesOf(readMime(made.wire));
    expect(image?.content.subarray(1, 4).toString()).toBe("PNG");
    expect(pdf?.content.toString()).toBe("%PDF-1.4\n%%EOF\n".repeat(8));
  });

  it("names files for each recipient, in any script", async () => {
    const content = compileSample({ text: "x", attachments: [{ ...terms, name: "{{ recipient.a }}.pdf" }] });
    await fc.assert(
      fc.asyncProperty(value, async (a) => {
        const made = composeSample(content, { a });
        expectWireForm(made.wire, made.body);
        const [, file] = leavesOf(readMime(made.wire));
        const mail = await PostalMime.parse(made.bytes);
        expect(file?.fileName).toBe(mail.attachments[0]?.filename);
        expect(file?.fileName).toMatch(/\.pdf$/);
        expect(file?.fileName).not.toMatch(/[/\\"\u202e]/);
        expect(file?.headers.map(([name]) => name)).toEqual([
          "Content-Type",
          "Content-Transfer-Encoding",
          "Content-Disposition",
        ]);
      }),
    );
  });
});

describe("addresses and names in templates", () => {
  it("come from the message's facts, only when they are asked for", () => {
    let minted = 0;
    const urls = {
      ...URLS,
      mirror: () => {
        minted++;
        return URLS.mirror();
      },
    };
    const html =
      '<a href="{% link 2 %}">{{ delivery.sender_name }}</a> {{ delivery.season }} {{ platform.name }}' +
      '<a href="{% tracked 3 %}https://x.example/?a={{ recipient.a | url_encode }}{% endtracked %}"></a>{{ message.unsubscribe_url }}';
    const content = compileSample({
      html,
      fromName: "{{ recipient.a }} & Co",
      variables: { season: "spring", id: "x" },
      platform: { name: "Envoi", logoUrl: "" },
    });
    const rendered = renderParts(content, { a: "A b" }, { ...FACTS, urls });
    expect(rendered).toMatchObject({
      from: { name: "A b & Co", address: "news@example.com" },
      html:
        '<a href="https://t.example.com/r/2">A b &amp; Co</a> spring Envoi' +
        `<a href="https://t.example.com/r/3-${encodeURIComponent("https://x.example/?a=A+b")}"></a>https://t.example.com/u/leave`,
    });
    expect(minted).toBe(0);
    const shown = renderParts(compileSample({ html: "{{ message.mirror_url }}" }), {}, { ...FACTS, urls });
    expect(shown).toMatchObject({ html: "https://t.example.com/m/mirror" });
    expect(minted).toBe(1);
  });

  it("says which attributes had no value", () => {
    const missing = new Set<string>();
    renderParts(compileSample({ text: "{{ recipient.a }} {{ recipient.b }}" }), { a: "x" }, FACTS, missing);
    expect([...missing]).toEqual(["recipient.b"]);
  });
});

describe("refusals", () => {
  it.each([
    [
      { fromAddress: "{{ recipient.a }}" },
      "a@b.example\r\nBcc: c@d.example",
      { part: "from", code: "address-invalid" },
    ],
    [{ fromAddress: "{{ recipient.a }}" }, "", { part: "from", code: "address-invalid" }],
    [{ replyTo: "{{ recipient.a }}" }, "a, b@c.example", { part: "replyTo", code: "address-invalid" }],
    [{ errorAddress: "{{ recipient.a }}" }, "a b@c.example", { part: "errorAddress", code: "address-invalid" }],
    [
      { errorAddress: "{{ recipient.a }}@c.example", verp: true },
      "x".repeat(57),
      { part: "errorAddress", code: "address-invalid", message: expect.stringContaining("64 octets") },
    ],
    [{ subject: "{{ recipient.a }}" }, "x".repeat(1_000_000), { part: "subject", code: "header-too-long" }],
    [
      { headers: [{ name: "List-Help", value: "{{ recipient.a }}" }] },
      "x".repeat(2000),
      { part: "header:List-Help", code: "header-too-long" },
    ],
    [
      { text: "{{ recipient.a }}{{ recipient.a }}{{ recipient.a }}" },
      "x".repeat(1_000_000),
      { part: "text", code: "template" },
    ],
    [{ text: `Привет ${"{{ recipient.a }}".repeat(3)}` }, "x".repeat(1_000_000), { part: "text", code: "template" }],
    [{ text: "{{ recipient.a | base64_decode }}" }, "?", { part: "text", code: "template" }],
    [
      {
        attachments: [
          { fileId: 2, name: "{{ recipient.a | base64_decode }}", contentType: "a/b", contentId: null, size: 1 },
        ],
      },
      "?",
      { part: "attachment:0", code: "template" },
    ],
  ] satisfies [Partial<ContentSource>, string, object][])("refuses %j with %.20j", (change, a, expected) => {
    const made = composeMessage(compileSample({ text: "x", ...change }), { a }, FACTS);
    expect(made).toMatchObject({ kind: "error", ...expected });
  });

  it("refuses a recipient that is no address", () => {
    const recipient = "a@b.example>\r\nBcc: <c@d.example";
    const made = composeMessage(compileSample({ text: "x" }), {}, { ...FACTS, recipient });
    expect(made).toMatchObject({ kind: "error", part: "to", code: "address-invalid" });
  });
});
