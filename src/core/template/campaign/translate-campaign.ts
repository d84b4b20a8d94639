/**
 * Campaign syntax as Liquid: `<%= recipient.firstName %>` becomes `{{ recipient.firstName }}`. A small grammar that is read and
 * written anew, never run as JavaScript; what is not part of it is refused with its place and what to write instead. In HTML a
 * value is escaped, which the incumbent leaves to the author: `<%= raw(…) %>` is not.
 */
import type { TemplateKind } from "../engine.ts";
import { lineTable } from "../line-table.ts";
import { joinPieces } from "../source-map.ts";
import type { TemplateError } from "../template-variables.ts";
import { CampaignError } from "./campaign-error.ts";
import { blockOfView } from "./names.ts";
import { type CodeState, readCode } from "./read-code.ts";
import { readExpression } from "./read-expression.ts";
import { readSections, type Section } from "./read-sections.ts";
import { describeToken, readTokens, TokenReader } from "./tokens.ts";
import { type LiquidPiece, LiquidWriter, type Sink } from "./write-liquid.ts";

export type TranslateResult =
  | {
      readonly kind: "translated";
      /** Line ends are `\n`. */
      readonly liquid: string;
      /** Where in the campaign source an offset of `liquid` comes from; from 1. */
      readonly place: (offset: number) => { line: number; column: number };
    }
  | { readonly kind: "errors"; readonly errors: readonly TemplateError[] };

const MAX_ERRORS = 100;

export function translateCampaign(source: string, kind: TemplateKind): TranslateResult {
  const text = source.replace(/\r\n?/g, "\n");
  const lines = lineTable(text);
  const sink: Sink = [];
  const state: CodeState = { writer: new LiquidWriter(kind, sink), locals: new Set(), open: [] };
  const errors: TemplateError[] = [];
  const fail = (at: number, message: string) => errors.push({ ...lines(at), offset: at, message });
  for (const section of readSections(text)) {
    try {
      translateSection(section, state);
    } catch (error) {
      if (!(error instanceof CampaignError)) throw error;
      if (error.structural && errors.length > 0) continue;
      fail(error.at, error.message);
      if (errors.length === MAX_ERRORS) break;
    }
  }
  // after another error an open `if` may be its consequence
  if (errors.length === 0) for (const { at } of state.open) fail(at, "this if is not closed: <% } %> is missing");
  if (errors.length > 0) return { kind: "errors", errors };
  const { text: liquid, locate } = joinPieces(flatten(sink));
  return { kind: "translated", liquid, place: (offset) => lines(locate(offset)?.at ?? 0) };
}

function* flattened(sink: Sink): Generator<LiquidPiece> {
  for (const piece of sink) {
    if (Array.isArray(piece)) yield* flattened(piece);
    else yield piece;
  }
}

function flatten(sink: Sink): LiquidPiece[] {
  return [...flattened(sink)];
}

function translateSection(section: Section, state: CodeState): void {
  const { writer } = state;
  switch (section.kind) {
    case "text":
      writer.copy(section.text, section.begin);
      return;
    case "value": {
      const reader = new TokenReader(readTokens(section.text, section.inside));
      if (reader.peek().kind === "end") throw new CampaignError(section.begin, "<%= %> needs a value");
      const value = readExpression(reader, state.locals);
      reader.take(";");
      const rest = reader.peek();
      if (rest.kind !== "end") throw new CampaignError(rest.at, `${describeToken(rest)} is not expected here`);
      writer.output(value, false);
      return;
    }
    case "code":
      readCode(new TokenReader(readTokens(section.text, section.inside)), state);
      return;
    case "directive":
      translateDirective(section, state);
      return;
    case "unclosed":
      throw new CampaignError(section.begin, "%> is missing");
  }
}

const DIRECTIVE = /^\s*(\w+)(?:\s+(\w+)\s*=\s*(?:"([^"]*)"|'([^']*)'))?\s*$/;
const BLOCK_FORM = "a personalisation block is written <%@ include view='name' %>";
const REFUSED: Readonly<Record<string, string>> = {
  "include file": `nothing is read from other places: ${BLOCK_FORM}`,
  "include url": `nothing is read from other places: ${BLOCK_FORM}`,
  "include option":
    "options are not read: write the value, or make it a variable of the delivery, <%= delivery.name %>",
};
const REFUSED_WORDS: Readonly<Record<string, string>> = {
  value: "values are written <%= recipient.first_name %>",
  foreach:
    "loops are not supported: in a content of syntax liquid write {% for item in recipient.list %} … {% endfor %}",
  end: "there is nothing to end",
};

function translateDirective({ text, begin, inside }: Section, { writer }: CodeState): void {
  const [, word = "", name = "", double, single] = DIRECTIVE.exec(text) ?? [];
  const first = /^\s*(\w*)/.exec(text)?.[1] ?? "";
  const refusal = REFUSED[`${word} ${name}`] ?? REFUSED_WORDS[first];
  if (refusal !== undefined) throw new CampaignError(begin, refusal);
  if (word !== "include" || name !== "view")
    throw new CampaignError(begin, `only blocks can be included: ${BLOCK_FORM}`);
  const view = (double ?? single ?? "").trim();
  writer.emit(`{% render '${blockOfView(view, inside)}' %}`, begin);
}
