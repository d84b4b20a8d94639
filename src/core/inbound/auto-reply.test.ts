import { describe, expect, test } from "vitest";

import { isProgram, readAutoReply } from "./auto-reply.ts";
import type { Envelope, InboundMail } from "./reading.ts";

const NOBODY: Envelope = { recipient: null, returnPath: null };

function mail(fields: Record<string, string>, text = "", type = "text/plain"): InboundMail {
  return { headers: Object.entries(fields).map(([name, value]) => ({ name, value })), parts: [{ type, text }] };
}

const read = (fields: Record<string, string>, text = "", envelope = NOBODY) =>
  readAutoReply(mail(fields, text), envelope);
const ADA = { from: "Ada <ada@one.example>" };

describe("by the header", () => {
  test.each([
    { "auto-submitted": "auto-replied" },
    { "auto-submitted": "auto-replied (vacation)" },
    { "auto-submitted": "Auto-Replied; owner-email=ada@one.example" },
    { precedence: "auto_reply" },
    { "x-autoreply": "yes" },
    { "x-auto-reply": "1" },
    { "x-autoreply-from": "ada@one.example" },
    { "x-autorespond": "Away" },
    { "x-vacation": "yes" },
    { "x-apple-action": "VACATION" },
    { "x-post-messageclass": "9; Autoresponder" },
    { "delivered-to": "Autoresponder" },
    { "x-ms-exchange-inbox-rules-loop": "ada@one.example" },
  ])("%j", (fields) => {
    expect(read({ ...ADA, ...fields, subject: "Re: News" }, "Gone fishing.")).toEqual({
      format: "auto-reply",
      isSure: true,
    });
  });

  test.each([
    { "auto-submitted": "no" },
    { "auto-submitted": "auto-generated" },
    { "x-autoreply": "no" },
    { precedence: "bulk" },
    { "x-auto-response-suppress": "All" },
  ])("%j says too little", (fields) => expect(read({ ...ADA, ...fields, subject: "News" }, "Our news.")).toBeNull());
});

describe("by the subject that the program wrote", () => {
  test.each([
    "Automatic reply: News",
    "Auto: Automatic reply: News",
    "AUTOMATIC REPLY: NEWS",
    "Re: Out of Office",
    "[EXTERNAL] Out of office: News",
    "Out of the office until Monday",
    "AutoReply: News",
    "Auto-Reply from Ada",
    "Autoresponder: News",
    "OOO: News",
    "Automatische Antwort: Neuigkeiten",
    "Abwesenheitsnotiz: Neuigkeiten",
    "Abwesend: Neuigkeiten",
    "Réponse automatique : Nouvelles",
    "Re\u0301ponse automatique : Nouvelles",
    "Message d’absence",
    "Respuesta automática: Noticias",
    "Fuera de la oficina",
    "Resposta automática: Notícias",
    "Risposta automatica: Notizie",
    "Automatisch antwoord: Nieuws",
    "Afwezigheidsbericht",
    "Autosvar: Nyheter",
    "Automatisk svar: Nyheder",
    "Automaattinen vastaus: Uutiset",
    "Odpowiedź automatyczna: Aktualności",
    "Automatická odpověď: Novinky",
    "Автоответ: Новости",
    "Автоматический ответ: Новости",
    "Automatikus válasz: Hírek",
    "Răspuns automat: Știri",
    "Αυτόματη απάντηση: Νέα",
    "Otomatik Yanıt: Haberler",
    "自動返信: ニュース",
    "自动回复: 新闻",
    "自動回覆: 新聞",
    "자동 회신: 뉴스",
    "Trả lời tự động: Tin tức",
    "رد تلقائي: أخبار",
    "תשובה אוטומטית: חדשות",
  ])("%s", (subject) => expect(read({ ...ADA, subject })).toEqual({ format: "vacation", isSure: true }));

  test.each([
    "News: how to write an automatic reply",
    "Automatically better",
    "Your order is on its way",
    "Who is out of office this summer?",
  ])("%s does not", (subject) => expect(read({ ...ADA, subject })).toBeNull());

  test("in an answer it may stand anywhere", () => {
    const subject = "Ada Byron is out of office (Re: News)";
    expect(read({ ...ADA, subject, "in-reply-to": "<1@shop.example>" })).toMatchObject({ format: "vacation" });
  });

  test.each(["list-id", "list-unsubscribe"])("of a newsletter (%s) it says nothing", (name) => {
    expect(read({ ...ADA, subject: "Out of office: our summer sale", [name]: "<x>" })).toBeNull();
  });
});

