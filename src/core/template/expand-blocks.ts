/**
 * Puts personalisation blocks in the place of `{% render 'name' %}`: textually and before anything else is done with a
 * source, so that their links are found and tracked like all others.
 */
import { MAX_SOURCE } from "./engine.ts";
import { lineTable } from "./line-table.ts";
import { nearNames } from "./near-names.ts";
import { scanTags, type TagMark } from "./scan-marks.ts";
import { joinPieces, type Piece } from "./source-map.ts";

/** Line and column from 1, offset from 0; `block` is the name of the innermost block, null: the source itself. */
type BlockPlace = {
  readonly line: number;
  readonly column: number;
  readonly offset: number;
  readonly block: string | null;
};
export type BlockError = BlockPlace & { readonly message: string };
export type ExpandResult =
  | {
      readonly kind: "expanded";
      /** Line ends are `\n`. */
      readonly source: string;
      /** Where an offset of the expanded source comes from. */
      readonly place: (offset: number) => BlockPlace;
    }
  | { readonly kind: "errors"; readonly errors: readonly BlockError[] };

const MAX_DEPTH = 10;
/** Blocks put in, all together: blocks in blocks multiply. */
const MAX_EXPANSIONS = 1000;
const MAX_ERRORS = 100;

const BLANKS = /\s*/y;
/** A quoted name and nothing else. */
const NAME = /^(["'])([^"'\\]{1,200})\1$/;

type Text = {
  readonly block: string | null;
  readonly source: string;
  readonly lines: ReturnType<typeof lineTable>;
};
type Expansion = {
  readonly lookup: (name: string) => string | null;
  readonly known: readonly string[];
  readonly pieces: Piece<Text>[];
  readonly errors: BlockError[];
  expansions: number;
  length: number;
  /** A limit was passed: whatever else there is makes it worse. */
  ended: boolean;
};

/** `known` are the names offered where one is unknown. */
export function expandBlocks(
  source: string,
  lookup: (name: string) => string | null,
  known: readonly string[] = [],
): ExpandResult {
  const state: Expansion = { lookup, known, pieces: [], errors: [], expansions: 0, length: 0, ended: false };
  expandText(textOf(source, null), [], state);
  if (state.errors.length > 0) return { kind: "errors", errors: state.errors };
  const { text, locate } = joinPieces(state.pieces);
  const place = (offset: number): BlockPlace => {
    const found = locate(offset);
    if (found === null) return { line: 1, column: 1, offset: 0, block: null };
    return { ...found.origin.lines(found.at), offset: found.at, block: found.origin.block };
  };
  return { kind: "expanded", source: text, place };
}

/** The names in `{% render 'name' %}`, each once. */
export function findBlockNames(source: string): string[] {
  const names = new Set<string>();
  for (const tag of scanTags(source)) {
    const name = tag.name === "render" ? NAME.exec(tag.args)?.[2] : undefined;
    if (name !== undefined) names.add(name);
  }
  return [...names];
}

function textOf(source: string, block: string | null): Text {
  const plain = source.replace(/\r\n?/g, "\n");
  return { block, source: plain, lines: lineTable(plain) };
}

function expandText(text: Text, within: readonly string[], state: Expansion): void {
  const { source } = text;
  let done = 0;
  const copy = (begin: number, end: number) => {
    const piece = source.slice(begin, end);
    state.length += piece.length;
    if (state.length > MAX_SOURCE) stop(text, begin, "with its blocks the source is too large", state);
    state.pieces.push({ text: piece, origin: text, at: begin, copied: true });
  };
  for (const tag of scanTags(source)) {
    if (tag.name !== "render") continue;
    // blanks beside `{%-` and `-%}` go, as the engine would do it
    const before = source.slice(done, tag.begin);
    copy(done, done + (tag.trimLeft ? before.trimEnd() : before).length);
    done = tag.end;
    if (tag.trimRight) {
      BLANKS.lastIndex = done;
      done += BLANKS.exec(source)?.[0].length ?? 0;
    }
    expandTag(text, tag, within, state);
    if (state.ended) return;
  }
  copy(done, source.length);
}

function expandTag(text: Text, tag: TagMark, within: readonly string[], state: Expansion): void {
  const fail = (message: string) => {
    state.errors.push({ ...text.lines(tag.begin), offset: tag.begin, block: text.block, message });
    state.ended ||= state.errors.length === MAX_ERRORS;
  };
  const name = NAME.exec(tag.args)?.[2];
  if (name === undefined) return fail("a block is written {% render 'name' %}: one name in quotes and nothing else");
  if (within.includes(name)) return fail(`the block "${name}" contains itself: ${[...within, name].join(" → ")}`);
  if (within.length === MAX_DEPTH) return fail(`blocks within blocks go ${MAX_DEPTH} deep at most`);
  const source = state.lookup(name);
  if (source === null) {
    const near = nearNames(name, state.known);
    return fail(`there is no block "${name}"${near.length > 0 ? `: did you mean ${near.join(", ")}?` : ""}`);
  }
  state.expansions++;
  if (state.expansions > MAX_EXPANSIONS) {
    return stop(text, tag.begin, `there are more than ${MAX_EXPANSIONS} blocks in it`, state);
  }
  expandText(textOf(source, name), [...within, name], state);
}

function stop(text: Text, offset: number, message: string, state: Expansion): void {
  if (!state.ended) state.errors.push({ ...text.lines(offset), offset, block: text.block, message });
  state.ended = true;
}
