import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { expandBlocks, findBlockNames } from "./expand-blocks.ts";
import { parseTemplate } from "./parse-template.ts";

const BLOCKS: Record<string, string> = {
  a: "A",
  greeting: "Hello {{ recipient.name }}",
  outer: "<{% render 'greeting' %}>\n{% render 'a' %}",
  self: "x{% render 'self' %}",
  ping: "{% render 'pong' %}",
  pong: "\n {% render 'ping' %}",
  wide: "{% render 'a' %}".repeat(30),
  wider: "{% render 'wide' %}".repeat(30),
  widest: "{% render 'wider' %}".repeat(30),
  big: "x".repeat(600_000),
  bad: "one\n{% render 'nope' %}",
  "mirror-page": "<a>",
  ...Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`deep${i}`, `{% render 'deep${i + 1}' %}`])),
};
const lookup = (name: string) => BLOCKS[name] ?? null;
const expand = (source: string) => expandBlocks(source, lookup, Object.keys(BLOCKS));

describe("expandBlocks", () => {
  it.each([
    ["no block", "no block"],
    ["x {% render 'a' %} y", "x A y"],
    ['x{%render "a"%}y', "xAy"],
    ["x \n{%- render 'a' -%}\n y", "xAy"],
    ["x {%- render 'a' %} y", "xA y"],
    ["{{ x }} {%- render 'a' -%} {{ y }}", "{{ x }}A{{ y }}"],
    ["{% render 'outer' %}!", "<Hello {{ recipient.name }}>\nA!"],
    ["a\r\n{% render 'a' %}\rb", "a\nA\nb"],
    ["{% raw %}{% render 'a' %}{% endraw %}", "{% raw %}{% render 'a' %}{% endraw %}"],
    ["{% comment %}{% render 'a' %}{% endcomment %}{% render 'a' %}", "{% comment %}{% render 'a' %}{% endcomment %}A"],
    [`{{ "{% render 'a' %}" }}`, `{{ "{% render 'a' %}" }}`],
    [
      "{% raw %}{%- endraw %}{% render 'a' %}{% endraw %}{% render 'a' %}",
      "{% raw %}{%- endraw %}{% render 'a' %}{% endraw %}A",
    ],
    ["{% render 'a'", "{% render 'a'"],
    ["{{ a {% render 'a' %}", "{{ a {% render 'a' %}"],
  ])("%j becomes %j", (source, expected) => {
    const expanded = expand(source);
    expect(expanded).toMatchObject({ kind: "expanded", source: expected });
  });

  it.each([
    ["{% render 'greting' %}", `1:1 null there is no block "greting": did you mean greeting?`],
    ["{% render 'zzzzzzzzz' %}", `1:1 null there is no block "zzzzzzzzz"`],
    ["a\n {% render a %}", "2:2 null a block is written {% render 'name' %}: one name in quotes and nothing else"],
    ["{% render 'a', x: 1 %}", "1:1 null a block is written {% render 'name' %}: one name in quotes and nothing else"],
    ["{% render 'self' %}", `1:2 self the block "self" contains itself: self → self`],
    ["{% render 'ping' %}", `2:2 pong the block "ping" contains itself: ping → pong → ping`],
    ["{% render 'bad' %}", `2:1 bad there is no block "nope"`],
    ["{% render 'deep0' %}", "1:1 deep9 blocks within blocks go 10 deep at most"],
    ["{% render 'widest' %}", "1:65 wide there are more than 1000 blocks in it"],
    ["{% render 'big' %}".repeat(9), "1:1 big with its blocks the source is too large"],
  ])("%j: %s", (source, expected) => {
    const expanded = expand(source);
    const errors = expanded.kind === "errors" ? expanded.errors : [];
    expect(errors.map((e) => `${e.line}:${e.column} ${e.block} ${e.message}`)).toEqual([expected]);
  });

  it("knows where each character comes from", () => {
    const expanded = expand("ab\n{% render 'outer' %}\nz");
    if (expanded.kind === "errors") throw new Error("expanded");
    const { source, place } = expanded;
    expect(source).toBe("ab\n<Hello {{ recipient.name }}>\nA\nz");
    expect(place(0)).toEqual({ line: 1, column: 1, offset: 0, block: null });
    expect(place(source.indexOf("<"))).toEqual({ line: 1, column: 1, offset: 0, block: "outer" });
    expect(place(source.indexOf("recipient"))).toEqual({ line: 1, column: 10, offset: 9, block: "greeting" });
    expect(place(source.indexOf("A"))).toEqual({ line: 1, column: 1, offset: 0, block: "a" });
    expect(place(source.indexOf("z"))).toEqual({ line: 3, column: 1, offset: 24, block: null });
  });

  it("names the blocks of a source", () => {
    expect(
      findBlockNames("{% render 'a' %}{% render \"b\" %}{% render 'a' %}{% raw %}{% render 'c' %}{% endraw %}"),
    ).toEqual(["a", "b"]);
  });

  it("leaves a source without blocks alone, and none for the engine in any other", () => {
    const word = fc.constantFrom(
      "{%",
      "%}",
      "{{",
      "}}",
      "render 'a'",
      "raw",
      "endraw",
      "comment",
      "endcomment",
      "'",
      '"',
      " ",
      "-",
      "x",
      "\n",
      "{% render 'outer' %}",
      "{% raw %}",
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 30 }), (words) => {
        const source = words.join("");
        const expanded = expand(source);
        if (expanded.kind === "errors") return;
        if (!source.includes("render")) expect(expanded.source).toBe(source);
        const parsed = parseTemplate(expanded.source, { kind: "html" });
        const messages = parsed.kind === "errors" ? parsed.errors.map((e) => e.message) : [];
        expect(messages.filter((m) => m.includes("needs another file"))).toEqual([]);
        expect(expanded.place(expanded.source.length).line).toBeGreaterThan(0);
      }),
      { numRuns: 2000 },
    );
  });
});
