import fc from "fast-check";
import { Liquid } from "liquidjs";
import MailComposer from "nodemailer/lib/mail-composer/index.js";
import PostalMime from "postal-mime";
import { describe, expect, it } from "vitest";

import { compileContent, type CompiledContent, type ContentSource } from "./compile-content.ts";
import { composeMessage, renderParts } from "./compose-message.ts";
import { cleanValue } from "./header-field.ts";
import type { MessageFacts } from "./message-facts.ts";

const facts: MessageFacts = {
  key: "12-3",
  deliveryId: "7",
  deliveryLabel: "Spring",
  at: Date.UTC(2026, 1, 3, 4, 5, 6),
  recipient: "ann@example.net",
};

function compile(change: Partial<ContentSource>): CompiledContent {
  const sender = { name: "Shop", address: "news@example.com" };
  const result = compileContent({ subject: "Hello", sender, headers: [], ...change });
  if (result.kind === "errors") throw new Error(JSON.stringify(result.errors));
  return result.content;
}

function compose(content: CompiledContent, vars: Record<string, unknown> = {}, change: Partial<MessageFacts> = {}) {
  const made = composeMessage(content, vars, { ...facts, ...change });
  if (made.kind === "error") throw new Error(JSON.stringify(made));
  const wire = `${made.headers.map((field) => field.text).join("")}\r\n${made.body}`;
  return { ...made, wire, bytes: Buffer.from(wire, "latin1") };
}

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
    ".\r\n.",
    "--=_12-3",
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

/** Every number is forbidden to a correct wire form: RFC 5321 §4.5.2, RFC 5322 §2.1.1, RFC 2045 §6.7. */
function expectWireForm(wire: string, body: string): void {
  expect(wire.replace(/\r\n/g, "")).not.toMatch(/[\r\n\0]/);
  expect(wire).toMatch(/\r\n$/);
  expect(body).not.toMatch(/(?:^|\r\n)\.|[ \t]\r\n|[ \t]{2}|\r\n\r\n$/);
  for (const line of wire.split("\r\n")) expect(line.length).toBeLessThanOrEqual(998);
  for (const line of body.split("\r\n")) expect(line.length).toBeLessThanOrEqual(76);
}

