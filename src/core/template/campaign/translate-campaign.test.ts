import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { describeRenderError, type TemplateKind } from "../engine.ts";
import { parseTemplate } from "../parse-template.ts";
import { execute, startRun } from "../program.ts";
import { translateCampaign } from "./translate-campaign.ts";

function translate(source: string, kind: TemplateKind = "html"): string {
  const result = translateCampaign(source, kind);
  if (result.kind === "errors")
    throw new Error(result.errors.map((e) => `${e.line}:${e.column} ${e.message}`).join("\n"));
  return result.liquid;
}

function render(source: string, recipient: Record<string, unknown> = {}, kind: TemplateKind = "html"): string {
  const parsed = parseTemplate(translate(source, kind), { kind, variables: ["season"] });
  if (parsed.kind === "errors") throw new Error(`${translate(source, kind)}: ${JSON.stringify(parsed.errors)}`);
  const scope = {
    recipient,
    delivery: { id: "7", label: "Spring", sender_name: "Shop", season: "May" },
    message: { id: "m1", key: "1-2", date: "2026-02-03T04:05:06.000Z", mirror_url: "https://m.example/1" },
    platform: { name: "Shop & Co" },
    clickUrl: () => "",
  };
  try {
    return execute(parsed.program, startRun(kind, scope), (text) => text);
  } catch (error) {
    return `failed: ${describeRenderError(error)}`;
  }
}

function errorsOf(source: string): string[] {
  const result = translateCampaign(source, "html");
  return result.kind === "errors" ? result.errors.map((e) => `${e.line}:${e.column} ${e.message}`) : [];
}

