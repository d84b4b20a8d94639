/**
 * Tells which elements are open at each token, with the end tags that HTML lets authors leave out (HTML Living Standard §13.1.2.4)
 * and those that match nothing. Depth has a limit as in browsers, so that hostile nesting costs no more than its length.
 */
import type { StartTag, Token } from "./tokenise.ts";

export type Visitor = {
  readonly open: (tag: StartTag) => void;
  /** Called once for each `open`, innermost first. */
  readonly close: (tag: StartTag) => void;
  readonly other: (token: Exclude<Token, { kind: "start" | "end" }>) => void;
};

const MAX_DEPTH = 512;
const VOID = /^(?:area|base|basefont|bgsound|br|col|embed|frame|hr|image|img|input|link|meta|param|source|track|wbr)$/;
const ENDS_PARAGRAPH =
  /^(?:address|article|aside|blockquote|center|details|dialog|dir|div|dl|fieldset|figure|footer|form|h[1-6]|header|hr|main|menu|nav|ol|p|pre|section|table|ul)$/;

const names = (list: string) => new Set(list.split(" "));
const CELL_BORDERS = names("td th caption table button");
const TABLE_PARTS = names("table tbody thead tfoot tr td th caption colgroup");

type Ends = readonly (readonly [ends: Set<string>, border: Set<string>])[];
const CELL_ENDS: Ends = [[names("td th"), names("table tr")]];
const ROW_GROUP_ENDS: Ends = [
  [names("tr"), names("table")],
  [names("tbody thead tfoot caption colgroup"), names("table")],
];
const PARAGRAPH_ENDS: Ends = [[names("p"), CELL_BORDERS]];

/** Start tag → open elements that it ends, up to a border that protects what is outside. */
const IMPLIED_ENDS = new Map<string, Ends>(
  Object.entries({
    a: [[names("a"), CELL_BORDERS]],
    body: [[names("head"), names("body")]],
    dd: [[names("dd dt"), names("dl table td th")]],
    dt: [[names("dd dt"), names("dl table td th")]],
    li: [[names("li"), names("ul ol menu dir table td th")]],
    optgroup: [[names("option optgroup"), names("select")]],
    option: [[names("option"), names("select optgroup")]],
    tbody: ROW_GROUP_ENDS,
    td: CELL_ENDS,
    tfoot: ROW_GROUP_ENDS,
    th: CELL_ENDS,
    thead: ROW_GROUP_ENDS,
    tr: [[names("tr caption colgroup"), names("table tbody thead tfoot")]],
  } satisfies Record<string, Ends>),
);

export function walk(tokens: readonly Token[], visitor: Visitor): void {
  const stack: StartTag[] = [];
  /** Closes the innermost open element of these names with all in it, unless a border is met before. */
  const closeTo = (ends: Set<string>, border: Set<string> | null) => {
    let at = stack.length - 1;
    for (; at >= 0; at--) {
      const name = (stack[at] as StartTag).name;
      if (ends.has(name)) break;
      if (border?.has(name)) return;
    }
    if (at >= 0) while (stack.length > at) visitor.close(stack.pop() as StartTag);
  };
  for (const token of tokens) {
    if (token.kind === "start") {
      const implied = ENDS_PARAGRAPH.test(token.name) ? PARAGRAPH_ENDS : (IMPLIED_ENDS.get(token.name) ?? []);
      for (const [ends, border] of implied) closeTo(ends, border);
      visitor.open(token);
      const closed = VOID.test(token.name) || (token.selfClosing && token.name.includes(":"));
      if (closed || stack.length >= MAX_DEPTH) visitor.close(token);
      else stack.push(token);
    } else if (token.kind !== "end") visitor.other(token);
    // what stands behind </body> and </html> belongs to the body all the same
    else if (token.name !== "body" && token.name !== "html") {
      closeTo(new Set([token.name]), borderOfEnd(token.name));
    }
  }
  while (stack.length > 0) visitor.close(stack.pop() as StartTag);
}

const TABLE_BORDER = names("table");
const borderOfEnd = (name: string) =>
  name === "table" ? null : TABLE_PARTS.has(name) ? TABLE_BORDER : CELL_BORDERS.has(name) ? null : CELL_BORDERS;
