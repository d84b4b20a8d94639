import { describe, expect, it } from "vitest";

import { numberLinks } from "./number-links.ts";

const options = { clicks: true, overrides: [] };
const inHtml = (html: string) => numberLinks(html, null, options);
const inText = (text: string) => numberLinks(null, text, options);

describe("numberLinks in HTML", () => {
  it.each([
    ['<a href="https://a.example/">', '<a href="{% link 1 %}">', "https://a.example/"],
    ["<A HREF=http://a.example/x>", '<A HREF="{% link 1 %}">', "http://a.example/x"],
    ["<a href='HTTPS://A.example'>", "<a href='{% link 1 %}'>", "HTTPS://A.example"],
    [
      '<a href="http://a.example/?a=1&amp;b=2&c=3&copy=4#d">',
      '<a href="{% link 1 %}">',
      "http://a.example/?a=1&b=2&c=3&copy=4#d",
    ],
    ['<a href="\n\thttp://a.example/b c\n/d ">', '<a href="{% link 1 %}">', "http://a.example/b%20c/d"],
    ["<area href=http://a.example>", '<area href="{% link 1 %}">', "http://a.example"],
    [
      '<!--[if mso]><v:roundrect href="http://a.example"><![endif]-->',
      '<!--[if mso]><v:roundrect href="{% link 1 %}"><![endif]-->',
      "http://a.example",
    ],
    [
      '<a href="https://a.example/{{ x | append: "&amp;" }}?b=1&amp;c={{ y }}&copy={{ z }}">',
      '<a href="{% tracked 1 %}https://a.example/{{ x | append: "&amp;" }}?b=1&c={{ y }}&copy={{ z }}{% endtracked %}">',
      'https://a.example/{{ x | append: "&amp;" }}?b=1&c={{ y }}&copy={{ z }}',
    ],
    ["<a href={{ x }}>", '<a href="{% tracked 1 %}{{ x }}{% endtracked %}">', "{{ x }}"],
    [
      '<a href="http://a.example/&#123;&#123;{{ x }}{">',
      '<a href="{% tracked 1 %}http://a.example/%7B%7B{{ x }}%7B{% endtracked %}">',
      "http://a.example/%7B%7B{{ x }}%7B",
    ],
    [
      '<a href="{% if x %}http://a.example{% else %}mailto:b@c.example{% endif %}">',
      '<a href="{% tracked 1 %}{% if x %}http://a.example{% else %}mailto:b@c.example{% endif %}{% endtracked %}">',
      "{% if x %}http://a.example{% else %}mailto:b@c.example{% endif %}",
    ],
  ])("%s", (html, expected, url) => {
    const numbered = inHtml(html);
    expect(numbered.html).toBe(expected);
    expect(numbered.links).toMatchObject([{ number: 1, url, mode: "tracked", part: "html" }]);
    expect(numbered.links[0]?.personalised).toBe(url.includes("{"));
  });

  it.each([
    "<a href='mailto:a@b.example'>",
    "<a href='mailto:{{ x }}'>",
    "<a href=tel:+33>",
    "<a href='#x'>",
    "<a href='#{{ x }}'>",
    "<a href=cid:x>",
    "<a href='javascript:x'>",
    "<a href='/x'>",
    "<a href='//a.example'>",
    "<a href>",
    "<a name='http://a.example'>",
    "<link href=http://a.example><base href=http://a.example><img src=http://a.example>",
    "<table background='http://a.example'><form action='http://a.example'>",
    "<!-- <a href=http://a.example> -->",
    "<!--[if mso]> <!-- <a href=http://a.example> --> <![endif]-->",
    "<title><a href=http://a.example></title>",
    "{% raw %}<a href=http://a.example>{% endraw %}{% comment %}<a href=http://a.example>{% endcomment %}",
    "{{ '<a href=http://a.example>' }}",
    "<a href='{% link 1 %}'><a href='{% tracked 2 %}http://a.example{% endtracked %}'>",
    "<a href='http://a.example",
  ])("leaves %s", (html) => {
    expect(inHtml(html)).toEqual({ html, text: null, links: [], problems: [] });
  });

  it("leaves Envoi's own pages in place and lists them, whatever is said of them", () => {
    const html =
      "<a href='{{ message.unsubscribe_url }}' data-envoi-track=true>Out</a><a href=' {{- message.mirror_url -}} '>See</a>";
    const overrides = [{ url: "{{ message.mirror_url }}", mode: "tracked" as const, label: "Browser" }];
    for (const clicks of [true, false]) {
      const numbered = numberLinks(html, null, { clicks, overrides });
      expect(numbered.html).toBe(html);
      expect(numbered.links).toMatchObject([
        { number: 1, url: "{{ message.unsubscribe_url }}", mode: "opt-out", label: "Out" },
        { number: 2, url: "{{ message.mirror_url }}", mode: "mirror", label: "Browser" },
      ]);
    }
  });

  it("reports what cannot be followed or tracked", () => {
    const html = '<a href="http://">x</a>\n<a href="http://{% if a %}x" class="{% endif %}">y</a><a href="http:x">';
    const numbered = inHtml(html);
    expect(numbered.html).toBe(html);
    expect(numbered.problems.map(({ line, column, message }) => `${line}:${column} ${message}`)).toEqual([
      '1:10 "http://" is not an address on the web',
      "2:10 a condition or loop begins inside this link and ends outside: the link is not tracked",
      '2:64 "http:x" is not an address on the web',
    ]);
  });

  it.each([
    ["<a title=' A &amp;\n b ' href=http://a.example>x</a>", "A & b"],
    ["<a href=http://a.example><img alt=''><img alt='Logo'> text</a>", "Logo"],
    ["<a href=http://a.example> <b>Read</b>&nbsp;<i>more</i><!-- x --> </a> x", "Read more"],
    ["<a href=http://a.example>Hi {{ recipient.a }}</a>", "Hi {{ recipient.a }}"],
    ["<a href=http://a.example>{% if a %}Buy{% else %}Get{% endif %}</a>", "Buy / Get"],
    ["<a href=http://a.example></a>", "http://a.example"],
    ["<a href=http://a.example>x<a href=http://b.example>y", "x"],
    ["<area alt=Map href=http://a.example>x", "Map"],
    ["<a href=http://a.example data-envoi-label='Mine' title=x>y</a>", "Mine"],
    [`<a href=http://a.example>${"x".repeat(199)}😀</a>`, "x".repeat(199)],
  ])("labels %s", (html, label) => {
    expect(inHtml(html).links[0]?.label).toBe(label);
  });

  it("gives an address one number, unless the source tells them apart", () => {
    const numbered = numberLinks(
      "<a href=http://a.example>1</a><a href='http://a.example'>2</a><a href=http://a.example data-envoi-category=foot>3</a>",
      "http://a.example http://b.example",
      options,
    );
    expect(numbered.html?.match(/link \d/g)).toEqual(["link 1", "link 1", "link 2"]);
    expect(numbered.text).toBe("{% link 1 %} {% link 3 %}");
    expect(numbered.links.map(({ number, category, part, label }) => [number, category, part, label])).toEqual([
      [1, "", "html", "1"],
      [2, "foot", "html", "3"],
      [3, "", "text", "http://b.example"],
    ]);
  });

  it("obeys the settings before the source", () => {
    const html =
      "<a href=http://a.example data-envoi-track=false>a</a><a href=http://b.example data-envoi-track=opt-out data-envoi-category=x>b</a>" +
      "<a href='http://c.example/{{ x }}'>c</a><a href=http://d.example?a&amp;b>d</a>";
    const numbered = numberLinks(html, null, {
      clicks: true,
      overrides: [
        { url: "http://b.example", category: "y", label: "B" },
        { url: "http://c.example/{{ x }}", mode: "not-tracked" },
        { url: " http://d.example?a&b", mode: "mirror" },
      ],
    });
    expect(numbered.links.map(({ mode, category, label }) => [mode, category, label])).toEqual([
      ["not-tracked", "", "a"],
      ["opt-out", "y", "B"],
      ["not-tracked", "", "c"],
      ["mirror", "", "d"],
    ]);
    expect(numbered.html).toBe(
      '<a href=http://a.example data-envoi-track=false>a</a><a href="{% link 2 %}" data-envoi-track=opt-out data-envoi-category=x>b</a>' +
        "<a href='http://c.example/{{ x }}'>c</a><a href=\"{% link 4 %}\">d</a>",
    );
  });
});

