/**
 * Whole messages as bytes, one file each: what a reader of this folder sees is what receivers get. `UPDATE_GOLDEN=1` writes them
 * again; a difference in a commit is a change of every message that Envoi ever makes.
 */
import { createPrivateKey } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { dkimVerify } from "mailauth/lib/dkim/verify.js";
import { describe, expect, it } from "vitest";

import { readSigningKey, sha256, sha256Base64, sign } from "../../src/adapters/crypto/crypto.ts";
import type { ContentSource } from "../../src/core/message/compile-content.ts";
import type { Canonicalization } from "../../src/core/dkim/signature.ts";
import type { TokenKey } from "../../src/core/tracking/token.ts";
import { makeMessage } from "../../src/mta/make-message.ts";
import { compileSample, composeSample, FACTS } from "./sample-message.ts";
import { RFC_8463 } from "./rfc-8463.ts";

type Case = {
  readonly content: Partial<ContentSource>;
  readonly vars: Record<string, unknown>;
  readonly recipient?: string;
};

const LETTER = `<!doctype html>
<html>
<body style="font-family: sans-serif">
  <h1>Hello {{ recipient.first_name }},</h1>
  <p>your points: {{ recipient.points | default: 0 }}.
  {% if recipient.gold %}You travel first class.{% else %}Ten more and you travel first class.{% endif %}</p>
  <ul>{% for city in recipient.cities %}
    <li>{{ city }}</li>{% endfor %}
  </ul>
  <p><a href="{% link 1 %}">Book</a>, sent {{ message.date | date: "%-d %B %Y" }}, number {{ message.key }}.</p>
</body>
</html>
`;
const NOTE = "Hello {{ recipient.first_name }},\n\n.  the dot, two blanks and the  = sign stay.\nFrom us with regards \n";
const RUSSIAN = `Здравствуйте, {{ recipient.first_name }}!

Вы накопили {{ recipient.points }} баллов. До конца лета их можно обменять на билет первого класса
в любой город нашей сети, и мы уже отложили для вас место.

Подробности: {% tracked 2 %}https://travel.example.com/ru?c={{ recipient.code | url_encode }}{% endtracked %}

До встречи в пути, ваше бюро путешествий
`;
const CHINESE = `<p>{{ recipient.first_name }}，您好！</p>
<p>感谢您一直以来的支持。本周末，会员在我们所有门店购物均可享受八折优惠，数量有限，先到先得。</p>
`;

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
      fromName: "Café Übersee, 東京",
      fromAddress: "news@münchen.example",
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
      attachments: [
        { fileId: 2, name: "../{{ recipient.first_name }}.pdf", contentType: "application/pdf", contentId: null, size: 120 },
      ],
    },
    vars: {
      first_name: "Eve\r\nBcc: all@example.org\r\n\r\n.\r\nQUIT\r\n<script>alert(1)</script>{{ delivery.id }}\0 =\t ",
      points: "{% for i in (1..9) %}x{% endfor %}",
      cities: ["--=_a.12-3.ml62s380--", "\r\n.\r\n"],
    },
  },
  "html-only": { content: { html: LETTER }, vars: { first_name: "Ann" } },
  "text-only": {
    content: {
      text: NOTE,
      replyTo: "help@example.com",
      headers: [{ name: "List-Unsubscribe", value: "<mailto:leave@example.com>" }],
    },
    vars: { first_name: "Jörg" },
    recipient: "jörg@example.net",
  },
  "seven-bit-service-mail": {
    content: {
      subject: "Your ticket",
      text: "Your ticket is ready.\n\n- Bring an identity card.\n- Be there ten minutes early.\n",
      listUnsubscribe: { header: false, mailbox: null },
    },
    vars: {},
  },
  "image-and-attachment": {
    content: {
      subject: "Your ticket, {{ recipient.first_name }}",
      html: '<p><img src="cid:logo.1" alt="">Dear {{ recipient.first_name }}, your ticket is attached.</p>\n',
      text: "Dear {{ recipient.first_name }}, your ticket is attached.\n",
      listUnsubscribe: { header: true, mailbox: "leave@bounces.example.com" },
      errorAddress: "bounces@bounces.example.com",
      verp: true,
      attachments: [
        { fileId: 1, name: "logo.png", contentType: "image/png", contentId: "logo.1", size: 70 },
        {
          fileId: 2,
          name: "Fahrkarte {{ recipient.first_name }}, gültig für die ganze Reise nach 東京 und zurück.pdf",
          contentType: "application/pdf",
          contentId: null,
          size: 120,
        },
      ],
    },
    vars: { first_name: "Jürgen" },
  },
  "iso-8859-1": {
    content: {
      subject: "Été à {{ recipient.city }} : dès 10 €",
      charset: "iso-8859-1",
      fromName: "Café Crème",
      html: "<p>Bonjour {{ recipient.first_name }}, l'été à {{ recipient.city }} coûte 10 €.</p>\n",
      text: "Bonjour {{ recipient.first_name }}, l'été à {{ recipient.city }} coûte 10 €.\n",
    },
    vars: { first_name: "Zoé", city: "Łódź" },
  },
  "iso-2022-jp": {
    content: {
      subject: "{{ recipient.first_name }}様、夏のお知らせです。会員の皆様だけに特別なご案内をお届けします",
      charset: "iso-2022-jp",
      fromName: "旅行社",
      text: "{{ recipient.first_name }}様\n\nいつもご利用ありがとうございます。ﾎﾟｲﾝﾄ: {{ recipient.points }}\n今月の特典は🎉です。\n",
    },
    vars: { first_name: "山田", points: 120 },
  },
  "base64-russian": {
    content: { subject: "{{ recipient.first_name }}, ваши баллы ждут вас", fromName: "Бюро путешествий", text: RUSSIAN },
    vars: { first_name: "Анна", points: 120, code: "Ж 1&2" },
  },
  "base64-chinese": { content: { subject: "会员周末：八折优惠", html: CHINESE }, vars: { first_name: "王芳" } },
  "long-headers": {
    content: {
      subject: `${"A very long subject that goes on and on ".repeat(5)}for {{ recipient.first_name }}`,
      fromName: `${"The Society of Long Names ".repeat(4)}of {{ recipient.first_name }}`,
      fromAddress: "newsletter@a-domain-with-a-rather-long-name.mail.example.com",
      listUnsubscribe: { header: true, mailbox: "leave-this-long-list@bounces.example.com" },
      headers: [
        { name: "X-Note", value: `Ümläute ${"und lange Wörter ".repeat(12)}` .trim() },
        { name: "X-Plain", value: "word ".repeat(60).trim() },
        { name: "List-Help", value: `<https://example.com/help/${"x".repeat(200)}>` },
      ],
      text: "Hello\n",
    },
    vars: { first_name: "Ann" },
  },
  "international-addresses": {
    content: {
      subject: "Grüße",
      text: "Hallo {{ recipient.first_name }}\n",
      fromAddress: "grüße@bücher.example",
      replyTo: "antwort@bücher.example",
      errorAddress: "rückläufer@bücher.example",
      verp: true,
    },
    vars: { first_name: "用户" },
    recipient: "用户@例子.example",
  },
};

