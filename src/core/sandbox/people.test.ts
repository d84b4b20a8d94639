import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { csvRecord, personAt } from "./people.ts";

const people = Array.from({ length: 20_000 }, (_, i) => personAt(7, i));
const share = (test: (email: string) => boolean) => people.filter((p) => test(p.email)).length / people.length;

describe("people", () => {
  test("all addresses differ, are ASCII and end in reserved domains", () => {
    expect(new Set(people.map((p) => p.email.toLowerCase())).size).toBe(people.length);
    for (const { email } of people) expect(email).toMatch(/^[a-z][a-z._+]*\d+@([a-z-]+\.)+(example|test)$/);
  });
  test("domains are those of a consumer audience, with a long tail", () => {
    expect(share((email) => /@(gomail|googolmail)\./.test(email))).toBeGreaterThan(0.54);
    expect(share((email) => /@(gomail|googolmail)\./.test(email))).toBeLessThan(0.65);
    expect(share((email) => /@(mandarine|dorado)\./.test(email))).toBeGreaterThan(0.02);
    const domains = new Set(people.map((p) => p.email.split("@")[1]));
    expect(domains.size).toBeGreaterThanOrEqual(50);
  });
  test("several scripts, and no name is empty", () => {
    const names = people.map((p) => p.first_name).join("");
    for (const script of [/\p{Script=Cyrillic}/u, /\p{Script=Han}/u, /\p{Script=Arabic}/u, /é/])
      expect(names).toMatch(script);
    for (const p of people) expect(`${p.first_name}/${p.last_name}/${p.city}`).toMatch(/^[^|/]+\/[^|/]+\/[^|/]+$/);
  });
  test("depend on seed and number only", () => {
    expect(personAt(7, 123)).toEqual(people[123]);
    expect(personAt(8, 123)).not.toEqual(people[123]);
    fc.assert(fc.property(fc.integer(), fc.nat(), (seed, i) => personAt(seed, i).email.includes(`${i}@`)));
  });
});

test.each([
  [["a", 1, "b c"], "a,1,b c\r\n"],
  [['say "hi"', "x,y", "l\nm"], '"say ""hi""","x,y","l\nm"\r\n'],
])("CSV record of %j", (values, expected) => expect(csvRecord(values)).toBe(expected));
