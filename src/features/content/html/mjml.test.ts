import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

import { parseTemplate } from "../../../core/template/parse-template.ts";
import { compileMjml, isMjml } from "./mjml.ts";

const inColumn = (content: string) =>
  `<mjml><mj-body><mj-section><mj-column>${content}</mj-column></mj-section></mj-body></mjml>`;

describe("compileMjml", () => {
  it.each([
    ["<mjml></mjml>", true],
    ["\n{% assign a = 1 %}<!-- x --><?xml version='1.0'?><MJML>", true],
    ["<html><mjml>", false],
    ["mjml", false],
    ["", false],
    ["<!-- <mjml> --><p>", false],
    ["{{ '<mjml>' }}", false],
  ])("%j is MJML: %s", (source, expected) => {
    expect(isMjml(source)).toBe(expected);
  });

  it("keeps Liquid everywhere", async () => {
    const source = readFileSync(new URL("fixtures/news.mjml", import.meta.url), "utf8");
    const compiled = await compileMjml(`{% assign a = 1 %}${source}{{ a }}`);
    const html = compiled.kind === "html" ? compiled.html : "";
    const marks = source.match(/\{\{.*?\}\}|\{%.*?%\}/g) ?? [];
    expect(marks).toHaveLength(13);
    for (const mark of marks) expect(html).toContain(mark);
    expect(html.startsWith("{% assign a = 1 %}")).toBe(true);
    expect(html.endsWith("{{ a }}")).toBe(true);
    expect(html).not.toMatch(/lqd\d|<mj-/);
    expect(html).toMatch(
      /<a\s+href="https:\/\/news\.example\/offer\/\{\{ offer\.id \}\}\?c=\{\{ recipient\.code \}\}"/,
    );
    const conditional = html.slice(html.indexOf("{% if recipient.vip %}"), html.indexOf("{% endif %}"));
    expect(conditional).toContain("https://img.news.example/vip.png");
    expect(conditional).not.toContain("Hello");
    const parsed = parseTemplate(html, { kind: "html", variables: ["colour"] });
    expect(parsed.kind === "errors" ? parsed.errors : []).toEqual([]);
  });

  it.each([
    [inColumn("\n  <mj-txt>a</mj-txt>"), "2:3 Element mj-txt doesn't exist or is not registered"],
    [inColumn("{{ a\n\n}}\n<mj-text colour='x'>a</mj-text>"), "4:1 Attribute colour is illegal"],
    [inColumn("<mj-text color='nope'>a</mj-text>"), expect.stringMatching(/^1:39 Attribute color has invalid value/)],
    [inColumn("<mj-include path='/etc/passwd'/>"), "1:39 mj-include reads files, which is not possible here"],
    [inColumn("lost"), "1:39 text in <mj-column> is not shown: it belongs into <mj-text>"],
    [
      inColumn("<mj-text {% if a %}color='red'{% endif %}>a</mj-text>"),
      expect.stringMatching(/^1:48 Liquid in the tag <mj-text>/),
    ],
    [inColumn("<mj-carousel>{{ a }}</mj-carousel>"), "1:52 Liquid between elements is not possible in <mj-carousel>"],
    ["<mjml><mj-body><mj-section></mj-body></mjml>", "1:16 <mj-section> is not closed"],
    ["<mjml><mj-body>", "1:7 <mj-body> is not closed"],
    ["<mjml></mj-body></mjml>", "1:7 </mj-body> closes nothing"],
    ["<mjml></mjml>", expect.stringContaining("1:1 Malformed MJML")],
    ["", expect.stringContaining("1:1 ")],
  ])("refuses %s", async (source, expected) => {
    const compiled = await compileMjml(source);
    const [first] = compiled.kind === "errors" ? compiled.errors : [];
    expect(first && `${first.line}:${first.column} ${first.message}`).toEqual(expected);
  });

  it("does not judge what Liquid writes", async () => {
    expect((await compileMjml(inColumn("<mj-text color='{{ a }}' padding='{{ b }}px'>x</mj-text>"))).kind).toBe("html");
  });
});
