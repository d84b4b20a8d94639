import { readdirSync, readFileSync } from "node:fs";

import { Parser } from "htmlparser2";
import { describe, expect, it } from "vitest";

import { parseTemplate } from "../../../core/template/parse-template.ts";
import { addHoneypot, addOpenPixel } from "./add-markup.ts";
import { embedDataImages } from "./data-images.ts";
import { htmlToText } from "./html-to-text.ts";
import { inlineCss } from "./inline-css.ts";
import { compileMjml } from "./mjml.ts";
import { numberLinks } from "./number-links.ts";

const folder = new URL("fixtures/", import.meta.url);
const read = (name: string) => readFileSync(new URL(name, folder), "utf8");
const names = readdirSync(folder).filter((name) => name.endsWith(".html"));
const track = { clicks: true, overrides: [] };
const known = { internal: true, variables: ["theme", "ink", "brand", "reply", "colour"] };

/** Counted by hand: links to the web, and which of them the source itself does not want tracked. */
const LINKS: Readonly<Record<string, { readonly web: number; readonly untracked: number }>> = {
  "broken-markup.html": { web: 10, untracked: 0 },
  "dark-mode.html": { web: 5, untracked: 0 },
  "image-map.html": { web: 2, untracked: 0 },
  "mjml-output.html": { web: 6, untracked: 0 },
  "mso-buttons.html": { web: 5, untracked: 0 },
  "newsletter-tables.html": { web: 4, untracked: 0 },
  "plain.html": { web: 2, untracked: 0 },
  "responsive.html": { web: 5, untracked: 1 },
  "uppercase-unquoted.html": { web: 5, untracked: 0 },
};

/** Counts as another parser sees the source, with Liquid reduced to a letter and conditions between attributes left out. */
function countLinks(source: string): number {
  let count = 0;
  const html = source
    .replace(/(<a )\{% if .*?%\}(.*?)\{% else %\}(.*?)\{% endif %\}/g, "$1$2>$1$3")
    .replace(/\{\{ message\..*?\}\}/g, "")
    .replace(/\{\{.*?\}\}(?=")|\{\{.*?\}\}|\{%.*?%\}/g, "L");
  const parse = (text: string) =>
    new Parser({
      onopentag: (name, { href }) => {
        if (/^(?:a|area|v:.*)$/.test(name) && /^\s*(?:https?:\/\/[^\s/]|L)/i.test(href ?? "")) count++;
      },
      oncomment: (comment) => {
        if (comment.startsWith("[if ") && comment.endsWith("<![endif]")) parse(comment);
      },
    }).end(text);
  parse(html);
  return count;
}

describe.each(names)("%s", (name) => {
  const source = read(name);
  const expected = LINKS[name] ?? { web: -1, untracked: 0 };

  it("has every link to the web rewritten", () => {
    const numbered = numberLinks(source, null, track);
    const rewritten = numbered.html?.match(/\{% (?:link|tracked) \d+ %\}/g)?.length ?? 0;
    expect(rewritten + expected.untracked).toBe(expected.web);
    expect(countLinks(source)).toBe(expected.web);
    const places = numbered.links.map(({ line, column }) => source.split("\n")[line - 1]?.slice(column - 1) ?? "");
    for (const [index, link] of numbered.links.entries()) {
      expect(places[index]?.slice(0, 4).toLowerCase()).toBe(link.url.slice(0, 4).toLowerCase());
    }
  });

  it("stays as it is but for style attributes when CSS is inlined", () => {
    const { html, problems } = inlineCss(source);
    expect(problems).toEqual([]);
    expect(withoutStyles(html)).toBe(withoutStyles(source));
    const comments = (text: string) => text.match(/<!--[\s\S]*?-->|<!\[.*?\]>|<style[\s\S]*?<\/style>/gi);
    expect(comments(html)).toEqual(comments(source));
    expect(inlineCss(html).html).toBe(html);
  });

  it("is sound Liquid after everything, and its text too", () => {
    const inlined = inlineCss(embedDataImages(source).html).html;
    const numbered = numberLinks(inlined, htmlToText(inlined), track);
    const html = addOpenPixel(addHoneypot(numbered.html ?? "", numbered.links.length + 1));
    for (const [kind, template] of [
      ["html", html],
      ["text", numbered.text ?? ""],
    ] as const) {
      const parsed = parseTemplate(template, { kind, ...known });
      expect(parsed.kind === "errors" ? parsed.errors : []).toEqual([]);
    }
  });
});

const withoutStyles = (html: string) => html.replace(/(<\w[^<>]*?) style=("(?:\{\{.*?\}\}|[^"])*"|'[^']*')/g, "$1");

describe("newsletter-tables.html", () => {
  const source = read("newsletter-tables.html");

  it("takes its rules over", () => {
    const { html } = inlineCss(source);
    expect(html).toContain('<body style="margin:0;padding:0;background-color:#f4f4f4">');
    expect(html).toContain(
      '<td class="content" style="font-family:Lato, \'Helvetica Neue\', Arial, sans-serif;color:#333333;padding:20px;font-size:14px">',
    );
    expect(html).toContain('<td style="font-weight:bold;color:#b00020" class="price">');
    expect(html).toContain('<a style="color:#2a7d2e" href="https://www.garden.example/p/{{ product.id | url_encode }}');
  });

  it("reads well as text", () => {
    expect(htmlToText(source)).toBe(`The Garden (https://www.garden.example/)

Hello {{ recipient.first_name | default: "gardener" }}!

Our spring catalogue
(https://www.garden.example/spring?utm_source=mail&utm_campaign=spring#top) is
here.

{% for product in recipient.products %}{{ product.name }}
(https://www.garden.example/p/{{ product.id | url_encode }}?src=mail&c={{ recipient.code }}) |
{{ product.price }}
{% endfor %}Our site (https://www.garden.example/) | Write to us (hello@garden.example) |
Call us (+33123456789) | Up | See it in a browser ({{ message.mirror_url }}) | Unsubscribe
({{ message.unsubscribe_url }})
`);
  });
});

it("news.mjml compiles to what mjml-output.html holds", async () => {
  expect(await compileMjml(read("news.mjml"))).toEqual({ kind: "html", html: read("mjml-output.html") });
});
