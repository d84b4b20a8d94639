import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { markup } from "./fixtures/markup.ts";
import { mapLiquid } from "./liquid-map.ts";
import { tokenise } from "./tokenise.ts";

/** Tokens as text: kind, source; attributes of start tags with their values. */
function show(source: string): string[] {
  return tokenise(source, mapLiquid(source)).map((token) => {
    if (token.kind !== "start") return `${token.kind} ${source.slice(token.start, token.end)}`;
    const attributes = token.attributes.map(
      ({ name, value }) => `${name}=${value ? source.slice(value.start, value.end) : "∅"}`,
    );
    return [`start ${token.name}`, ...attributes].join(" | ");
  });
}

describe("tokenise", () => {
  it.each([
    ["a<b>c</b>", ["text a", "start b", "text c", "end </b>"]],
    ["1 < 2 <3 </ x> <", ["text 1 < 2 <3 ", "comment </ x>", "text  <"]],
    [`<A HREF=x Title='a>b' c>`, ["start a | href=x | title=a>b | c=∅"]],
    ["<a href = x\n>", ["start a | href=x"]],
    ["<a href=x/>", ["start a | href=x/"]],
    ["<a/b=c>", ["start a | b=c"]],
    ["<a =b c=>", ["start a | =b=∅ | c="]],
    ['<a b="c', ['text <a b="c']],
    ["<!-- a --><b><!----><!--><i>", ["comment <!-- a -->", "start b", "comment <!---->", "comment <!-->", "start i"]],
    ["<!-- a --!>b", ["comment <!-- a --!>", "text b"]],
    ["<!-- a > b", ["comment <!-- a > b"]],
    [
      "<!DOCTYPE html><?xml x?><![if !mso]>a",
      ["comment <!DOCTYPE html>", "comment <?xml x?>", "comment <![if !mso]>", "text a"],
    ],
    ["<style>a<b></style >c", ["start style", "raw a<b>", "end </style >", "text c"]],
    ["<STYLE></Style><script>a", ["start style", "end </Style>", "start script", "raw a"]],
    ["<title></titles></title>", ["start title", "raw </titles>", "end </title>"]],
    ["{{ '<b>' }}<b>", ["liquid {{ '<b>' }}", "start b"]],
    ["a{% if x < 1 %}b{% endif %}", ["text a", "liquid {% if x < 1 %}", "text b", "liquid {% endif %}"]],
    ['<a {% if a > 1 %}b="c"{% endif %} d>', ["start a | b=c | d=∅"]],
    ["<a {% if a %}b=c{% endif %}>", ["start a | b=c"]],
    ["<a b={% if a %}c{% else %}d{% endif %}>", ["start a | b={% if a %}c{% else %}d{% endif %}"]],
    ["<a b={{ c | default: 'd e' }}f>", ["start a | b={{ c | default: 'd e' }}f"]],
    [`<a b="{{ c | default: "d" }}">`, [`start a | b={{ c | default: "d" }}`]],
    ["<a {{ b }} c-{{ d }}=e>", ["start a | {{ b }}=∅ | c-{{ d }}=e"]],
    ["<!-- {{ '-->' }} -->a", ["comment <!-- {{ '-->' }} -->", "text a"]],
    ["<style>{{ '</style>' }}</style>", ["start style", "raw {{ '</style>' }}", "end </style>"]],
    ["<v:rect href=a/></o:p>", ["start v:rect | href=a/", "end </o:p>"]],
  ])("%s", (source, expected) => {
    expect(show(source)).toEqual(expected);
  });

  it.each([
    ["<!--[if mso]>a<![endif]-->", "a"],
    ["<!--[if (gte mso 9)|(IE)]> <b> <![endif]-->", " <b> "],
    ["<!--[if mso]>a<!--<![endif]-->", "a<!--"],
    ["<!--[if !mso]><!-->", null],
    ["<!--<![endif]-->", null],
    ["<!-- [if mso]>a -->", null],
    ["<!--[if mso]><![endif]-->", null],
  ])("the inside of %s is %j", (source, expected) => {
    const [token] = tokenise(source, mapLiquid(source));
    const inner = token?.kind === "comment" ? token.inner : undefined;
    expect(inner ? source.slice(inner.start, inner.end) : inner).toBe(expected);
  });

  it("covers any source without a gap", () => {
    fc.assert(
      fc.property(markup, (source) => {
        let at = 0;
        for (const token of tokenise(source, mapLiquid(source))) {
          expect(token.start).toBe(at);
          expect(token.end).toBeGreaterThan(at);
          at = token.end;
        }
        expect(at).toBe(source.length);
      }),
    );
  });
});
