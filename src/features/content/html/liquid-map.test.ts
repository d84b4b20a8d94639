import { describe, expect, it } from "vitest";

import { isBalanced, mapLiquid, mapStatic } from "./liquid-map.ts";

const cut = (source: string) =>
  mapLiquid(source).spans.map(({ start, end, kind, name }) => `${kind} ${name}: ${source.slice(start, end)}`);

describe("mapLiquid", () => {
  it.each([
    ["a {{ b }} c", ["output : {{ b }}"]],
    ['{{ "}}" }}x', ['output : {{ "}}" }}']],
    ["{{ 'a\\'}}' }}x", ["output : {{ 'a\\'}}' }}"]],
    ["{%- if a -%}", ["tag if: {%- if a -%}"]],
    ["{% assign x = '%}' %}", ["tag assign: {% assign x = '%}"]],
    ["{% # note %}", ["tag #: {% # note %}"]],
    ["{% raw %}{{ a {% endraw %}{{ b }}", ["opaque raw: {% raw %}{{ a {% endraw %}", "output : {{ b }}"]],
    [
      "{% comment %}{% if a %}{{ x }}{% endcomment %}",
      ["opaque comment: {% comment %}{% if a %}{{ x }}{% endcomment %}"],
    ],
    ['{% tracked 4 %}h"{{ a }}{% endtracked %}', ['opaque tracked: {% tracked 4 %}h"{{ a }}{% endtracked %}']],
    ["{{ a", []],
    ["{% a", []],
    ["{{ a }}{{ b", ["output : {{ a }}"]],
    ["{% comment %}{{ a }}", ["tag comment: {% comment %}"]],
    ["{% raw %}{{ a }}", []],
    ["{ {a} }} %}", []],
  ])("%s", (source, expected) => {
    expect(cut(source)).toEqual(expected);
  });

  it("tells branches apart", () => {
    const source =
      "0{% if a %}1{% for i in b %}2{% endfor %}1{% else %}3{% endif %}0{% if c %}4{% endif %}{% endif %}0";
    const map = mapLiquid(source);
    const branch = (digit: string) => map.branchAt(source.indexOf(digit));
    expect(map.branchAt(0)).toBe(0);
    expect(map.branchAt(source.length - 1)).toBe(0);
    expect(map.contains(branch("1"), branch("2"))).toBe(true);
    expect(map.contains(branch("2"), branch("1"))).toBe(false);
    expect(map.contains(0, branch("4"))).toBe(true);
    expect(map.excludes(branch("1"), branch("3"))).toBe(true);
    expect(map.excludes(branch("2"), branch("3"))).toBe(true);
    expect(map.excludes(branch("1"), branch("2"))).toBe(false);
    expect(map.excludes(branch("3"), branch("4"))).toBe(false);
    expect(map.excludes(0, branch("4"))).toBe(false);
  });

  it.each([
    ["{% if a %}{% else %}{% endif %}", true],
    ["{{ a }}", true],
    ["{% else %}", false],
    ["{% endif %}{% if a %}", false],
    ["{% if a %}", false],
  ])("%s is balanced: %s", (source, expected) => {
    expect(isBalanced(mapLiquid(source).spans)).toBe(expected);
  });

  it("changes static pieces only", () => {
    const source = "ab{{ b }}bc{% b %}";
    const range = { start: 1, end: source.length };
    const change = (piece: string, beforeLiquid: boolean) => piece.toUpperCase() + (beforeLiquid ? "<" : ">");
    expect(mapStatic(source, mapLiquid(source), range, change)).toBe("B<{{ b }}BC<{% b %}");
  });
});
