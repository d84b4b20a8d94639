import { describe, expect, it } from "vitest";

import { describeRenderError, type TemplateKind } from "./engine.ts";
import { parseTemplate } from "./parse-template.ts";
import { execute, startRun } from "./program.ts";

function render(source: string, recipient: Record<string, unknown> = {}, kind: TemplateKind = "html"): string {
  const parsed = parseTemplate(source, { kind });
  if (parsed.kind === "errors") throw new Error(JSON.stringify(parsed.errors));
  const message = { id: "12-3.7.x", key: "12-3", date: "2026-02-03T04:05:06.000Z" };
  const clickUrl = (link: number, url: string | null) => `https://t.example/${link}?${url ?? ""}`;
  const scope = { recipient, delivery: { id: "7", label: "Spring" }, message, platform: { name: "Shop" }, clickUrl };
  try {
    return execute(parsed.program, startRun(kind, scope), (text) => text);
  } catch (error) {
    return `failed: ${describeRenderError(error)}`;
  }
}

function errorsOf(source: string) {
  const parsed = parseTemplate(source, { kind: "html" });
  return parsed.kind === "errors" ? parsed.errors.map((e) => `${e.line}:${e.column} ${e.message}`) : [];
}

describe("parseTemplate", () => {
  it.each([
    ["{{ recipient.a }}", { a: "x" }, "x"],
    ["{{ recipient.a }}", {}, ""],
    ["{{ recipient.a }}", { a: null }, ""],
    ["{{ recipient.a }}", { a: 12.5 }, "12.5"],
    ["{{ recipient.a }}", { a: ["x", "<"] }, "x&lt;"],
    ["{{ recipient.A }}", { a: "x" }, ""],
    ["{{ recipient.first-name }} {{ recipient.b_2 }}", { "first-name": "x", b_2: "y" }, "x y"],
    ["{{ recipient['first name'] }}", { "first name": "x" }, "x"],
    ["{{ recipient.a }}", { a: `<b a="1">'&` }, "&lt;b a=&#34;1&#34;&gt;&#39;&amp;"],
    ["{{ recipient.a | raw }}", { a: "<b>" }, "<b>"],
    ["{{ recipient.a | escape }}", { a: "<&>" }, "&lt;&amp;&gt;"],
    ["{{ recipient.a | newline_to_br }}", { a: "<b>\nx" }, "&lt;b&gt;<br />\nx"],
    ["{{ recipient.a | url_encode }}", { a: "a b&é" }, "a+b%26%C3%A9"],
    ["{{ recipient.a | upcase | append: '<' }}", { a: "x" }, "X&lt;"],
    ["{{ recipient.a | default: 'you' }}", { a: "" }, "you"],
    ["{{ recipient.a | default: delivery.label }}", {}, "Spring"],
    ["{% if recipient.a %}1{% else %}2{% endif %}", { a: "" }, "1"],
    ["{% if recipient.a %}1{% else %}2{% endif %}", {}, "2"],
    ["{% if recipient.a == 'x' %}1{% elsif recipient.a == 'y' %}2{% endif %}", { a: "y" }, "2"],
    ["{% if recipient.a != 'x' and recipient.b %}1{% endif %}", { b: "1" }, "1"],
    ["{% if recipient.a == blank %}1{% endif %}", { a: " " }, "1"],
    ["{% unless recipient.a %}1{% else %}2{% endunless %}", {}, "1"],
    ["{% case recipient.a %}{% when 'x', 'y' %}1{% else %}2{% endcase %}", { a: "y" }, "1"],
    ["{% assign n = recipient.a | upcase %}{% if n == 'X' %}{{ n }}{% endif %}", { a: "x" }, "X"],
    ["{% capture c %}<{{ recipient.a }}>{% endcapture %}{{ c | raw }}", { a: "x" }, "<x>"],
    ["{% for t in recipient.a %}{% if t == 'b' %}{% break %}{% endif %}{{ t }}{% endfor %}", { a: ["a", "b"] }, "a"],
    ["{% raw %}{{ x }}{% endraw %}{% comment %}{{ y }}{% endcomment %}", {}, "{{ x }}"],
    ["a  {{- recipient.a -}}  b", { a: "x" }, "axb"],
    ["{{ recipient.size }}", { a: "1", b: "2" }, ""],
    ["{{ recipient.size | default: 'none' }}{% if recipient.size > 0 %}!{% endif %}", { a: "1" }, "none"],
    ["{{ recipient.constructor }}{{ recipient.toString }}{{ recipient.__proto__ }}", { a: "1" }, ""],
    [
      "{{ 'now' | date: '%Y-%m-%d %H:%M' }} {{ message.date | date: '%-d %B %Y' }}",
      {},
      "2026-02-03 04:05 3 February 2026",
    ],
    ["{{ delivery.id }} {{ message.key }}", {}, "7 12-3"],
  ])("%s with %o gives %s", (source, recipient, expected) => {
    expect(render(source, recipient)).toBe(expected);
  });

  it("does not escape text and headers", () => {
    expect(render("{{ recipient.a }}", { a: "<&>" }, "text")).toBe("<&>");
    expect(render("{{ recipient.a }}", { a: "<&>" }, "header")).toBe("<&>");
  });

  it("never evaluates a value", () => {
    const hostile = "{{ delivery.id }}{% for i in (1..9) %}x{% endfor %}";
    expect(render("{{ recipient.a }}{% assign b = recipient.a %}{{ b }}", { a: hostile }, "text")).toBe(
      hostile + hostile,
    );
  });

  it.each([
    ["a\n  {{ foo }}", ['2:6 unknown variable "foo": attributes of the recipient are written recipient.foo']],
    ["a\r\n\r\n{{ foo }}", ['3:4 unknown variable "foo": attributes of the recipient are written recipient.foo']],
    ["{{ a }}\n{{ b }}", [expect.stringMatching(/^1:4 /), expect.stringMatching(/^2:4 /)]],
    ["{{ recipient }}", ['1:4 "recipient" needs an attribute, as in recipient.first_name']],
    [
      "{{ delivery.x }}",
      ['1:4 unknown variable "delivery.x": there are delivery.id, delivery.label, delivery.sender_name'],
    ],
    ["{{ recipient[delivery.id] }}", ['1:4 the attribute after "recipient" must be written out, not computed']],
    ["{{ x }}{% assign x = 1 %}", [expect.stringContaining('unknown variable "x"')]],
    ["{% for i in recipient.a %}{% endfor %}{{ i }}", [expect.stringContaining('unknown variable "i"')]],
    ["{{ constructor }}", [expect.stringContaining('unknown variable "constructor"')]],
    ["{% assign recipient = 1 %}", ['1:11 "recipient" cannot be assigned']],
    ["{% for message in recipient.a %}{% endfor %}", ['1:1 "message" cannot be a loop variable']],
    ["{% liquid\n assign a = 1\n echo foo %}", [expect.stringMatching(/^3:7 unknown variable "foo"/)]],
    [
      "{% if recipient.a %}{% case recipient.b %}{% when 1 %}{% continue %}{% endcase %}{% endif %}",
      [expect.stringMatching(/^1:\d+ break and continue/)],
    ],
    [
      "{% tablerow t in recipient.a %}{{ t }}{{ u }}{% endtablerow %}",
      [expect.stringContaining('unknown variable "u"')],
    ],
    ["{% increment n %}{{ n }}{% cycle 'a', b %}", [expect.stringContaining('unknown variable "b"')]],
    ["{% break %}", ["1:1 break and continue belong inside a loop"]],
    ["x\n{{ recipient.a", ['2:1 output "{{ recipient.a" not closed']],
    ["x\n {% if recipient.a %}", ["2:2 tag {% if recipient.a %} not closed"]],
    ["{% nope %}", ['1:1 tag "nope" not found']],
    ["{{ recipient.a | nope }}", ["1:1 undefined filter: nope"]],
    ["{{ recipient.a | sample }}", ["1:1 undefined filter: sample"]],
    ["{{ recipient.a | where_exp: 'i', 'recipient.b' }}", ["1:1 undefined filter: where_exp"]],
    ["{% include '/etc/passwd' %}", ['1:1 the tag "include" needs another file, and a message has none']],
    ["{% render 'x' %}", [expect.stringContaining('the tag "render" needs another file')]],
    ["{% layout 'x' %}", [expect.stringContaining('the tag "layout" needs another file')]],
    [
      "a\n".repeat(3) + "{{ recipient.a }}".repeat(10_001),
      ["4:170001 the template has more than 10000 outputs and tags"],
    ],
    [`a\n{% liquid${"\n echo 1".repeat(10_000)} %}`, ["2:1 the template has more than 10000 outputs and tags"]],
    ["{% if recipient.a %}".repeat(101) + "{% endif %}".repeat(101), ["1:1981 the template is nested too deeply"]],
    ["{% if recipient.a %}".repeat(9000), [expect.stringContaining("nested too deeply")]],
  ])("%.60s: %o", (source, expected) => {
    expect(errorsOf(source)).toEqual(expected);
  });

  it("finds every attribute that can be read, with its place", () => {
    const parsed = parseTemplate(
      "{{ recipient.a }}\n{% for i in recipient.list limit: recipient.n %}{{ i | append: recipient.b }}{% endfor %}\n" +
        "{% if recipient.c == recipient.d %}{% assign e = recipient.e.deep %}{{ e }}{% endif %}{% cycle recipient.f, 'x' %}" +
        "{% for j in (1..recipient.g) %}{% endfor %}{% case recipient.h %}{% when recipient.k %}{% endcase %}",
      { kind: "text" },
    );
    const found = parsed.kind === "parsed" ? parsed.attributes : [];
    expect(found.map((a) => a.name).sort()).toEqual(["a", "b", "c", "d", "e", "f", "g", "h", "k", "list", "n"]);
    expect(found[0]).toEqual({ path: "recipient.a", name: "a", line: 1, column: 4, offset: 3 });
    expect(found.find((a) => a.name === "list")).toEqual({
      path: "recipient.list",
      name: "list",
      line: 2,
      column: 13,
      offset: 30,
    });
  });

  it.each([
    ["an endless loop", "{% for i in (1..99999999999) %}x{% endfor %}", "the template needs too much memory"],
    [
      "nested loops without output",
      "{% for i in (1..9999) %}{% for j in (1..999) %}{% endfor %}{% endfor %}",
      expect.stringMatching(/loops too often|too much memory/),
    ],
    [
      "growing text",
      "{% assign s = 'xxxxxxxxxx' %}{% for i in (1..50) %}{% assign s = s | append: s %}{% endfor %}{{ s }}",
      "the template needs too much memory",
    ],
    [
      "growing capture",
      "{% capture s %}xxxxxxxxxx{% endcapture %}{% for i in (1..50) %}{% capture s %}{{ s }}{{ s }}{% endcapture %}{% endfor %}",
      "the template needs too much memory",
    ],
    ["long output", `{% for i in (1..50000) %}${"x".repeat(100)}{% endfor %}`, "the result is too large"],
    ["long values", "{{ recipient.a }}{{ recipient.a }}{{ recipient.a }}", "the result is too large"],
  ])("stops %s", (_, source, expected) => {
    const outcome = render(source, { a: "x".repeat(900_000) }, "text");
    expect(outcome.slice(0, 8)).toBe("failed: ");
    expect(outcome.slice(8)).toEqual(expected);
  });
});