describe("by the words of an answer", () => {
  test.each([
    ["I am currently away from the office until 5 May.", "vacation"],
    ["Thanks for your mail. I'm on vacation and will respond when I return.", "vacation"],
    ["Bob Smith no longer works for One Ltd. Please write to ada@one.example.", "vacation"],
    ["Ich bin bis 5. Mai nicht im Büro und habe keinen Zugriff auf meine E-Mails.", "vacation"],
    ["Je suis actuellement en congé, de retour le 5 mai.", "vacation"],
    ["Estoy de vacaciones hasta el lunes.", "vacation"],
    ["Sono in ferie fino al 5 maggio.", "vacation"],
    ["Jestem na urlopie do 5 maja.", "vacation"],
    ["Я в отпуске до 5 мая.", "vacation"],
    ["ただいま休暇中です。", "vacation"],
    ["Please confirm your message by clicking this link: I will then see it.", "challenge"],
    ["You are not on my list of approved senders.", "challenge"],
    ["Thank you for contacting us. Your ticket 42 has been created.", "ticket"],
    ["Ihre Anfrage ist bei uns eingegangen.", "ticket"],
    ["Nous avons bien reçu votre message.", "ticket"],
  ])("%s", (text, format) => {
    for (const sign of [
      { "in-reply-to": "<1@shop.example>" },
      { subject: "Re: News" },
      { "return-path": "<>" },
      { precedence: "bulk" },
    ]) {
      expect(read({ ...ADA, ...sign }, text)).toEqual({ format, isSure: format === "challenge" });
    }
    expect(read({ ...ADA }, text, { ...NOBODY, returnPath: "" })).toMatchObject({ format });
    expect(read({ ...ADA, subject: "Hello" }, text)).toBeNull();
  });

  test("in HTML too", () => {
    const given = mail({ ...ADA, subject: "Re: News" }, "<html><p>I am <b>out of the\n office</b>", "text/html");
    expect(readAutoReply(given, NOBODY)).toMatchObject({ format: "vacation" });
  });

  test("not in what it quotes", () => {
    for (const text of [
      "Great!\n\n> I am out of the office",
      "Great!\n-----Original Message-----\nI am out of the office",
    ]) {
      expect(read({ ...ADA, subject: "Re: News" }, text)).toBeNull();
    }
  });
});

test("receipts are answers of programs, whatever became of the mail", () => {
  const report = "multipart/report; report-type=disposition-notification; boundary=b";
  expect(read({ ...ADA, "content-type": report })).toEqual({ format: "receipt", isSure: true });
  const given = mail(
    ADA,
    "Disposition: automatic-action/MDN-sent-automatically; deleted",
    "message/disposition-notification",
  );
  expect(readAutoReply(given, NOBODY)).toMatchObject({ format: "receipt" });
});

test.each([
  [{ "auto-submitted": "auto-generated" }, true],
  [{ "auto-submitted": "no (by hand)" }, false],
  [{ precedence: "junk" }, true],
  [{ precedence: "first-class" }, false],
  [{ "x-autorespond": "x" }, true],
  [{ "auto-submitted": "auto-replied", "x-apple-unsubscribe": "true" }, false],
  [{}, false],
])("written by a program: %j %s", (fields, expected) => expect(isProgram(mail(fields))).toBe(expected));

test("long runs are cut short", () => {
  for (const unit of ["a", "re: ", "[", "[a]", "> ", "out of office ", "--", "é"]) {
    const long = unit.repeat(200_000);
    const found = read({ ...ADA, subject: long, "in-reply-to": "x", "content-type": long }, long);
    expect(found === null || found.format === "vacation").toBe(true);
  }
});
