import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { budgetFor } from "./budget.ts";
import { describeRenderError, type RunOptions, type TemplateKind } from "./engine.ts";
import { parseTemplate } from "./parse-template.ts";
import { execute, startRun } from "./program.ts";

type Recipient = Record<string, unknown>;

function render(
  source: string,
  recipient: Recipient = {},
  kind: TemplateKind = "html",
  options: RunOptions = {},
): string {
  const parsed = parseTemplate(source, { kind, internal: true, variables: ["season"] });
  if (parsed.kind === "errors") throw new Error(JSON.stringify(parsed.errors));
  let reads = 0;
  const message = {
    __proto__: null,
    date: "2026-02-03T04:05:06.000Z",
    get mirror_url() {
      reads++;
      return `https://m.example/?a&read=${reads}`;
    },
  };
  const delivery = { id: "7", season: "May" };
  const clickUrl = (link: number, url: string | null) => `https://t.example/${link}&${url ?? ""}`;
  const scope = { recipient, delivery, message, platform: { name: "Shop" }, clickUrl } as never;
  try {
    return execute(parsed.program, startRun(kind, scope, options), (text) => text);
  } catch (error) {
    return `failed: ${describeRenderError(error)}`;
  }
}

/** The same source, rendered by the engine alone. */
const inEngine = (source: string) => `{% for i in (1..1) %}${source}{% endfor %}`;

describe("link tags", () => {
  it.each([
    ['<a href="{% link 3 %}">', {}, '<a href="https://t.example/3&amp;">'],
    [
      "{% tracked 4 %}https://x.example/?c={{ recipient.c | url_encode }}&d=1{% endtracked %}",
      { c: "a&b<" },
      "https://t.example/4&amp;https://x.example/?c=a%26b%3C&amp;d=1",
    ],
    [
      "{% tracked 4 %}{{ recipient.c }}{% endtracked %}",
      { c: 'https://x.example/"&<>' },
      "https://t.example/4&amp;https://x.example/&#34;&amp;&lt;&gt;",
    ],
    [
      "{% tracked 4 %} {{ recipient.c }}\n{% endtracked %}",
      { c: "HTTP://x.example/é ü" },
      "https://t.example/4&amp;HTTP://x.example/%C3%A9%20%C3%BC",
    ],
    [
      "{% tracked 4 %}{{ recipient.c }}{% endtracked %}",
      { c: "https://x.example/\ud800" },
      "https://t.example/4&amp;https://x.example/%EF%BF%BD",
    ],
    [
      "{% tracked 4 %}{{ recipient.c }}{% endtracked %}",
      { c: "mailto:a@b.example?subject=a&b" },
      "mailto:a@b.example?subject=a&amp;b",
    ],
    ["{% tracked 4 %}{{ recipient.c }}{% endtracked %}", { c: "tel:+33 1" }, "tel:+33%201"],
    ["{% tracked 4 %}{{ recipient.c }}{% endtracked %}", { c: "javascript:alert(1)" }, "#"],
    ["{% tracked 4 %}{{ recipient.c }}{% endtracked %}", { c: "java\nscript:alert(1)" }, "#"],
    ["{% tracked 4 %}{{ recipient.c }}{% endtracked %}", { c: "\u0001javascript:alert(1)" }, "#"],
    ["{% tracked 4 %}{{ recipient.c }}{% endtracked %}", { c: "https:///x" }, "#"],
    ["{% tracked 4 %}{{ recipient.c }}{% endtracked %}", { c: "data:text/html,x" }, "#"],
    ["{% tracked 4 %}{{ recipient.c }}{% endtracked %}", {}, "#"],
    [
      "{% tracked 4 %}{% if recipient.c %}https://a.example/{% else %}https://b.example/{% endif %}{% endtracked %}",
      {},
      "https://t.example/4&amp;https://b.example/",
    ],
    [
      "{% for p in recipient.list %}{% tracked 4 %}https://x.example/{{ p }}{% endtracked %} {% endfor %}",
      { list: ["a", "b"] },
      "https://t.example/4&amp;https://x.example/a https://t.example/4&amp;https://x.example/b ",
    ],
    [
      "{{ message.mirror_url }}|{{ message.mirror_url }}",
      {},
      "https://m.example/?a&amp;read=1|https://m.example/?a&amp;read=2",
    ],
    ["{{ platform.name }}{{ delivery.season }}", {}, "ShopMay"],
  ])("%s with %o gives %s, as it does in the engine", (source, recipient, expected) => {
    expect(render(source, recipient)).toBe(expected);
    expect(render(inEngine(source), recipient)).toBe(expected);
  });

  it("escapes nothing in text", () => {
    expect(render("{% link 3 %}", {}, "text")).toBe("https://t.example/3&");
    expect(render("{% tracked 3 %}{{ recipient.c }}{% endtracked %}", { c: "x" }, "text")).toBe("");
    expect(render("{% tracked 3 %}https://x.example/{% endtracked %}", {}, "text")).toBe(
      "https://t.example/3&https://x.example/",
    );
  });

  it.each([
    ["{% link %}", true, '1:1 the tag "link" needs the number of a link'],
    ["{% link 0 %}", true, '1:1 the tag "link" needs the number of a link'],
    ["{% tracked x %}{% endtracked %}", true, '1:1 the tag "tracked" needs the number of a link'],
    ["a\n{% tracked 1 %}x", true, "2:1 tag {% tracked 1 %} not closed"],
    [
      "{% tracked 1 %}{{ foo }}{% endtracked %}",
      true,
      '1:19 unknown variable "foo": attributes of the recipient are written recipient.foo',
    ],
    ["a\n {% link 1 %}", false, '2:2 the tag "link" is for Envoi itself: write the address of the link'],
    [
      "{% if recipient.a %}{% tracked 1 %}x{% endtracked %}{% endif %}",
      false,
      '1:21 the tag "tracked" is for Envoi itself: write the address of the link',
    ],
    [
      "{{ delivery.other }}",
      true,
      '1:4 unknown variable "delivery.other": there are delivery.id, delivery.label, delivery.sender_name, delivery.season',
    ],
    [
      "{{ clickUrl }}",
      true,
      '1:4 unknown variable "clickUrl": attributes of the recipient are written recipient.clickUrl',
    ],
    ["{{ platform.logo }}", true, '1:4 unknown variable "platform.logo": there are platform.name, platform.logo_url'],
    ["{{ (recipient.a | nope) }}", true, "1:19 undefined filter: nope"],
    ["{{ recipient.a | date: '%d', 'xx' }}", true, `1:18 unknown locale "xx": there are en, fr, es, de, it, pt, nl`],
    [
      "{{ 'a' | append: (recipient.a | number: 'french') }}",
      true,
      `1:33 unknown locale "french": there are en, fr, es, de, it, pt, nl`,
    ],
    [
      "{% assign x = recipient.a | percent: 'xx' %}",
      true,
      `1:29 unknown locale "xx": there are en, fr, es, de, it, pt, nl`,
    ],
    ["{{ recipient.a | currency }}", true, `1:18 "currency" needs a currency, as in currency: 'EUR', 'fr'`],
    ["{{ recipient.a | currency: 'EURO' }}", true, '1:18 "EURO" is no currency: three letters such as EUR'],
  ])("%s (internal: %s): %s", (source, internal, expected) => {
    const parsed = parseTemplate(source, { kind: "html", internal, variables: ["season"] });
    const errors = parsed.kind === "errors" ? parsed.errors : [];
    expect(errors.map((e) => `${e.line}:${e.column} ${e.message}`)).toEqual([expected]);
  });
});