describe("translateCampaign", () => {
  it.each([
    ["Hello <%= recipient.firstName %>!", "Hello {{ recipient.firstName }}!"],
    ["<%=recipient.firstName%>", "{{ recipient.firstName }}"],
    ["<%= recipient.@email %>", "{{ recipient.email }}"],
    ["<%= recipient.location.city %>", "{{ recipient['location.city'] }}"],
    ["<%= recipient.location.@city %>", "{{ recipient['location.city'] }}"],
    ["<%= recipient['first name'] %>", "{{ recipient['first name'] }}"],
    ["<%= targetData.segment %>", "{{ recipient.segment }}"],
    ["<%= delivery.label %><%= delivery.season %>", "{{ delivery.label }}{{ delivery.season }}"],
    ["<%= message.mirrorUrl %><%= message.address %>", "{{ message.mirror_url }}{{ recipient.email }}"],
    ["<% if (recipient.a == 'x') { %>1<% } else { %>2<% } %>", "{% if recipient.a == 'x' %}1{% else %}2{% endif %}"],
    ["<%@ include view='MirrorPage' %>", "{% render 'mirror-page' %}"],
    ['<%@include view="MirrorPageUrl"%>', "{% render 'mirror-page-url' %}"],
    ["<%@ include view='UnsubscriptionLink' %>", "{% render 'unsubscribe' %}"],
    ["<%@ include view='UnsubscribeUrl' %>", "{% render 'unsubscribe-url' %}"],
    ["<%@ include view='Greetings' %><%@ include view='InsertLogo' %>", "{% render 'greeting' %}{% render 'logo' %}"],
    ["<%@ include view='Signature' %>", "{% render 'signature' %}"],
    ["<%@ include view='spring-footer2' %>", "{% render 'spring-footer2' %}"],
    ["<%@ include view='SpringFooter 2026' %>", "{% render 'spring-footer-2026' %}"],
    ["a<%-- <%= x -- %> --%>b<%# for (;;) %>c", "abc"],
    ["a {{ b }} {% c %}", "a {% raw %}{{{% endraw %} b }} {% raw %}{{% endraw %}% c %}"],
    ["a\r\nb", "a\nb"],
    ["<% var a = recipient.b; %>", "{% assign a = recipient.b %}"],
  ])("%s is %s", (source, liquid) => {
    expect(translate(source)).toBe(liquid);
  });

  it.each([
    ["<%= recipient.a %>", { a: "<b>" }, "&lt;b&gt;"],
    ["<%= raw(recipient.a) %>", { a: "<b>" }, "<b>"],
    ["<%= escapeXmlString(recipient.a) %>", { a: "<b>" }, "&lt;b&gt;"],
    ["<%= 'a<' + recipient.a + raw('<br>') %>", { a: "&" }, "a&lt;&amp;<br>"],
    ["<%= recipient.a.toUpperCase() + recipient.b.toLowerCase().trim() %>", { a: "x", b: " Y " }, "Xy"],
    ["<%= toSmartCase(recipient.a) %>", { a: "JEAN-PIERRE" }, "Jean-Pierre"],
    [
      "?a=<%= escapeUrl(recipient.a) %>&b=<%= encodeURIComponent(recipient.b) %>",
      { a: "a b&é+", b: "/" },
      "?a=a%20b%26%C3%A9%2B&b=%2F",
    ],
    ["<%= formatDate(recipient.a, '%2D/%2M/%4Y') %>", { a: "2026-02-03" }, "03/02/2026"],
    [
      "<%= formatDate(recipient.a, '%Al %D %Bl %4Y, %02H:%02N') %>",
      { a: "2026-02-03T04:05Z" },
      "Tuesday 3 February 2026, 04:05",
    ],
    ["<%= formatDate(getCurrentDate(), '%D.%M.%2Y 100%') %>", {}, "3.2.26 100%"],
    ["<%= recipient.a.length %> <%= recipient.a.length + 1 %>", { a: "abc" }, "3 4"],
    ["<%= recipient.a.substring(0, 1) + '.' + recipient.a.substring(2) %>", { a: "abcd" }, "a.cd"],
    ["<%= recipient.a.substr(1, 2) + recipient.a.slice(3) + recipient.a.charAt(0) %>", { a: "abcd" }, "bcda"],
    ["<%= recipient.a.replace('-', '/') %>", { a: "1-2-3" }, "1/2-3"],
    ["<%= recipient.a || 'you' %>", { a: "" }, "you"],
    ["<%= recipient.a || 'you' %>", {}, "you"],
    ["<%= recipient.a || recipient.b || 'you' %>", { b: "B" }, "B"],
    ["<%= (recipient.a || 'you').toUpperCase() %>", {}, "YOU"],
    ["<%= recipient.a && ', ' + recipient.a %>", { a: "x" }, ", x"],
    ["<%= recipient.a && ', ' + recipient.a %>", {}, ""],
    ["<%= recipient.a == 'M' ? 'Mr' : 'Ms' %>", { a: "M" }, "Mr"],
    ["<%= recipient.a == 'M' ? 'Mr' : recipient.a == 'F' ? 'Ms' : '' %>|", { a: "F" }, "Ms|"],
    [
      "<%= 'Dear ' + (recipient.a == 'M' ? 'Mr' : 'Ms') + ' ' + toSmartCase(recipient.b || 'customer') %>",
      { a: "M", b: "SMITH" },
      "Dear Mr Smith",
    ],
    ["<%= toSmartCase((recipient.a == 'M' ? 'mr' : 'ms') + ' x') %>", {}, "Ms X"],
    ["<%= 1 + 2 * 3 %> <%= (1 + 2) * 3 %> <%= 7 - 2 - 1 %> <%= -3 + 5 %>", {}, "7 9 4 2"],
    ["<%= 1 + 2 + 'a' + 1 + 2 %>", {}, "3a12"],
    [
      "<%= Number(recipient.a) + 100 %> <%= recipient.a * 2 %> <%= parseInt(recipient.a, 10) %>",
      { a: "5.5" },
      "105.5 11 5",
    ],
    ["<%= '' + recipient.a + 1 %>", { a: 5 }, "51"],
    ["<%= recipient.a == 1 %> <%= !recipient.b %>", { a: 1 }, "true true"],
    ["<%= true %><%= null %><%= 1.50 %><%= 'it\\'s \\u00e9' %>", {}, "true1.5it&#39;s é"],
    ["<%= '{{ x }}' + '{%' %><%= '{' %><%= recipient.a %>", { a: "{" }, "{{ x }}{%{{"],
    ["{<%= recipient.a %>}", { a: "x" }, "{x}"],
    ["{{{<%= recipient.a %>}}}{%{{%", { a: "x" }, "{{{x}}}{%{{%"],
    ["<% var n = recipient.a; var m = 'x', k; n = n + m; n += '!'; %><%= n %><%= k %>", { a: "y" }, "yx!"],
    ["<% if (recipient.g == 'M') { t = 'Mr'; } %>".replace("<%", "<% var t = 'Ms'; "), { g: "M" }, ""],
    ["<% var t; if (recipient.g == 'M') { t = 'Mr'; } else { t = 'Ms'; } %><%= t %>", { g: "F" }, "Ms"],
    [
      "<% if (recipient.a.trim() == 5) { %>1<% } else if (recipient.a.trim() == '6') { %>2<% } else if (recipient.b) { %>3<% } else { %>4<% } %>",
      { a: " 6" },
      "2",
    ],
    ["<% if (recipient.a) { %>a<% if (recipient.b) { %>b<% } %><% } %>", { a: "1", b: "2" }, "ab"],
    ["<%= recipient.constructor %><%= recipient.__proto__ %>", {}, ""],
    ["<%= platform.name %> <%= delivery.senderName %>", {}, "Shop &amp; Co Shop"],
    ["<%= recipient.size %>", { a: "1" }, ""],
    ["<%= recipient.a // the name\n %>", { a: "x" }, "x"],
  ])("%s with %o gives %s", (source, recipient, expected) => {
    expect(render(source, recipient)).toBe(expected);
  });

  it.each([
    // missing, blank, zero
    ["recipient.a", {}, false],
    ["recipient.a", { a: "" }, false],
    ["recipient.a", { a: 0 }, false],
    ["recipient.a", { a: "0" }, true],
    ["recipient.a", { a: "x" }, true],
    ["!recipient.a", { a: " " }, true],
    ["!!recipient.a", { a: "x" }, true],
    ["recipient.a == ''", {}, true],
    ["recipient.a != null", { a: "x" }, true],
    ["recipient.a === undefined", { a: "x" }, false],
    // numbers and texts
    ["recipient.a == 20", { a: "20" }, true],
    ["recipient.a == 20", { a: 20 }, true],
    ["recipient.a != 20", { a: "20" }, false],
    ["recipient.a == '20'", { a: 20 }, true],
    ["recipient.a == '020'", { a: 20 }, false],
    ["recipient.a > 18", { a: "9" }, false],
    ["recipient.a > '18'", { a: "9" }, false],
    ["18 < recipient.a", { a: "20" }, true],
    ["!(recipient.a > 18)", { a: "x" }, true],
    ["recipient.a >= recipient.b", { a: "b", b: "a" }, true],
    ["recipient.a.length == recipient.b", { a: "abc", b: "3" }, true],
    ["recipient.a == true", { a: "true" }, true],
    ["recipient.a == true", { a: 1 }, true],
    ["recipient.a != false", { a: "0" }, false],
    ["1 == '1'", {}, true],
    ["'b' > 'a'", {}, true],
    ["2 >= 10", {}, false],
    // precedence
    ["recipient.a == 1 || recipient.b == 1 && recipient.c == 1", { a: 1 }, true],
    ["(recipient.a == 1 || recipient.b == 1) && recipient.c == 1", { a: 1 }, false],
    ["recipient.c == 1 && (recipient.a == 1 || recipient.b == 1)", { c: 1, b: 1 }, true],
    ["!(recipient.a == 1 && recipient.b == 1)", { a: 1 }, true],
    ["!(recipient.a == 1 || recipient.b == 1) && true", { c: 1 }, true],
    ["recipient.a ? recipient.b : recipient.c", { a: 1, c: 1 }, false],
    ["recipient.a + recipient.b == 'xy'", { a: "x", b: "y" }, true],
    ["1 + recipient.a.length * 2 == 5", { a: "xy" }, true],
    ["(recipient.a || 'z') == 'z'", {}, true],
    // texts in texts
    ["recipient.a.includes('@gmail')", { a: "x@gmail.com" }, true],
    ["recipient.a.indexOf('@gmail') != -1", { a: "x@gmail.com" }, true],
    ["recipient.a.indexOf('@gmail') < 0", { a: "x@web.de" }, true],
    ["recipient.a.toLowerCase().indexOf(recipient.b) >= 0", { a: "ABC", b: "bc" }, true],
  ])("%s with %o is %s", (condition, recipient, expected) => {
    const shown = render(`<% if (${condition}) { %>yes<% } else { %>no<% } %>`, recipient);
    expect(shown).toBe(expected ? "yes" : "no");
    expect(render(`<%= (${condition}) ? 'yes' : 'no' %>`, recipient)).toBe(shown);
  });

  it("leaves headers and texts unescaped", () => {
    expect(render("<%= recipient.a + '<' %>", { a: "&" }, "text")).toBe("&<");
    expect(render("<%= raw(recipient.a) %>", { a: "&" }, "header")).toBe("&");
  });

  it.each([
    ["a\n <%= firstName %>", '2:6 "firstName" is not known: attributes are written recipient.firstName'],
    ["<%= recipent.firstName %>", '1:5 "recipent" is not known: did you mean recipient?'],
    ["<%= recipient %>", '1:5 "recipient" needs an attribute, as in recipient.first_name'],
    [
      "<%= message.foo %>",
      '1:5 "message.foo" is not known: there are message.id, message.key, message.date, message.mirror_url, message.unsubscribe_url, message.open_url',
    ],
    [
      "<%= delivery.mailParameters.subject %>",
      '1:5 "delivery.mailParameters.subject" is not known: values of delivery have no values inside',
    ],
    ["<%= recipient[recipient.a] %>", "1:15 the name of an attribute is written out, not computed"],
    ["<%= recipient.a.foo() %>", expect.stringContaining("1:17 foo is not known: there are toUpperCase")],
    ["<%= recipient.a.toUppercase() %>", "1:17 toUppercase is not known: did you mean toUpperCase, toLowerCase?"],
    ["<%= smartCase(recipient.a) %>", "1:5 the function smartCase is not known: did you mean toSmartCase?"],
    ["<%= recipient.a + 1 %>", "1:17 a sum or a text? For a sum write Number(…) + …, for a text '' + … + …"],
    [
      "<%= formatDate(recipient.a, '%4Y-%W') %>",
      '1:29 "%W" is no part of a date: there are %4Y %2Y %2M %B %Bl %2D %A %Al %J %2H %2I %2N %2S %P',
    ],
    [
      "<%= formatDate(recipient.a) %>",
      "1:5 a date is written formatDate(recipient.birth, '%2D/%2M/%4Y'), always in UTC",
    ],
    ["<%= new Date() %>", expect.stringMatching(/^1:5 objects cannot be made: today's date is message.date/)],
    ["<%= eval('x') %>", "1:5 code in texts is never run"],
    ["<%= %>", "1:1 <%= %> needs a value"],
    ["<%= recipient.a recipient.b %>", '1:17 "recipient" is not expected here'],
    ["<%= 'a %>", "1:5 the text in quotes does not end on its line"],
    ["<%= `a` %>", "1:5 texts stand in quotes, and are joined with +"],
    ["<%= 1px %>", "1:5 this number cannot be read: write it in digits"],
    ["<%= recipient.a ? 1 %>", '1:21 ":" is missing in … ? … : …'],
    ["<%= recipient.a.indexOf('x') %>", "1:17 indexOf only asks whether a text is contained: x.indexOf('y') != -1"],
    ["<%= (1 %>", '1:8 ")" is missing after (…'],
    [
      "<% for (var i = 0; i < 3; i++) { %>x<% } %>",
      expect.stringContaining("1:4 loops are not supported: in a content of syntax liquid write {% for"),
    ],
    ["<% while (true) {} %>", expect.stringContaining("1:4 loops are not supported")],
    ["<% function f() {} %>", expect.stringContaining("1:4 functions cannot be declared")],
    ["<% document.write('x') %>", "1:4 text is written <%= … %>, or outside <% … %>"],
    ["<% alert(1) %>", "1:4 alert(…) is not called here: a value is written <%= … %>"],
    ["<% x = 1 %>", '1:4 "x" is not known: attributes are written recipient.x'],
    ["<% var recipient = 1 %>", '1:8 "recipient" has a meaning already: choose another name'],
    ["<% var empty = 1 %>", '1:8 "empty" has a meaning already: choose another name'],
    ["<% if (recipient.a) %>", '1:21 after the condition "{" is missing: <% if (…) { %>'],
    ["a\n<% if (recipient.a) { %>", "2:4 this if is not closed: <% } %> is missing"],
    ["<% } %>", "1:4 this } closes nothing"],
    [
      "<% if (recipient.a) { %><% } %><% else { %><% } %>",
      "1:35 else stands right after the } of its if: <% } else { %>",
    ],
    ["<% if (recipient.a) { %><% } else { %><% } else { %><% } %>", "1:42 this if has an else already"],
    [
      "<%@ include file='http://x.example/' %>",
      "1:1 nothing is read from other places: a personalisation block is written <%@ include view='name' %>",
    ],
    ["<%@ include option='x' %>", expect.stringMatching(/^1:1 options are not read/)],
    ["<%@ value object='delivery' xpath='@id' %>", "1:1 values are written <%= recipient.first_name %>"],
    ["<%@ foreach object='x' xpath='y' %><%@ end %>", expect.stringMatching(/^1:1 loops are not supported/)],
    ["<%@ include view='' %>", expect.stringMatching(/^1:4 "" cannot be the name of a block/)],
    ["<%@ page language='x' %>", expect.stringMatching(/^1:1 only blocks can be included/)],
    ["<%= recipient.a", "1:1 %> is missing"],
    ["<%-- x %>", "1:1 %> is missing"],
    [
      "<%= recipient.a.replace(/b/g, 'c') %>",
      expect.stringMatching(/^1:25 patterns are not supported: .*replace\('a', 'b'\)$/),
    ],
    [`<%= ${"(".repeat(60)}1 %>`, expect.stringContaining("this is nested too deeply")],
    [`<%= ${"!".repeat(60)}1 %>`, expect.stringContaining("this is nested too deeply")],
    [`<% ${"if (recipient.a) {".repeat(60)} %>`, expect.stringContaining("this is nested too deeply")],
  ])("%.70s: %s", (source, expected) => {
    expect(errorsOf(source)[0]).toEqual(expected);
  });

  it("reports every mark that is wrong", () => {
    expect(errorsOf("<%= a %>\n<%= b %>\r\n<%@ value x='y' %>").map((e) => e.slice(0, 3))).toEqual([
      "1:5",
      "2:5",
      "3:1",
    ]);
  });

  it("knows where each variable was written", () => {
    const source = "ab {{\n<%= recipient.a %>\n<% if (recipient.b == 1) { %>\r\n  <%= 'x' + recipient.c %><% } %>";
    const result = translateCampaign(source, "html");
    if (result.kind === "errors") throw new Error("translated");
    const parsed = parseTemplate(result.liquid, { kind: "html" });
    if (parsed.kind === "errors") throw new Error(JSON.stringify(parsed.errors));
    const places = parsed.attributes.map(({ path, offset }) => [path, result.place(offset).line]);
    expect(places).toEqual([
      ["recipient.a", 2],
      ["recipient.b", 3],
      ["recipient.b", 3],
      ["recipient.c", 4],
    ]);
    expect(result.place(0)).toEqual({ line: 1, column: 1 });
  });

  const atom = fc.constantFrom(
    ..."recipient.a recipient.b recipient.@c 'x' '{{' \"%}\" 1 -1 0.5 true null recipient.a.trim() recipient.b.length message.date v".split(
      " ",
    ),
  );
  const expression = fc.letrec((tie) => ({
    any: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      atom,
      fc
        .tuple(tie("any"), fc.constantFrom("==", "!=", "<", ">=", "&&", "||", "===", "*", "-"), tie("any"))
        .map((parts) => parts.join(" ")),
      fc.tuple(tie("any"), tie("any")).map(([a, b]) => `('' + (${String(a)}) + (${String(b)}))`),
      fc.tuple(tie("any"), tie("any"), tie("any")).map(([a, b, c]) => `(${String(a)} ? ${String(b)} : ${String(c)})`),
      tie("any").map((a) => `!(${String(a)})`),
      tie("any").map((a) => `toSmartCase(${String(a)})`),
      tie("any").map((a) => `(${String(a)}).toUpperCase()`),
    ),
  })).any as fc.Arbitrary<string>;

  it("makes Liquid that parses and renders of whatever it accepts", () => {
    const value = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(undefined));
    fc.assert(
      fc.property(expression, expression, value, value, (one, two, a, b) => {
        const source = `<% var v; v = ${one}; %>{<%= ${two} %>{%<% if (${one}) { %>1<% } else if (${two}) { %>2<% } %>`;
        for (const kind of ["html", "text"] as const) {
          expect(render(source, { a, b }, kind)).not.toMatch(/^failed: (?!the template)/);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("chooses as JavaScript does between texts that are neither blank nor digits", () => {
    type Values = Record<"a" | "b" | "c", string>;
    type Condition = { code: string; holds: (values: Values) => boolean };
    const text = fc.stringMatching(/^[a-c]{1,2}$/);
    const signs: Record<string, (x: string, y: string) => boolean> = {
      "==": (x, y) => x === y,
      "!=": (x, y) => x !== y,
      "<": (x, y) => x < y,
      ">": (x, y) => x > y,
      "<=": (x, y) => x <= y,
      ">=": (x, y) => x >= y,
    };
    const comparison = fc
      .tuple(fc.constantFrom("a", "b", "c"), fc.constantFrom(...Object.keys(signs)), text)
      .map(([name, sign, bound]): Condition => {
        const holds = (values: Values) => signs[sign]?.(values[name as "a"], bound) === true;
        return { code: `recipient.${name} ${sign} '${bound}'`, holds };
      });
    const { any } = fc.letrec<{ any: Condition; and: Condition }>((tie) => ({
      // `&&` binds tighter: what is inside one has no `||` of its own without parentheses
      and: fc.oneof(
        { depthSize: "small" },
        comparison,
        tie("any").map(({ code, holds }) => ({ code: `(${code})`, holds })),
        tie("any").map(({ code, holds }) => ({ code: `!(${code})`, holds: (values: Values) => !holds(values) })),
        fc.tuple(tie("and"), tie("and")).map(([x, y]) => ({
          code: `${x.code} && ${y.code}`,
          holds: (values: Values) => x.holds(values) && y.holds(values),
        })),
        fc.tuple(tie("any"), tie("any"), tie("any")).map(([x, y, z]) => ({
          code: `(${x.code} ? ${y.code} : ${z.code})`,
          holds: (values: Values) => (x.holds(values) ? y.holds(values) : z.holds(values)),
        })),
      ),
      any: fc.oneof(
        { depthSize: "small" },
        tie("and"),
        fc.tuple(tie("and"), tie("any")).map(([x, y]) => ({
          code: `${x.code} || ${y.code}`,
          holds: (values: Values) => x.holds(values) || y.holds(values),
        })),
      ),
    }));
    fc.assert(
      fc.property(any, text, text, text, ({ code, holds }, a, b, c) => {
        const recipient = { a, b, c };
        const expected = String(holds(recipient));
        expect(render(`<% if (${code}) { %>true<% } else { %>false<% } %>`, recipient)).toBe(expected);
        expect(render(`<%= ${code} %>`, recipient)).toBe(expected);
      }),
      { numRuns: 1000 },
    );
  });

  it("neither hangs nor throws, whatever it is given, and keeps text as it is", () => {
    const piece = fc.oneof(
      fc.constantFrom(
        ..."<%|%>|<%=|<%@|<%--|--%>|<%#|{{|{%|}}|{|%|'|\"|/*|*/|//|(|)|}|if|else|var x =|recipient.a|+|?|:|\n|\\|include view=|`|==".split(
          "|",
        ),
      ),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const source = pieces.join("");
        const result = translateCampaign(source, "text");
        if (result.kind === "errors") {
          for (const error of result.errors) expect(error.line).toBeGreaterThan(0);
          return;
        }
        const parsed = parseTemplate(result.liquid, { kind: "text" });
        if (!source.includes("<%")) {
          expect(parsed).toMatchObject({ kind: "parsed" });
          expect(render(source, {}, "text")).toBe(source.replace(/\r\n?/g, "\n"));
        }
      }),
      { numRuns: 3000 },
    );
  });

  it("takes time in proportion to a hostile source", () => {
    for (const unit of [
      "<%",
      "{",
      "<%= '",
      "<%=/*",
      "<%-- ",
      "<% if (",
      "{{%",
      "<%=1%>",
      "<%= recipient.a || %>",
      "'",
      "<%@ include view='",
    ]) {
      const result = translateCampaign(unit.repeat(Math.floor(300_000 / unit.length)), "html");
      expect(["translated", "errors"]).toContain(result.kind);
    }
  });
});
