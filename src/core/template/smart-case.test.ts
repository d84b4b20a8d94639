import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { smartCase } from "./smart-case.ts";

describe("smartCase", () => {
  it.each([
    ["JEAN-PIERRE o'neil mcdonald", "Jean-Pierre O'Neil McDonald"],
    ["jean dupont", "Jean Dupont"],
    ["Jean DUPONT", "Jean Dupont"],
    ["DiCaprio McDonald LeBron", "DiCaprio McDonald LeBron"],
    ["D’ARTAGNAN", "D’Artagnan"],
    ["john's CAFÉ", "John's Café"],
    ["LUDWIG VAN BEETHOVEN", "Ludwig van Beethoven"],
    ["van der berg", "Van der Berg"],
    ["MARIA DE LA CRUZ", "Maria de la Cruz"],
    ["anh la", "Anh La"],
    ["JOHN PAUL ii", "John Paul II"],
    ["j.r.r. TOLKIEN", "J.R.R. Tolkien"],
    ["ÉMILE ZOLA", "Émile Zola"],
    ["ΓΙΏΡΓΟΣ", "Γιώργος"],
    ["ИВАН ПЕТРОВ-ВОДКИН", "Иван Петров-Водкин"],
    ["İSMAİL", "İsmail"],
    ["ßa ﬁn", "Ssa Fin"],
    ["e\u0301mile", "E\u0301mile"],
    ["mc mca mcd", "Mc Mca Mcd"],
    ["jOHN", "John"],
    ["山田 太郎", "山田 太郎"],
    ["  two  blanks ", "  Two  Blanks "],
    ["3RD street", "3rd Street"],
    ["", ""],
    ["''' -", "''' -"],
  ])("%j is %j", (text, expected) => {
    expect(smartCase(text)).toBe(expected);
  });

  it("is stable and keeps letters of ASCII names", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z' .-]{0,30}$/), (text) => {
        const once = smartCase(text);
        expect(once.toLowerCase()).toBe(text.toLowerCase());
        expect(smartCase(once)).toBe(once);
      }),
    );
    fc.assert(fc.property(fc.string(), (text) => void smartCase(text)));
  });
});
