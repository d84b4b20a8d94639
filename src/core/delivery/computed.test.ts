/** Labels and codes that an analysis makes: what they can read, what comes out, what is refused where. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { computeWords, type ComputedTexts } from "./computed.ts";

const FACTS = {
  delivery: {
    id: "7",
    label: "Spring",
    code: "SPR",
    template: "Weekly",
    category: "news",
    nature: "marketing",
    sender_name: "Shop",
  },
  variables: { shop: "Lyon", label: "not this" },
  counts: { targeted: 1200, toDeliver: 1150 },
  platformName: "Example",
  now: Date.parse("2026-11-22T23:30:00Z"),
};
const compute = (texts: ComputedTexts) => computeWords(texts, FACTS);

test.each<[ComputedTexts, label: string | null, code: string | null]>([
  [{}, null, null],
  [{ label: " ", code: "" }, null, null],
  [{ label: "{{ delivery.template }} {{ 'now' | date: '%d %B %Y', 'fr' }}" }, "Weekly 22 novembre 2026", null],
  [
    { label: "{{ delivery.shop | upcase }}: {{ counts.to_deliver | number: 'en' }} of {{ counts.targeted }}" },
    "LYON: 1,150 of 1200",
    null,
  ],
  [{ label: "{{ delivery.code }} {{ delivery.id }} {{ platform.name }}" }, "SPR 7 Example", null],
  [{ code: "{{ delivery.label | upcase }}-{{ counts.excluded }}" }, null, "SPRING-50"],
  [
    { label: "{{ delivery.category }}", code: "{{ delivery.label }}{% if counts.to_deliver > 1000 %}-XL{% endif %}" },
    "news",
    "news-XL",
  ],
  [{ label: "  a\n\n{{ 'b\u0007c' }} " }, "a b c", null],
  [{ code: "{% if false %}x{% endif %}" }, null, ""],
  [{ label: "{% for i in (1..3) %}{{ i }}{% endfor %}" }, "123", null],
])("%j gives %j and %j", (texts, label, code) => {
  expect(compute(texts)).toEqual({ label, code, errors: [] });
});

describe("refused", () => {
  test.each<[ComputedTexts, string]>([
    [{ label: "{{ delivery.label }} again" }, "label 1:4 unknown variable"],
    [{ label: "{{ delivery.code }}", code: "x" }, "label 1:4 unknown variable"],
    [{ code: "a\n {{ delivery.code }}" }, "code 2:5 unknown variable"],
    [{ label: "{{ recipient.city }}" }, 'label 1:4 unknown variable "recipient": there are delivery, counts, platform'],
    [{ label: "{{ message.date }}" }, "label 1:4 unknown variable"],
    [{ label: "{% if %}x" }, "label 1:6 invalid value"],
    [{ label: "{{ counts.sent }}" }, "label 1:4 unknown variable"],
    [{ label: "{{ 'x' | shell }}" }, "label 1:1 undefined filter"],
    [{ label: "{% if false %}x{% endif %}" }, "label 1:1 it comes out empty"],
    [{ code: "{% for i in (1..101) %}x{% endfor %}" }, "code 1:1 it comes out with 101 characters, 100 at most"],
    [{ label: "{% for i in (1..1000) %}{% for j in (1..1000) %}x{% endfor %}{% endfor %}" }, "label 1:1 the template"],
    [{ label: "{% render 'unsubscribe' %}" }, "label 1:1"],
  ])("%j", (texts, said) => {
    const { errors, ...words } = compute(texts);
    const [{ field, line, column, message } = { field: "", line: 0, column: 0, message: "" }] = errors;
    expect(`${field} ${line}:${column} ${message}`.startsWith(said), `${field} ${line}:${column} ${message}`).toBe(
      true,
    );
    expect(words[texts.code === undefined || field === "label" ? "label" : "code"]).toBeNull();
  });
});

test("an analysis that is made again gives the same, whatever was written", () => {
  const piece = fc.constantFrom(
    "{{ delivery.label }}",
    "{{ delivery.code }}",
    "{{ delivery.template }}",
    "a",
    "{{",
    "%}",
    "{% if delivery.id %}",
    "{% endif %}",
    "{{ 'now' | date: '%Y' }}",
  );
  const text = fc.array(piece, { maxLength: 6 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(text, text, (label, code) => {
      const first = computeWords({ label, code }, FACTS);
      const delivery = { ...FACTS.delivery, label: first.label ?? "Spring", code: first.code ?? "SPR" };
      expect(computeWords({ label, code }, { ...FACTS, delivery })).toEqual(first);
    }),
  );
});
