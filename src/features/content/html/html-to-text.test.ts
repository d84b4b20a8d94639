import { describe, expect, it } from "vitest";

import { htmlToText } from "./html-to-text.ts";

const long = "word ".repeat(30).trim();

describe("htmlToText", () => {
  it.each([
    ["", ""],
    ["<p></p>", ""],
    [" a\n <b>b</b>c  <i> d</i> ", "a bc d\n"],
    ["<p>a</p><p>b</p>c<div>d</div>e", "a\n\nb\n\nc\nd\ne\n"],
    ["a<br>b<br><br><br><br>c", "a\nb\n\nc\n"],
    ["<h1>A</h1>b<hr>c", "A\n\nb\n--------------------\nc\n"],
    ["&lt;a&gt; &amp; &eacute;&#8364;&nbsp;1&nbsp;&nbsp;x", "<a> & é€\u00a01 x\n"],
    ["a\u200bb&shy;c&zwnj;&nbsp;&zwnj;&nbsp;", "abc\n"],
    ["<ul><li>a<li><p>b</p></ul><ol><li>c</li><li>d</li></ol>", "* a\n* b\n\n1. c\n2. d\n"],
    ["<pre>a\n b\n\nc</pre>", "a\nb\n\nc\n"],
    // links
    ["<a href='http://a.example/?b&amp;c'>a</a>.", "a (http://a.example/?b&c).\n"],
    [
      "<a href='http://www.a.example/'>a.example</a> <a href=http://b.example>http://b.example</a>",
      "a.example http://b.example\n",
    ],
    [
      "<a href=mailto:a@b.example?subject=x>Mail</a> <a href='mailto:a@b.example'>a@b.example</a> <a href=tel:+33>Call</a>",
      "Mail (a@b.example) a@b.example Call (+33)\n",
    ],
    ["<a href=#x>up</a> <a href=/y>path</a> <a name=z>name</a> <a href=javascript:x>js</a>", "up path name js\n"],
    [
      "<a href='http://a.example/b c'><img src=x alt='A &amp; b'></a> <a href=http://c.example><img src=y></a>",
      "A & b (http://a.example/b%20c) http://c.example\n",
    ],
    ["<a href='http://a.example/{{ x }}?b&amp;c'>a</a>", "a (http://a.example/{{ x }}?b&c)\n"],
    ["<a href='{{ message.unsubscribe_url }}'>Out</a>", "Out ({{ message.unsubscribe_url }})\n"],
    ["<a href='http://a.example/{{ x }}'>http://a.example/{{ x }}</a>", "http://a.example/{{ x }}\n"],
    ["<img alt='{{ x }} &amp; y'><img alt=''><img>", "{{ x }} & y\n"],
    // what is not seen
    ["<head><title>T</title></head><style>a{}</style><script>b</script><!-- c -->d", "d\n"],
    [
      "<div style='Display : none'>a<p>b</p></div><p hidden>c</p><p style='max-height:0px;overflow:hidden'>d</p>e",
      "e\n",
    ],
    ["<!--[if mso]>a<![endif]--><!--[if !mso]><!-->b<!--<![endif]-->", "b\n"],
    ["<p style='{% if x %}display:none{% endif %}'>a", "a\n"],
    // tables
    ["<table><tr><th>A<th>B</tr><tr><td>1<td>2</table>", "A | B\n1 | 2\n"],
    ["<table><tr><td>1<td>&nbsp;<td>3</table>", "1 | 3\n"],
    ["<table><tr><td><p>a</p></td><td>b</td></tr></table>", "a\n\nb\n"],
    ["<table><tr><td><table><tr><td>a</table><td>b</table>c", "a\n\nb\n\nc\n"],
    // Liquid
    ["a {{ b }}<b>{{ c }}</b>, d", "a {{ b }}{{ c }}, d\n"],
    [
      "Dear {% if a %}<b>{{ a }}</b>{% else %}you{% endif %}, hi",
      "Dear {% if a %}{{ a }}{% else %}you{% endif %}, hi\n",
    ],
    [
      "<p>a</p>{% if b %}<p>c</p>{% else %}<p>d</p>{% endif %}<p>e</p>",
      "a\n\n{% if b %}c\n\n{% else %}d\n\n{% endif %}e\n",
    ],
    ["a{% if b %}<p>c</p>{% endif %}d", "a\n\n{% if b %}c\n\n{% endif %}d\n"],
    ["<ul>{% for i in a %}<li>{{ i }}</li>{% endfor %}</ul>b", "{% for i in a %}* {{ i }}\n{% endfor %}\nb\n"],
    ["<ol>{% for i in a %}<li>{{ i }}</li>{% endfor %}</ol>", "{% for i in a %}* {{ i }}\n{% endfor %}\n"],
    [
      "<table>{% for i in a %}<tr><td>{{ i }}<td>x</tr>{% endfor %}</table>",
      "{% for i in a %}{{ i }} | x\n{% endfor %}\n",
    ],
    ["<p class='{% if a %}b{% endif %}' {% if c %}d{% endif %}>e", "e\n"],
    ["<style>{% if a %}b{% endif %}</style>{% if c %}{% if d %} {% endif %}{% endif %}e", "e\n"],
    [
      "<!-- {% assign a = 1 %} --><p title='{% assign b = 2 %}'>{{ a }}",
      "{% assign a = 1 %}{% assign b = 2 %}{{ a }}\n",
    ],
    ["<a {% if a %}href=x>{% else %}href=y>{% endif %}z</a>", "{% if a %}{% else %}href=y>{% endif %}z\n"],
    ["<p style='display:none'>{{ a }}{% if b %}c{% endif %}{% assign d = 1 %}</p>e", "{% assign d = 1 %}e\n"],
    ["{% comment %}a{% endcomment %}b{% raw %}<b>{{ c }}</b>{% endraw %}", "b{% raw %}{{ c }}{% endraw %}\n"],
    ["{% capture a %}<p>b</p>{% endcapture %}{{ a }}", "{% capture a %}b\n\n{% endcapture %}{{ a }}\n"],
    // letters do not become Liquid
    [
      "&#123;&#123; a }} {<b>{</b> {<i>{{ b }}</i> &lbrace;% c",
      '{{ "{" }}{{ "{" }} a }} {{ "{" }}{{ "{" }} {{ "{" }}{{ b }} {{ "{" }}% c\n',
    ],
    // lines
    [long, `${long.slice(0, 74)}\n${long.slice(75)}\n`],
    [
      `<a href="http://a.example/${"x".repeat(80)}">${"y".repeat(70)}</a>`,
      `${"y".repeat(70)}\n(http://a.example/${"x".repeat(80)})\n`,
    ],
    [`${"x".repeat(70)} {{ a | default: 'b c d e f' }} g`, `${"x".repeat(70)}\n{{ a | default: 'b c d e f' }} g\n`],
    [`${"x".repeat(70)} {% if a %}b{% endif %} cd`, `${"x".repeat(70)} {% if a %}b{% endif %} cd\n`],
  ])("%s", (html, expected) => {
    expect(htmlToText(html)).toBe(expected);
  });
});
