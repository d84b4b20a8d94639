import { describe, expect, test } from "vitest";

import { WISHES } from "./wish-words.ts";
import { saysUnsubscribe } from "./wish.ts";

const says = (subject: string, text = "") =>
  saysUnsubscribe({ headers: [{ name: "subject", value: subject }], parts: [{ type: "text/plain", text }] });

describe("a wish", () => {
  test.each([
    ["Unsubscribe"],
    ["UNSUBSCRIBE!"],
    ["Please unsubscribe me."],
    ["unsubscribe, thank you"],
    ["Bitte abmelden"],
    ["Abmeldung vom Newsletter, danke"],
    ["s’il vous plaît, désabonnez-moi"],
    ["De\u0301sinscription"],
    ["¡Baja!"],
    ["Cancelar inscrição, por favor"],
    ["Per favore: cancellatemi"],
    ["Uitschrijven"],
    ["Odhlásit odběr"],
    ["Wypisz mnie, proszę"],
    ["Leiratkozás"],
    ["Διαγραφή"],
    ["Отписаться"],
    ["Пожалуйста, отпишите меня."],
    ["Lütfen aboneliğimi iptal edin"],
    ["ABONELİĞİMİ İPTAL ET"],
    ["إلغاء الاشتراك"],
    ["退订"],
    ["请取消订阅。"],
    ["配信停止"],
    ["수신거부"],
  ])("%s", (subject) => expect(says(subject)).toBe(true));

  test("in the first line of the text, under any subject", () => {
    expect(says("Re: News of the week", "\n  Bitte abbestellen \n\n> News")).toBe(true);
  });

  test("every phrase of the table is one, as it is written there", () => {
    for (const wish of WISHES) {
      expect([wish, wish.normalize("NFC").toLowerCase()]).toEqual([wish, wish]);
      expect([wish, says(wish)]).toEqual([wish, true]);
    }
  });
});

describe("no wish", () => {
  test.each([
    ["Re: unsubscribe", ""],
    ["How do I unsubscribe my colleague?", ""],
    ["Do not unsubscribe me", ""],
    ["nicht abmelden", ""],
    ["Please", ""],
    ["Bitte", "danke"],
    ["stopped", ""],
    ["Hello", "Great newsletter!\nunsubscribe"],
    ["Hello", "> unsubscribe"],
    ["не отписаться", ""],
    ["请不要取消订阅", ""],
    ["", ""],
  ])("%s %s", (subject, text) => expect(says(subject, text)).toBe(false));

  test("long runs cost nothing", () => {
    for (const unit of ["please ", "stop ", ". ", "请"]) expect(says(unit.repeat(100_000))).toBe(false);
  });
});