describe("filters for people", () => {
  it.each([
    ["{{ recipient.a | smart_case }}", { a: "o'NEIL & co" }, "O&#39;Neil &amp; Co"],
    ["{{ recipient.a | date: '%A %-d %B %Y', 'fr' }}", { a: "2026-02-03" }, "mardi 3 février 2026"],
    ["{{ recipient.a | date: '%a %b', recipient.l }}", { a: "2026-02-03", l: "de_AT" }, "Di Feb."],
    ["{{ recipient.a | date: '%B', recipient.l }}", { a: "2026-02-03", l: "ja" }, "February"],
    ["{{ recipient.a | number: 'de' }} {{ recipient.a | number: 'de', 2 }}", { a: "1234.5" }, "1.234,5 1.234,50"],
    ["{{ recipient.a | number }}", { a: "n/a" }, "n/a"],
    ["{{ recipient.a | currency: 'eur', 'de' }}", { a: "1234.5" }, "1.234,50\u00a0€"],
    [
      "{{ recipient.a | currency: recipient.c }}",
      { a: 1, c: "x" },
      'failed: "X" is no currency: three letters such as EUR',
    ],
    ["{{ recipient.a | percent: 'fr', 1 }}", { a: 12 }, "12,0\u00a0%"],
    ["{{ recipient.a | url_encode }}", { a: "\ud800 &" }, "%EF%BF%BD+%26"],
    ["{{ recipient.a | append: (recipient.b | upcase) }}", { a: "x", b: "y" }, "xY"],
    ["{% if (recipient.a == 1 or recipient.b == 1) and recipient.c == 1 %}1{% else %}2{% endif %}", { a: 1 }, "2"],
  ])("%s with %o gives %s", (source, recipient, expected) => {
    expect(render(source, recipient)).toBe(expected);
    expect(render(inEngine(source), recipient)).toBe(expected);
  });
});

