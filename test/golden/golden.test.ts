/**
 * Whole messages as bytes, one file each: what a reader of this folder sees is what receivers get. `UPDATE_GOLDEN=1` writes them
 * again; a difference in a commit is a change of every message that Envoi ever makes.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { compileContent, type ContentSource } from "../../src/core/message/compile-content.ts";
import { composeMessage } from "../../src/core/message/compose-message.ts";

type Case = { readonly content: Partial<ContentSource>; readonly vars: Record<string, unknown>; readonly recipient?: string };

const LETTER = `<!doctype html>
<html>
<body style="font-family: sans-serif">
  <h1>Hello {{ recipient.first_name }},</h1>
  <p>your points: {{ recipient.points | default: 0 }}.
  {% if recipient.gold %}You travel first class.{% else %}Ten more and you travel first class.{% endif %}</p>
  <ul>{% for city in recipient.cities %}
    <li>{{ city }}</li>{% endfor %}
  </ul>
  <p>Sent {{ message.date | date: "%-d %B %Y" }}, number {{ message.key }}.</p>
</body>
</html>
`;
const NOTE = "Hello {{ recipient.first_name }},\n\n.  the dot, two blanks and the  = sign stay.\nFrom us with regards \n";

const CASES: Readonly<Record<string, Case>> = {
  "plain-ascii": {
    content: { subject: "News for {{ recipient.first_name }}", html: LETTER, text: NOTE },
    vars: { first_name: "Ann", points: 120, gold: true, cities: ["Paris", "Oslo"] },
  },
  "emoji-and-right-to-left": {
    content: {
      subject: "🎉 {{ recipient.first_name }}, مرحبا بك في متجرنا، لدينا عرض خاص لك اليوم فقط 🎉",
      html: LETTER,
      text: NOTE,
      sender: { name: "Café Übersee, 東京", address: "news@münchen.example" },
    },
    vars: { first_name: "שרה", cities: ["Αθήνα", "القاهرة", "👩‍👩‍👧"] },
    recipient: "sara@bücher.example",
  },
  "hostile-values": {
    content: {
      subject: "For {{ recipient.first_name }}",
      html: LETTER,
      text: NOTE,
      headers: [{ name: "X-Customer", value: "{{ recipient.first_name }}" }],
    },
    vars: {
      first_name: "Eve\r\nBcc: all@example.org\r\n\r\n.\r\nQUIT\r\n<script>alert(1)</script>{{ delivery.id }}\0 =\t ",
      points: "{% for i in (1..9) %}x{% endfor %}",
      cities: ["--=_12-3.mll7tz9c--", "\r\n.\r\n"],
    },
  },
  "html-only": { content: { html: LETTER }, vars: { first_name: "Ann" } },
  "text-only": {
    content: { text: NOTE, replyTo: "help@example.com", headers: [{ name: "List-Unsubscribe", value: "<mailto:leave@example.com>" }] },
    vars: { first_name: "Jörg" },
    recipient: "jörg@example.net",
  },
};

function compose({ content, vars, recipient = "ann@example.net" }: Case): Buffer {
  const sender = { name: "Envoi Travel", address: "news@example.com" };
  const compiled = compileContent({ subject: "News", sender, headers: [], ...content });
  if (compiled.kind === "errors") throw new Error(JSON.stringify(compiled.errors));
  const facts = { key: "12-3", deliveryId: "7", deliveryLabel: "Spring", at: Date.UTC(2026, 1, 3, 4, 5, 6), recipient };
  const made = composeMessage(compiled.content, vars, facts);
  if (made.kind === "error") throw new Error(made.message);
  return Buffer.from(`${made.headers.map((field) => field.text).join("")}\r\n${made.body}`, "latin1");
}

describe("golden messages", () => {
  it.each(Object.entries(CASES))("%s.eml", (name, golden) => {
    const file = join(import.meta.dirname, `${name}.eml`);
    const made = compose(golden);
    if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(file, made);
    expect(existsSync(file)).toBe(true);
    expect(made.toString("latin1")).toBe(readFileSync(file, "latin1"));
  });
});
