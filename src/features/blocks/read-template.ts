/**
 * One template as the operator wrote it, in either syntax: as Liquid with its personalisation blocks expanded, and what there is to
 * say against it, with places in the operator's own text.
 */
import { translateCampaign } from "../../core/template/campaign/translate-campaign.ts";
import type { TemplateKind } from "../../core/template/engine.ts";
import { expandBlocks } from "../../core/template/expand-blocks.ts";
import { lineTable } from "../../core/template/line-table.ts";
import { parseTemplate } from "../../core/template/parse-template.ts";
import type { UsedAttribute } from "../../core/template/template-variables.ts";
import type { Content } from "../../contract/index.ts";
import type { BlockLookup } from "./block-sources.ts";

export type ReadOptions = {
  readonly syntax: Content["syntax"];
  readonly lookupBlock: BlockLookup;
  /** Of all blocks, for the hint when a name is unknown. */
  readonly blockNames: readonly string[];
  /** Names of `delivery.NAME`. */
  readonly variables: readonly string[];
  /** Of the block that the source is; places in it are the source's own. */
  readonly block?: string;
};

type Place = { readonly line: number; readonly column: number };
/** `block`: the place is in this block's own source; null: in what was given. */
type InBlock = Place & { readonly block: string | null };

export type ReadTemplate =
  | { readonly kind: "read"; readonly liquid: string; readonly attributes: readonly (UsedAttribute & InBlock)[] }
  | { readonly kind: "errors"; readonly errors: readonly (InBlock & { readonly message: string })[] };

export function readTemplate(source: string, kind: TemplateKind, options: ReadOptions): ReadTemplate {
  const translated = translate(source, kind, options.syntax);
  if (translated.kind === "errors") return refuse(translated.errors, (error) => ({ ...error, block: null }));
  const expanded = expandBlocks(translated.liquid, (name) => options.lookupBlock(name, kind), options.blockNames);
  /** Places in a block are those of its own source; others are in the Liquid and go back to what the operator wrote. */
  const place = ({ block, line, column }: InBlock): InBlock =>
    block === null || block === options.block
      ? { block: null, ...translated.place(offsetOf(translated.liquid, line, column)) }
      : { block, line, column };
  if (expanded.kind === "errors") return refuse(expanded.errors, place);
  const parsed = parseTemplate(expanded.source, { kind, variables: options.variables });
  if (parsed.kind === "errors") return refuse(parsed.errors, ({ offset }) => place(expanded.place(offset)));
  const attributes = parsed.attributes.map((attribute) => {
    return { ...attribute, ...place(expanded.place(attribute.offset)) };
  });
  return { kind: "read", liquid: expanded.source, attributes };
}

function translate(source: string, kind: TemplateKind, syntax: Content["syntax"]) {
  if (syntax === "campaign") return translateCampaign(source, kind);
  const liquid = source.replace(/\r\n?/g, "\n");
  return { kind: "translated" as const, liquid, place: lineTable(liquid) as (offset: number) => Place };
}

/** Of a place from 1; the text ends its lines with `\n`. */
function offsetOf(text: string, line: number, column: number): number {
  let start = 0;
  for (let i = 1; i < line; i++) start = text.indexOf("\n", start) + 1;
  return start + column - 1;
}

function refuse<F extends { readonly message: string }>(
  findings: readonly F[],
  place: (finding: F) => InBlock,
): ReadTemplate {
  const errors = findings.map((finding) => {
    const { line, column, block } = place(finding);
    const message = block === null ? finding.message : `in the block "${block}": ${finding.message}`;
    return { line, column, block, message };
  });
  return { kind: "errors", errors };
}