describe("what a rendering misses", () => {
  const cases: [string, Recipient, string[]][] = [
    ["{{ recipient.a }}{{ recipient.b }}", { a: " ", b: "x" }, ["recipient.a"]],
    ["{{ recipient.a | upcase | append: recipient.b }}", {}, ["recipient.a", "recipient.b"]],
    ["{{ recipient.a | default: 'you' }}", {}, []],
    ["{% if recipient.a != blank %}{{ recipient.a }}{% endif %}", {}, []],
    ["{% if recipient.a %}1{% else %}{{ recipient.b }}{% endif %}", { b: null }, ["recipient.b"]],
    ["{% assign x = recipient.a %}{{ x }}", {}, ["recipient.a"]],
    ["{% assign x = recipient.a | default: 'x' %}{{ x }}", {}, []],
    [
      "{% case recipient.a %}{% when 'x' %}{{ recipient.b }}{% else %}{{ recipient.c }}{% endcase %}",
      {},
      ["recipient.c"],
    ],
    ["{% for i in (1..2) %}{{ recipient.a }}{% endfor %}", {}, ["recipient.a"]],
    ["{% liquid\n echo recipient.a %}", {}, ["recipient.a"]],
    ["{% tracked 1 %}https://x.example/{{ recipient.a }}{% endtracked %}", {}, ["recipient.a"]],
    ["{{ recipient.a }}", { a: 0 }, []],
    ["{{ recipient.a == 1 }}", {}, []],
  ];
  it.each(cases)("%s with %o: %o", (source, recipient, expected) => {
    const missing = new Set<string>();
    const made = render(source, recipient, "html", { missing });
    expect([...missing].sort()).toEqual(expected);
    expect(render(source, recipient)).toBe(made);
    const again = new Set<string>();
    render(inEngine(source), recipient, "html", { missing: again });
    expect([...again].sort()).toEqual(expected);
  });
});

describe("budgets", () => {
  const loop = "{% for i in (1..3000) %}{% for j in (1..10) %}.{% endfor %}{% endfor %}";
  it.each([
    [5000, loop, /^\.{30000}$/],
    [500, loop, /^failed: the template loops too often$/],
    [60_000, loop.repeat(4), /^\.{120000}$/],
    [0, loop.repeat(8), /^\.{240000}$/],
    [0, "{% for i in (1..99999999) %}x{% endfor %}", /^failed: the template needs too much memory$/],
    [3_600_000, "{% for i in (1..99999999) %}x{% endfor %}", /^failed: the template needs too much memory$/],
  ])("%i ms", (timeout, source, expected) => {
    expect(render(source, {}, "text", { budget: budgetFor(timeout) })).toMatch(expected);
  });

  it("follow the timeout", () => {
    expect(budgetFor(5000)).toEqual({ steps: 200_000, memory: 8_000_000 });
    expect(budgetFor(1000)).toEqual({ steps: 40_000, memory: 1_600_000 });
    expect(budgetFor(0)).toEqual({ steps: Number.POSITIVE_INFINITY, memory: 8_000_000 });
    expect(budgetFor(86_400_000).memory).toBe(64_000_000);
  });
});

describe("direct functions", () => {
  const operand = fc.constantFrom(..."recipient.a recipient.b delivery.id platform.name".split(" "));
  const literal = fc.constantFrom(
    "' '",
    ..."'x' '' '5' 5 0 -1 1.5 true false nil null blank empty recipient.b".split(" "),
  );
  const sign = fc.constantFrom(..."== != < > <= >= contains".split(" "));
  const comparison = fc.oneof(
    operand,
    fc.tuple(operand, sign, literal).map((parts) => parts.join(" ")),
  );
  const joint = fc.constantFrom(" and ", " or ");
  const condition = fc
    .array(fc.tuple(comparison, joint), { minLength: 1, maxLength: 4 })
    .map((parts) => parts.map(([test, word], i) => (i === 0 ? test : word + test)).join(""));
  const value = fc.oneof(
    fc.constantFrom<unknown>(
      undefined,
      null,
      "",
      " ",
      "x",
      "5",
      5,
      0,
      true,
      false,
      ["x"],
      [],
      {},
      { x: 1 },
      "7",
      "Shop",
    ),
    fc.string(),
    fc.double(),
  );

  it("say what the engine says", () => {
    fc.assert(
      fc.property(condition, value, value, (test, a, b) => {
        const source = `{% if ${test} %}1{% elsif recipient.a %}2{% else %}3{% endif %}{{ recipient.a }}{{ recipient.b | upcase }}`;
        const recipient = { ...(a === undefined ? {} : { a }), b };
        expect(render(source, recipient)).toBe(render(inEngine(source), recipient));
      }),
      { numRuns: 3000 },
    );
  });

  it("read own properties only", () => {
    const inherited = Object.create({ a: "inherited" }) as Recipient;
    for (const source of ["{{ recipient.a }}{{ recipient.toString }}{% if recipient.a == 'inherited' %}!{% endif %}"]) {
      expect(render(source, inherited)).toBe("");
      expect(render(inEngine(source), inherited)).toBe("");
    }
  });
});