function compose({ content, vars, recipient = FACTS.recipient }: Case): Buffer {
  const sender = { fromName: "Envoi Travel", fromAddress: "news@example.com" };
  return composeSample(compileSample({ subject: "News", ...sender, ...content }), vars, { recipient }).bytes;
}

function expectGolden(name: string, made: Buffer): void {
  const file = join(import.meta.dirname, `${name}.eml`);
  if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(file, made);
  expect(existsSync(file)).toBe(true);
  expect(made.toString("latin1")).toBe(readFileSync(file, "latin1"));
}

describe("golden messages", () => {
  it.each(Object.entries(CASES))("%s.eml", (name, golden) => {
    expectGolden(name, compose(golden));
  });

  it("dual-signed.eml, which verifies", async () => {
    const rsa = readSigningKey(RFC_8463.rsaPrivateKey);
    if (rsa.kind !== "key") throw new Error(rsa.detail);
    const identity = { domain: "example.com", canonicalization: "relaxed/relaxed" as Canonicalization };
    const tokenKey: TokenKey = { id: 1, words: [1, 2, 3, 4] };
    const made = await makeMessage(
      { sha256Base64, sign },
      {
        id: 7,
        loadContent: null,
        label: "Spring",
        content: compileSample({ subject: "News for {{ recipient.first_name }}", html: LETTER, text: NOTE }),
        at: FACTS.at,
        signing: [
          { ...identity, selector: "rsa", algorithm: "rsa-sha256", key: rsa.key },
          { ...identity, selector: "ed", algorithm: "ed25519-sha256", key: createPrivateKey(RFC_8463.ed25519PrivateKey) },
        ],
        tokens: { base: "https://t.example.com", key: tokenKey, mark: "live" },
      },
      { partId: 12, seq: 3 },
      "ann@example.net",
      { first_name: "Ann", points: 120, gold: true, cities: ["Paris"] },
    );
    if (made.kind !== "made") throw new Error(made.message);
    const bytes = Buffer.from(made.bytes);
    expectGolden("dual-signed", bytes);
    expect(made.digest).toBe(Buffer.from(sha256(bytes.toString("latin1"))).toString("base64"));
    const records: Record<string, string> = {
      "rsa._domainkey.example.com": `v=DKIM1; k=rsa; p=${RFC_8463.rsaPublic}`,
      "ed._domainkey.example.com": `v=DKIM1; k=ed25519; p=${RFC_8463.ed25519Public}`,
    };
    const resolver = async (name: string) => [[records[name] ?? ""]];
    const { results } = await dkimVerify(bytes, { resolver, curTime: new Date(FACTS.at), minBitLength: 1024 });
    expect(results.map((r) => `${r.algo} ${r.status.result}`)).toEqual(["rsa-sha256 pass", "ed25519-sha256 pass"]);
  });
});