describe("composeMessage", () => {
  it("makes the same bytes from the same facts, and others from others", () => {
    const content = compile({ html: "<p>{{ recipient.a }} {{ 'now' | date }} {{ message.id }}</p>" });
    expect(compose(content, { a: "x" }).wire).toBe(compose(content, { a: "x" }).wire);
    expect(compose(content, { a: "x" }).wire).not.toBe(compose(content, { a: "x" }, { key: "12-4" }).wire);
  });

  it("decodes to what Liquid renders, whatever the values", async () => {
    const content = compile({ subject: "Hi {{ recipient.a }}", html: TEMPLATE, text: TEMPLATE });
    const engines = { html: new Liquid({ outputEscape: "escape", ownPropertyOnly: true }), text: new Liquid() };
    await fc.assert(
      fc.asyncProperty(fc.record({ a: value, b: value, c: value }), async (recipient) => {
        const made = compose(content, recipient);
        expectWireForm(made.wire, made.body);
        expect(made.sizeBytes).toBe(made.bytes.length);
        const mail = await PostalMime.parse(made.bytes);
        for (const part of ["html", "text"] as const) {
          const lines = Object.fromEntries(Object.entries(recipient).map(([k, v]) => [k, v.replace(/\r\n?/g, "\n")]));
          const expected = String(engines[part].parseAndRenderSync(TEMPLATE, { recipient: lines })).toWellFormed();
          expect(readable(mail[part])).toBe(readable(expected));
        }
        expect(mail.subject).toBe(cleanValue(`Hi ${recipient.a}`).toWellFormed());
        expect(mail.headers.map((h) => h.key)).toEqual([
          "from",
          "to",
          "subject",
          "date",
          "message-id",
          "mime-version",
          "content-type",
        ]);
      }),
      { numRuns: 300 },
    );
  });

  it.each(["Ann", "Zoé 🎉 <b>", "  a  b ", "x".repeat(2000), "é".repeat(300), "a\r\nb\n.\nFrom c =3D"])(
    "reads like the same content composed by nodemailer: %.20j",
    async (a) => {
      const content = compile({
        subject: "Hi {{ recipient.a }}",
        text: "T: {{ recipient.a }}.",
        html: "<p>{{ recipient.a }}</p>",
      });
      const rendered = renderParts(content, { a }, facts);
      if (rendered.kind === "error") throw new Error(rendered.message);
      const { subject, text, html } = rendered;
      const mail = { from: { name: "Shop", address: "news@example.com" }, to: "ann@example.net", subject };
      const other = await new MailComposer({ ...mail, text: text ?? "", html: html ?? "" }).compile().build();
      const [ours, theirs] = [await PostalMime.parse(compose(content, { a }).bytes), await PostalMime.parse(other)];
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
    ["text", { text: "{% if recipient.a %}{{ recipient.a }}{% endif %}" }],
  ] as const)("is in wire form with one part only: %s %j", async (part, source) => {
    const content = compile(source);
    await fc.assert(
      fc.asyncProperty(value, async (a) => {
        const made = compose(content, { a });
        expectWireForm(made.wire, made.body);
        const mail = await PostalMime.parse(made.bytes);
        const rendered = renderParts(content, { a }, facts);
        expect(rendered.kind === "rendered" && readable(rendered[part]?.toWellFormed())).toBe(readable(mail[part]));
      }),
    );
  });

  it("puts text before HTML in multipart/alternative", async () => {
    const made = compose(compile({ html: "<p>x</p>", text: "x" }));
    expect(made.body.indexOf("text/plain")).toBeLessThan(made.body.indexOf("text/html"));
    expect(made.headers.find((h) => h.name === "Content-Type")?.text).toMatch(/^Content-Type: multipart\/alternative;/);
  });

  it("writes sender, reply-to and the operator's headers, personalised", async () => {
    const content = compile({
      text: "x",
      sender: { name: "{{ recipient.agent }}, Shop", address: "{{ recipient.agent_id }}@example.com" },
      replyTo: "{{ recipient.agent_id }}+reply@example.com",
      headers: [
        { name: "List-Unsubscribe", value: "<https://example.com/u/{{ message.key }}>" },
        { name: "X-Note", value: "{{ recipient.note }}" },
        { name: "X-Empty", value: "{{ recipient.none }}" },
      ],
    });
    const made = compose(content, { agent: "Zoé", agent_id: "z1", note: "né\r\nBcc: x@y.example" });
    const mail = await PostalMime.parse(made.bytes);
    expect(mail.from).toEqual({ name: "Zoé, Shop", address: "z1@example.com" });
    expect(mail.replyTo).toEqual([{ name: "", address: "z1+reply@example.com" }]);
    expect(mail.to).toEqual([{ name: "", address: "ann@example.net" }]);
    expect(mail.messageId).toBe(`<12-3.7.${facts.at.toString(36)}@example.com>`);
    expect(mail.date).toBe("2026-02-03T04:05:06.000Z");
    expect(mail.headers.find((h) => h.key === "list-unsubscribe")?.value).toBe("<https://example.com/u/12-3>");
    expect(mail.headers.find((h) => h.key === "x-note")?.originalKey).toBe("X-Note");
    expect(made.wire).not.toMatch(/^Bcc:|X-Empty/m);
  });

  it.each([
    ["ann@bücher.example", "ann@xn--bcher-kva.example", false],
    ["jörg@example.net", "j\u00c3\u00b6rg@example.net", true],
  ])("writes the address %s as %j", (recipient, written, needsSmtpUtf8) => {
    const made = compose(compile({ text: "x" }), {}, { recipient });
    expect(made.headers.find((h) => h.name === "To")?.text).toBe(`To: ${written}\r\n`);
    expect(made.needsSmtpUtf8).toBe(needsSmtpUtf8);
  });

  it.each([
    [
      { sender: { name: "", address: "{{ recipient.a }}" } },
      "a@b.example\r\nBcc: c@d.example",
      { part: "from", code: "address-invalid" },
    ],
    [{ sender: { name: "", address: "{{ recipient.a }}" } }, "", { part: "from", code: "address-invalid" }],
    [{ replyTo: "{{ recipient.a }}" }, "a, b@c.example", { part: "replyTo", code: "address-invalid" }],
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
    [{ text: "{{ recipient.a | base64_decode }}" }, "?", { part: "text", code: "template" }],
  ])("refuses %j with %.20j", (change, a, expected) => {
    const made = composeMessage(compile({ text: "x", ...change }), { a }, facts);
    expect(made).toMatchObject({ kind: "error", ...expected });
  });

  it("refuses a recipient that is no address", () => {
    const made = composeMessage(
      compile({ text: "x" }),
      {},
      { ...facts, recipient: "a@b.example>\r\nBcc: <c@d.example" },
    );
    expect(made).toMatchObject({ kind: "error", part: "to", code: "address-invalid" });
  });

  it("carries a megabyte of text in one value", async () => {
    const a = `${"{{ x }} <b> é.\r\n".repeat(60_000)}`;
    const mail = await PostalMime.parse(compose(compile({ text: "{{ recipient.a }}" }), { a }).bytes);
    expect(readable(mail.text)).toBe(readable(a));
  });
});
