/** Records of DMARC, whose domain it is, and what is aligned: by the examples of RFC 9989 and what stands in real zones. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { type DmarcAnswers, organisationOf, type TextAnswer, walkNames } from "./find-policy.ts";
import { judgeSender, namesToAsk, type SenderDomains } from "./judge-sender.ts";

const NOTHING: TextAnswer = { kind: "no-such-name" };
/** All names are answered; those in `zone` with these texts. */
function answersOf(domains: SenderDomains, zone: Readonly<Record<string, string | readonly string[] | null>>) {
  const answer = (name: string): TextAnswer => {
    const texts = zone[name];
    if (texts === undefined) return NOTHING;
    if (texts === null) return { kind: "failed", detail: "SERVFAIL" };
    return { kind: "records", records: typeof texts === "string" ? [texts] : texts };
  };
  return new Map(namesToAsk(domains).map((name) => [name, answer(name)]));
}
const judge = (zone: Parameters<typeof answersOf>[1], changes: Partial<SenderDomains> = {}) => {
  const domains = { from: "shop.example", signedAs: "shop.example", returnPath: "shop.example", ...changes };
  return judgeSender(answersOf(domains, zone), domains);
};

describe("the policy", () => {
  test.each<[string, Parameters<typeof judge>[0], string, string | null]>([
    ["none published", {}, "shop.example", null],
    ["its own", { "shop.example": "v=DMARC1; p=reject" }, "shop.example", "reject"],
    ["in capitals, with blanks", { "shop.example": "v=DMARC1 ; p = Quarantine ;" }, "shop.example", "quarantine"],
    ["tried out", { "shop.example": "v=DMARC1; p=reject; t=y" }, "shop.example", "quarantine"],
    ["tried out, weaker", { "shop.example": "v=DMARC1; p=quarantine; t=y" }, "shop.example", "none"],
    ["unreadable", { "shop.example": "v=DMARC1; p=block; rua=mailto:a@shop.example" }, "shop.example", "none"],
    [
      "of another record type beside it",
      { "shop.example": ["v=spf1 -all", "v=DMARC1; p=none"] },
      "shop.example",
      "none",
    ],
    ["two count as none", { "shop.example": ["v=DMARC1; p=none", "v=DMARC1; p=reject"] }, "shop.example", null],
    ["of another version", { "shop.example": "v=DMARC2; p=reject" }, "shop.example", null],
    ["for subdomains", { "shop.example": "v=DMARC1; p=reject; sp=none" }, "news.shop.example", "none"],
    ["of the organisation", { "shop.example": "v=DMARC1; p=reject" }, "a.b.news.shop.example", "reject"],
    [
      "its own before that",
      { "shop.example": "v=DMARC1; p=reject", "news.shop.example": "v=DMARC1; p=none" },
      "news.shop.example",
      "none",
    ],
    ["of the suffix", { "co.example": "v=DMARC1; p=reject; psd=y" }, "shop.co.example", "reject"],
  ])("%s", (_, zone, from, policy) => {
    expect(judge(zone, { from })).toMatchObject({ kind: "judged", policy });
  });
});

describe("alignment", () => {
  const P = "v=DMARC1; p=reject";
  test.each<[string, Parameters<typeof judge>[0], Partial<SenderDomains>, [dkim: boolean, spf: boolean]]>([
    ["the same domain", { "shop.example": P }, {}, [true, true]],
    [
      "another domain",
      { "shop.example": P, "esp.example": P },
      { signedAs: "esp.example", returnPath: "esp.example" },
      [false, false],
    ],
    [
      "relaxed, below",
      { "shop.example": P },
      { signedAs: "mail.shop.example", returnPath: "b.shop.example" },
      [true, true],
    ],
    [
      "relaxed, beside",
      { "shop.example": P },
      { from: "news.shop.example", signedAs: "mail.shop.example" },
      [true, true],
    ],
    [
      "strict, below",
      { "shop.example": `${P}; adkim=s; aspf=S` },
      { signedAs: "m.shop.example", returnPath: "b.shop.example" },
      [false, false],
    ],
    ["strict, the same", { "shop.example": `${P}; adkim=s; aspf=s` }, {}, [true, true]],
    [
      "one of the two strict",
      { "shop.example": `${P}; adkim=s` },
      { signedAs: "m.shop.example", returnPath: "b.shop.example" },
      [false, true],
    ],
    [
      "a suffix that says so parts them",
      { example: "v=DMARC1; p=none; psd=y" },
      { from: "a.example", signedAs: "b.example", returnPath: "b.example" },
      [false, false],
    ],
    [
      "an organisation below another",
      { "shop.example": P, "own.shop.example": `${P}; psd=n` },
      { from: "own.shop.example", signedAs: "shop.example", returnPath: "x.own.shop.example" },
      [false, true],
    ],
    [
      "nothing signs, the path is personalised",
      { "shop.example": P },
      { signedAs: null, returnPath: null },
      [false, false],
    ],
    ["without records nothing but the domain itself", {}, { signedAs: "mail.shop.example" }, [false, true]],
  ])("%s", (_, zone, domains, [dkim, spf]) => {
    expect(judge(zone, domains)).toMatchObject({ kind: "judged", dkim, spf });
  });
});

describe("without an answer", () => {
  test.each<[string, Parameters<typeof judge>[0], Partial<SenderDomains>, string | null]>([
    ["about the domain", { "shop.example": null }, {}, "shop.example"],
    ["about what is above it", { example: null }, {}, "example"],
    ["above a record of its own that is aligned", { "shop.example": "v=DMARC1; p=reject", example: null }, {}, null],
    [
      "about the other domain",
      { "shop.example": "v=DMARC1; p=reject", "b.example": null },
      { signedAs: "b.example", returnPath: null },
      "b.example",
    ],
    [
      "about another domain that no longer decides",
      { "shop.example": "v=DMARC1; p=reject", "b.other": null },
      { signedAs: "b.other" },
      null,
    ],
  ])("%s", (_, zone, domains, name) => {
    expect(judge(zone, domains)).toMatchObject(name === null ? { kind: "judged" } : { kind: "not-asked", name });
  });

  test("names that nobody asked about are no answer", () => {
    const domains = { from: "a.example", signedAs: null, returnPath: null };
    expect(judgeSender(new Map(), domains)).toMatchObject({ kind: "not-asked", name: "a.example" });
  });
});

test("at most eight names are asked about a domain, and the organisation is one of them", () => {
  const label = fc.constantFrom("a", "b", "c");
  const record = fc.constantFrom("v=DMARC1; p=none", "v=DMARC1; p=none; psd=y", "v=DMARC1; p=none; psd=n", "");
  fc.assert(
    fc.property(
      fc.array(label, { minLength: 1, maxLength: 12 }),
      fc.array(record, { minLength: 8, maxLength: 8 }),
      (labels, texts) => {
        const domain = labels.join(".");
        const names = walkNames(domain);
        expect(names.length).toBeLessThanOrEqual(8);
        const answers: DmarcAnswers = new Map(
          names.map((name, i) => [name, { kind: "records", records: [texts[i] ?? ""] }]),
        );
        const organisation = organisationOf(answers, domain);
        expect(domain === organisation || domain.endsWith(`.${organisation}`)).toBe(true);
      },
    ),
  );
});
