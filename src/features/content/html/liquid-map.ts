/**
 * Where Liquid is in a source and which of its branches a place belongs to, found as the template engine finds it, so that
 * everything that reads HTML or CSS can step over it. Tolerates any input: what never closes is not Liquid.
 */

/** `opaque` covers a whole block whose inside is no template: raw, comment, tracked. */
export type Span = {
  readonly start: number;
  readonly end: number;
  readonly kind: "output" | "tag" | "opaque";
  /** Of the tag, `#` for an inline comment; empty for outputs. */
  readonly name: string;
  /** The branch that begins after it. */
  readonly branch: number;
  /** 1 opens a block, 0 parts one (`else`), -1 closes one; null for everything else. */
  readonly step: 1 | 0 | -1 | null;
};

export type LiquidMap = {
  readonly spans: readonly Span[];
  /** The span that covers the offset. */
  at(offset: number): Span | null;
  /** Those that lie in `[start, end)`. */
  within(start: number, end: number): readonly Span[];
  /** Number of the branch an offset is in; 0 is outside of all blocks. */
  branchAt(offset: number): number;
  /** Whatever shows `inner` shows `outer` too. */
  contains(outer: number, inner: number): boolean;
  /** They are alternatives of one condition: whatever shows one does not show the other. */
  excludes(a: number, b: number): boolean;
};

/** A branch: the branch its block stands in, that block, and the highest number of a branch inside of it. */
type Branch = { readonly parent: number; readonly block: number; last: number };