describe("numberLinks in text", () => {
  it.each([
    ["See https://a.example.", "See {% link 1 %}.", "https://a.example"],
    ["(https://a.example/b?c=d&e#f)", "({% link 1 %})", "https://a.example/b?c=d&e#f"],
    [
      "<http://a.example>,[http://a.example];{http://a.example}!",
      '<{% link 1 %}>,[{% link 1 %}];{{ "{" }}{% link 1 %}}!',
      "http://a.example",
    ],
    ["http://a.example/b_(c)?", "{% link 1 %}?", "http://a.example/b_(c)"],
    ["[x](http://a.example/a[]=1)", "[x]({% link 1 %})", "http://a.example/a[]=1"],
    ['"http://a.example/"…', '"{% link 1 %}"…', "http://a.example/"],
    ["見てhttp://a.example/あ、です", "見て{% link 1 %}、です", "http://a.example/あ"],
    [
      "http://a.example/{{ x }}.",
      "{% tracked 1 %}http://a.example/{{ x }}{% endtracked %}.",
      "http://a.example/{{ x }}",
    ],
    [
      "http://a.example/{% if x %}b{% endif %}) c",
      "{% tracked 1 %}http://a.example/{% if x %}b{% endif %}{% endtracked %}) c",
      "http://a.example/{% if x %}b{% endif %}",
    ],
    [
      "{% if x %}http://a.example{% else %}no{% endif %}",
      "{% if x %}{% link 1 %}{% else %}no{% endif %}",
      "http://a.example",
    ],
    ["http://a.example{% if x %} and {% endif %}b", "{% link 1 %}{% if x %} and {% endif %}b", "http://a.example"],
  ])("%s", (text, expected, url) => {
    const numbered = inText(text);
    expect(numbered.text).toBe(expected);
    expect(numbered.links).toMatchObject([{ number: 1, url, mode: "tracked", part: "text" }]);
  });

  it.each([
    "xhttp://a.example",
    "http://",
    "https://.",
    "www.a.example",
    "{{ 'http://a.example' }}",
    "mailto:a@b.example",
  ])("leaves %s", (text) => {
    expect(inText(text)).toEqual({ html: null, text, links: [], problems: [] });
  });

  it("lists Envoi's own pages", () => {
    const numbered = inText("a\nOut: {{ message.unsubscribe_url }} http://a.example/{{ message.mirror_url }}");
    expect(numbered.links).toMatchObject([
      { number: 1, mode: "opt-out", line: 2, column: 6 },
      { number: 2, mode: "tracked", line: 2, personalised: true },
    ]);
  });
});
