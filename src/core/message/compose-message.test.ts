import fc from "fast-check";
import { Liquid } from "liquidjs";
import MailComposer from "nodemailer/lib/mail-composer/index.js";
import PostalMime from "postal-mime";
import { describe, expect, it } from "vitest";

import { readMime, readWords } from "../../../test/golden/read-mime.ts";
import { compileSample, composeSample, FACTS } from "../../../test/golden/sample-message.ts";
import { expectWireForm, hostileValue, readable } from "../../../test/golden/wire-form.ts";
import { renderParts } from "./compose-message.ts";
import { cleanValue } from "./header-field.ts";

const TEMPLATE = `<h1>Hi {{ recipient.a }}!</h1>
{% if recipient.b %}<p>{{ recipient.b | upcase }}</p>{% else %}none{% endif %}  {{recipient.c}}{{recipient.a}}
{% for i in (1..3) %}{{ i }} {{ recipient.c }}, {% endfor %}{% assign x = recipient.a | append: recipient.b %}{{ x | truncate: 20 }}
.{{ recipient.a | default: 'nobody' }} from "é" = 🎉 ${"long ".repeat(40)}
{% case recipient.b %}{% when 'x' %}ex{% else %}{{ recipient.b | raw }}{% endcase %}
`;
/** Mostly not ASCII: goes out in base64. */
const RUSSIAN = `${"Привет, дорогой читатель! ".repeat(20)}{{ recipient.a }}\n${"Всего хорошего. ".repeat(30)}{% if recipient.b %}{{ recipient.b }} и ${"ещё слова ".repeat(30)}{% endif %}{{ recipient.c }}\n`;

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
      fc.asyncProperty(fc.record({ a: hostileValue, b: hostileValue, c: hostileValue }), async (recipient) => {
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
        fc.asyncProperty(fc.record({ a: hostileValue, b: hostileValue }), async (recipient) => {
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
      fc.asyncProperty(hostileValue, async (a) => {
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
