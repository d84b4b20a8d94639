import { describe, expect, it } from "vitest";

import { inlineCss } from "./inline-css.ts";

/** The body after the rules went in. */
const inline = (css: string, body: string) =>
  inlineCss(`<style>${css}</style>${body}`).html.slice(`<style>${css}</style>`.length);

describe("inlineCss", () => {
  it.each([
    ["p{color:red}", "<p>", '<p style="color:red">'],
    ["p{color:red}", "<P CLASS=x>", '<P style="color:red" CLASS=x>'],
    ["p { color : red ; top:1px; }", "<p/>", '<p style="color:red;top:1px"/>'],
    ["P.x{COLOR:Red}", "<p class='y x'>", `<p style="color:Red" class='y x'>`],
    // what the element says itself wins, unless a rule is important
    ["p{color:red;top:1px}", '<p style="color:blue">', '<p style="top:1px;color:blue">'],
    ["p{color:red!important}", '<p style="color:blue;">', '<p style="color:blue;color:red">'],
    ["p{color:red!important}", '<p style="color:blue!important">', '<p style="color:blue!important">'],
    ["p{color:red}", "<p style='top:\"x\"'>", "<p style='color:red;top:\"x\"'>"],
    ["p{color:red}", "<p style=top:1px>", '<p style="color:red;top:1px">'],
    ["p{color:red}", "<p style>", '<p style="color:red">'],
    ["p{color:red}", '<p style="">', '<p style="color:red">'],
    ["p{color:red}", '<p style="{{ recipient.a }}">', '<p style="color:red;{{ recipient.a }}">'],
    ["p{color:red}", '<p style="color:{{ recipient.a }}">', '<p style="color:{{ recipient.a }}">'],
    [
      "p{color:red}",
      '<p style="{% if a %}color:blue{% endif %}">',
      '<p style="color:red;{% if a %}color:blue{% endif %}">',
    ],
    // specificity, then order
    ["#a{color:a} .b{color:b} p{color:c}", "<p id=a class=b>", '<p style="color:a" id=a class=b>'],
    [".b{color:b} .a{color:a}", '<p class="a b">', '<p style="color:a" class="a b">'],
    ["p.a{color:b} .a{color:a}", "<p class=a>", '<p style="color:b" class=a>'],
    ["p{color:b!important} #a{color:a}", "<p id=a>", '<p style="color:b" id=a>'],
    [":where(#a){color:b} p{color:a}", "<p id=a>", '<p style="color:a" id=a>'],
    ["p:not(.b){color:a}", "<p class=b><p>", '<p class=b><p style="color:a">'],
    // shorthands keep their place, fallbacks stay together
    ["p{background-color:a} .b{background:b}", "<p class=b>", '<p style="background-color:a;background:b" class=b>'],
    ["p{top:1px;top:2px} .b{left:0}", "<p class=b>", '<p style="top:1px;top:2px;left:0" class=b>'],
    // selectors
    ["div > p{a:b} div p{c:d}", "<div><p><b><p>", '<div><p style="a:b;c:d"><b><p style="a:b;c:d">'],
    ["td td{a:b}", "<table><tr><td><table><tr><td>", '<table><tr><td><table><tr><td style="a:b">'],
    ["td td{a:b}", "<table><tr><td>1<td>2", "<table><tr><td>1<td>2"],
    ["li:nth-child(2){a:b}", "<ul><li>1<li>2<li>3</ul>", '<ul><li>1<li style="a:b">2<li>3</ul>'],
    ["h1 + p{a:b}", "<h1></h1><p></p><p></p>", '<h1></h1><p style="a:b"></p><p></p>'],
    ['[data-x="1"]{a:b}', "<p data-x=1><p data-x=2>", '<p style="a:b" data-x=1><p data-x=2>'],
    ["*{a:b}", "<p><title></title>", '<p style="a:b"><title></title>'],
    ["a:link,a:visited{a:b}", "<a href=x><a name=y>", '<a style="a:b" href=x><a name=y>'],
    // what stays in the style sheet only
    ["p:hover,p::before,p:first-letter{a:b}", "<p>", "<p>"],
    ["@media screen{p{a:b}} @font-face{a:b} @supports (a:b){p{c:d}}", "<p>", "<p>"],
    [".a:b", "<p>", "<p>"],
    ["p{}", "<p>", "<p>"],
    // Liquid in values
    ['p{color:{{ a | default: "x" }}}', "<p>", '<p style="color:{{ a | default: "x" }}">'],
    [
      "p{color:{% if a %}b{% else %}c{% endif %};top:1px}",
      "<p>",
      '<p style="color:{% if a %}b{% else %}c{% endif %};top:1px">',
    ],
    // quotes and references
    ['p{font:"A", b}', "<p>", `<p style="font:'A', b">`],
    ["p{font:'A', b}", "<p style='a:b'>", "<p style='font:\"A\", b;a:b'>"],
    [`p{a:"it's"}`, "<p>", `<p style="a:&quot;it's&quot;">`],
    ["p{a:url(x?b=1&c=2)}", "<p>", '<p style="a:url(x?b=1&amp;c=2)">'],
    ["p{a:b\n   c}", "<p>", '<p style="a:b c">'],
  ])("%s on %s", (css, body, expected) => {
    expect(inline(css, body)).toBe(expected);
  });

  it.each([
    // a class or attribute that only some have leaves the decision to the style sheet, with all it could override
    [
      ".a{color:a} p{color:b;top:c}",
      '<p class="{% if x %}a{% endif %}">',
      '<p style="top:c" class="{% if x %}a{% endif %}">',
    ],
    [".a{color:a} p{top:c}", '<p {% if x %}class="a"{% endif %}>', '<p style="top:c" {% if x %}class="a"{% endif %}>'],
    [".a{color:a}", '<p class="a {{ x }}">', '<p style="color:a" class="a {{ x }}">'],
    [
      ".b{background:a} p{background-color:b}",
      '<p class="{% if x %}b{% endif %}">',
      '<p class="{% if x %}b{% endif %}">',
    ],
    // so does a rule that only some get
    ["{% if x %}p{color:a}{% endif %} p{top:b}", "<p>", '<p style="top:b">'],
    ["p{top:b} {% if x %}p{color:a}{% endif %} ", "{% if y %}<p>{% endif %}", '{% if y %}<p style="top:b">{% endif %}'],
    ["p{ {% if x %}color:a;{% endif %} top:b }", "<p>", '<p style="top:b">'],
    [".{{ x }}{a:b} p{c:d}", "<p class=x>", '<p style="c:d" class=x>'],
    ["{{ x }}\np{c:d}", "<p>", '<p style="c:d">'],
    // a style attribute that only some have cannot be joined
    ["p{a:b}", '<p {% if x %}style="c:d"{% endif %}>', '<p {% if x %}style="c:d"{% endif %}>'],
    // siblings that only some have
    ["li:first-child{a:b}", "<ul>{% if x %}<li>{% endif %}<li></ul>", "<ul>{% if x %}<li>{% endif %}<li></ul>"],
    ["li:first-child b{a:b}", "<ul><li><b></b></li></ul>", '<ul><li><b style="a:b"></b></li></ul>'],
  ])("with conditions: %s on %s", (css, body, expected) => {
    expect(inline(css, body)).toBe(expected);
  });

  it("applies rules inside of the branch that has them", () => {
    const branch = (color: string) => `<style>p{color:${color}}</style><p>`;
    expect(inlineCss(`{% if x %}${branch("a")}{% else %}${branch("b")}{% endif %}`).html).toBe(
      `{% if x %}${branch("a").replace("<p>", '<p style="color:a">')}{% else %}${branch("b").replace("<p>", '<p style="color:b">')}{% endif %}`,
    );
  });

  it.each([
    "<style data-envoi-inline=false>p{a:b}</style><p>",
    "<style data-embed>p{a:b}</style><p>",
    "<style media=print>p{a:b}</style><p>",
    "<!--[if mso]><style>p{a:b}</style><p><![endif]--><p>",
    "<!-- <style>p{a:b}</style> --><p>",
    "{% raw %}<style>p{a:b}</style>{% endraw %}<p>",
    "<style>q{a:b}</style><p>",
    "<p style='a:b' a='\"'>",
  ])("leaves %s alone", (html) => {
    expect(inlineCss(html)).toEqual({ html, problems: [] });
  });

  it("says what is not CSS, and takes the rest", () => {
    const { html, problems } = inlineCss("<p>\n<style>\np..x { a: b }\n p { c: d; oops; e: f }</style>");
    expect(html).toBe('<p style="c:d;e:f">\n<style>\np..x { a: b }\n p { c: d; oops; e: f }</style>');
    expect(problems).toEqual([
      { line: 3, column: 1, message: "this selector is not CSS: its rule is ignored" },
      { line: 4, column: 12, message: '"oops;" is not a declaration of CSS: it is ignored' },
    ]);
  });

  it("ends with a problem before it takes too long", () => {
    const html = `<style>${".a{b:c}".repeat(5000)}</style>\n${"<i class=a>".repeat(1000)}`;
    const inlined = inlineCss(html);
    expect(inlined.problems).toEqual([
      { line: 2, column: expect.any(Number), message: expect.stringContaining("too many") },
    ]);
    expect(inlined.html.length).toBeGreaterThan(html.length);
  });
});