const BLOCKS = new Set(["if", "unless", "case", "for", "tablerow", "capture"]);
const PARTERS = new Set(["else", "elsif", "when"]);
const OPAQUE = new Set(["raw", "comment", "tracked"]);
const TAG_NAME = /\{%-?\s*(#|\w+)?/y;
const END_OF_RAW = /\{%-?\s*endraw\s*-?%\}/g;

type Lexeme = { start: number; end: number; kind: Span["kind"]; name: string };

export function mapLiquid(source: string): LiquidMap {
  const { spans, branches } = addBranches(joinOpaque(lex(source)));
  /** Index of the first span that ends behind the offset. */
  const indexAfter = (offset: number): number => {
    let low = 0;
    let high = spans.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((spans[middle] as Span).end <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return {
    spans,
    at: (offset) => {
      const span = spans[indexAfter(offset)];
      return span && span.start <= offset ? span : null;
    },
    within: (start, end) => {
      const from = indexAfter(start);
      let to = from;
      while (to < spans.length && (spans[to] as Span).start < end) to++;
      return from === to ? [] : spans.slice(from, to);
    },
    branchAt: (offset) => spans[indexAfter(offset) - 1]?.branch ?? 0,
    contains: (outer, inner) => contains(branches, outer, inner),
    excludes: (a, b) => excludes(branches, a, b),
  };
}

const contains = (branches: readonly Branch[], outer: number, inner: number) =>
  outer <= inner && inner <= (branches[outer]?.last ?? 0);

function excludes(branches: readonly Branch[], a: number, b: number): boolean {
  if (contains(branches, a, b) || contains(branches, b, a)) return false;
  const below = (from: number, other: number) => {
    let branch = branches[from];
    while (branch && !contains(branches, branch.parent, other)) branch = branches[branch.parent];
    return branch;
  };
  return below(a, b)?.block === below(b, a)?.block;
}

/** Outputs and tags as liquidjs cuts them: quotes protect an end of output, nothing protects an end of tag. */
function lex(source: string): Lexeme[] {
  const found: Lexeme[] = [];
  const opening = /\{[{%]/g;
  for (let match = opening.exec(source); match; match = opening.exec(source)) {
    const start = match.index;
    if (match[0] === "{{") {
      const end = endOfOutput(source, start + 2);
      if (end < 0) break;
      found.push({ start, end, kind: "output", name: "" });
      opening.lastIndex = end;
      continue;
    }
    const close = source.indexOf("%}", start + 2);
    if (close < 0) break;
    TAG_NAME.lastIndex = start;
    const name = TAG_NAME.exec(source)?.[1] ?? "";
    const end = name === "raw" ? endOfRaw(source, close + 2) : close + 2;
    if (end < 0) break;
    found.push({ start, end, kind: name === "raw" ? "opaque" : "tag", name });
    opening.lastIndex = end;
  }
  return found;
}

function endOfOutput(source: string, from: number): number {
  let quote = "";
  for (let at = from; at < source.length; at++) {
    const char = source[at] as string;
    if (quote !== "") {
      if (char === "\\") at++;
      else if (char === quote) quote = "";
    } else if (char === '"' || char === "'") quote = char;
    else if (char === "}" && source[at + 1] === "}") return at + 2;
  }
  return -1;
}

function endOfRaw(source: string, from: number): number {
  END_OF_RAW.lastIndex = from;
  return END_OF_RAW.exec(source) ? END_OF_RAW.lastIndex : -1;
}

/** A comment or a tracked link is one span from its first tag to its last. */
function joinOpaque(lexemes: readonly Lexeme[]): Lexeme[] {
  const joined: Lexeme[] = [];
  let open: Lexeme | null = null;
  for (const lexeme of lexemes) {
    if (open) {
      if (lexeme.kind !== "tag" || lexeme.name !== `end${open.name}`) continue;
      joined.push({ ...open, end: lexeme.end, kind: "opaque" });
      open = null;
    } else if (lexeme.kind === "tag" && OPAQUE.has(lexeme.name)) open = lexeme;
    else joined.push(lexeme);
  }
  // never closed: the engine refuses the template, so only this one tag is set apart
  if (open) joined.push(open);
  return joined;
}

/** Branches are numbered in the order of the source, so those inside another follow it without a gap up to `last`. */
function addBranches(lexemes: readonly Lexeme[]): { spans: Span[]; branches: Branch[] } {
  const branches: Branch[] = [{ parent: 0, block: 0, last: 0 }];
  const open: { name: string; block: number; branch: number }[] = [];
  const current = () => open.at(-1)?.branch ?? 0;
  const close = () => {
    const closed = branches[open.pop()?.branch ?? 0];
    if (closed) closed.last = branches.length - 1;
  };
  const enter = (name: string, block: number) => {
    const branch = branches.push({ parent: current(), block, last: 0 }) - 1;
    open.push({ name, block, branch });
  };
  const step = (name: string): Span["step"] => {
    const top = open.at(-1);
    if (BLOCKS.has(name)) {
      enter(name, branches.length);
      return 1;
    }
    if (PARTERS.has(name)) {
      if (top) {
        close();
        enter(top.name, top.block);
      }
      return 0;
    }
    if (!name.startsWith("end")) return null;
    if (top && name === `end${top.name}`) close();
    return -1;
  };
  const spans = lexemes.map((lexeme): Span => {
    const taken = lexeme.kind === "tag" ? step(lexeme.name) : null;
    return { ...lexeme, step: taken, branch: current() };
  });
  while (open.length > 0) close();
  (branches[0] as Branch).last = branches.length - 1;
  return { spans, branches };
}

/** The blocks among the spans open and close among them. */
export function isBalanced(spans: readonly Span[]): boolean {
  let depth = 0;
  for (const { step } of spans) {
    if (step === null) continue;
    if (step === 0 && depth === 0) return false;
    depth += step;
    if (depth < 0) return false;
  }
  return depth === 0;
}

/** The text of `[start, end)` with its static pieces changed and Liquid left alone. */
export function mapStatic(
  source: string,
  liquid: LiquidMap,
  range: { readonly start: number; readonly end: number },
  change: (piece: string, beforeLiquid: boolean) => string,
): string {
  const spans = liquid.within(range.start, range.end);
  if (spans.length === 0) return change(source.slice(range.start, range.end), false);
  let out = "";
  let at = range.start;
  for (const span of spans) {
    if (span.start > at) out += change(source.slice(at, span.start), true);
    out += source.slice(Math.max(span.start, range.start), Math.min(span.end, range.end));
    at = Math.max(at, span.end);
  }
  return at < range.end ? out + change(source.slice(at, range.end), false) : out;
}
