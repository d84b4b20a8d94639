/** What the mails say is what the reader of inbound mail makes of them; here, that they are mails at all and go where they should. */
import fc from "fast-check";
import PostalMime from "postal-mime";
import { describe, expect, test } from "vitest";

import { formFor } from "./forms.ts";
import { laterMails } from "./later-mails.ts";
import type { Report } from "./plan.ts";

const FORMS = [
  "bounce-later",
  "bounce-delayed",
  "bounce-qmail",
  "bounce-exim",
  "bounce-exchange",
  "bounce-x400",
  "bounce-french",
  "bounce-unclear",
  "bounce-no-verp",
  "bounce-forged",
  "bounce-foreign",
  "bounce-twice",
  "complain-later",
  "complain-jmrp",
  "vacation",
  "challenge",
  "unsubscribe-mail",
];

const HEAD = [
  "From: News <news@brand.test>",
  "Subject: hello",
  "Message-ID: <1-2.abc.tagtag@brand.test>",
  "List-Unsubscribe: <https://t.brand.test/u/xyz>,",
  " <mailto:out+wishtag@brand.test?subject=unsubscribe%20me>",
  "Feedback-ID: 7:bulk:tagtag:brand.test",
].join("\r\n");

const about = (recipient: string, head = HEAD) => ({
  id: "r1",
  at: Date.UTC(2026, 0, 2, 3, 4, 5),
  returnPath: "bounces+tagtag@back.brand.test",
  recipient,
  head,
});

function reportOf(local: string): Report {
  const plan = formFor(local);
  if (plan?.kind !== "later") throw new Error(`${local} asks for no mail`);
  return plan.report;
}

describe.each(FORMS)("%s", (form) => {
  const mails = laterMails(reportOf(form), about("anna@store.test"));

  test("says when it comes", () => {
    expect(formFor(`${form}-7s+x`)).toMatchObject({ kind: "later", wait: 7000 });
    expect(formFor(form)).toMatchObject({ kind: "later", wait: 5000 });
  });
  test("is a mail that everybody can read, to the one it is for", async () => {
    expect(mails.length).toBeGreaterThan(0);
    for (const { to, text } of mails) {
      expect(text).not.toMatch(/[^\r]\n|\r[^\n]/);
      expect(Math.max(...text.split("\r\n").map((line) => line.length))).toBeLessThanOrEqual(998);
      const parsed = await PostalMime.parse(Buffer.from(text, "latin1"));
      expect(parsed.to?.[0]?.address).toBe(to);
      expect(parsed.from?.address).toBeTruthy();
      expect(parsed.subject).toBeTruthy();
    }
  });
  test("names the recipient", () => {
    for (const { text } of mails) expect(text).toContain("anna@store.test");
  });
});

const to = (form: string, head?: string) =>
  laterMails(reportOf(form), about("anna@store.test", head)).map((mail) => mail.to);
const text = (form: string) => laterMails(reportOf(form), about("anna@store.test"))[0]?.text ?? "";

test("a wish goes to the mailbox that the message names, with the subject it asks for; without a mailbox nowhere", () => {
  expect(to("unsubscribe-mail")).toEqual(["out+wishtag@brand.test"]);
  expect(text("unsubscribe-mail")).toContain("\r\nSubject: unsubscribe me\r\n");
  expect(to("unsubscribe-mail", "List-Unsubscribe: <https://t.brand.test/u/xyz>")).toEqual([]);
  expect(to("unsubscribe-mail", "From: x@brand.test")).toEqual([]);
});

test("who does not know the tag writes without it; what is forged has another, what is foreign none", () => {
  for (const form of ["bounce-no-verp", "bounce-forged", "bounce-foreign"]) {
    expect(to(form)).toEqual(["bounces@back.brand.test"]);
    expect(text(form)).not.toContain("bounces+tagtag");
  }
  expect(text("bounce-no-verp")).toContain("Message-ID: <1-2.abc.tagtag@brand.test>");
  expect(text("bounce-forged")).toContain("Message-ID: <1-2.abc.tagtaa@brand.test>");
  expect(text("bounce-forged")).toContain("Feedback-ID: 7:bulk:tagtaa:brand.test");
  for (const form of ["bounce-forged", "bounce-foreign"]) expect(text(form)).not.toMatch(/tagtag|wishtag/);
});

test("a bounce comes twice, the same bytes", () => {
  const [first, second, ...more] = laterMails("twice", about("anna@store.test"));
  expect(second).toEqual(first);
  expect(more).toEqual([]);
});

test("any header of a message comes back without a new line end of its own", () => {
  fc.assert(
    fc.property(fc.constantFrom(...FORMS), fc.string({ unit: "binary" }), (form, value) => {
      const clean = value.replace(/[\r\n]/g, "");
      const head = `Subject: ${clean}\r\nMessage-ID: <${clean}@a.test>\r\nList-Unsubscribe: <mailto:${clean}?subject=${clean}%0d%0aBcc:x>`;
      for (const mail of laterMails(reportOf(form), about("anna@store.test", head))) {
        expect(mail.text).not.toMatch(/[^\r]\n|\r[^\n]/);
        expect(mail.text).not.toMatch(/^Bcc:/m);
      }
    }),
  );
});
