/** Blocks as the preparation of content wants them: the Liquid of a name. */
import { translateCampaign } from "../../core/template/campaign/translate-campaign.ts";
import type { TemplateKind } from "../../core/template/engine.ts";
import type { Queryable } from "../../platform/db.ts";
import { listBuiltIn, NEUTRAL, type BlockOptions } from "./built-in.ts";
import { listOwnNames, loadOwn, type OwnBlock } from "./store.ts";

/** Liquid, for `header` on one line; null when there is no block of that name. */
export type BlockLookup = (name: string, kind: TemplateKind) => string | null;

/** Of built-in and own blocks as they are now. */
export async function loadBlockSources(db: Queryable, options: BlockOptions): Promise<BlockLookup> {
  return lookupIn(await loadOwn(db), options);
}

/** Of all blocks, in order. */
export async function listBlockNames(db: Queryable): Promise<string[]> {
  return namesOf(await listOwnNames(db));
}

export function namesOf(own: readonly string[]): string[] {
  const builtIn = listBuiltIn(NEUTRAL).map((block) => block.name);
  return [...builtIn, ...own].toSorted();
}

export function lookupIn(own: readonly OwnBlock[], options: BlockOptions): BlockLookup {
  const builtIn = new Map(listBuiltIn(options).map((block) => [block.name, block]));
  const owned = new Map(own.map((block) => [block.name, block]));
  return (name, kind) => {
    const block = builtIn.get(name);
    const written = block ? { ...block, syntax: "liquid" as const } : owned.get(name);
    if (!written) return null;
    const source = sourceOf(written, kind);
    return kind === "header" ? onOneLine(source) : source;
  };
}

function sourceOf(block: Pick<OwnBlock, "name" | "syntax" | "html" | "text">, kind: TemplateKind): string {
  const source = kind === "html" ? block.html : block.text;
  if (block.syntax === "liquid") return source;
  const translated = translateCampaign(source, kind);
  if (translated.kind === "translated") return translated.liquid;
  // It was checked when it was saved.
  throw new Error(`the block ${block.name} cannot be read any more: ${translated.errors[0]?.message}`);
}

/** Where line ends part statements they stay: what reads headers makes blanks of those that are text. */
function onOneLine(source: string): string {
  if (/\{%-?\s*liquid\b/.test(source)) return source.trim();
  const lines = source.split(/\r\n?|\n/).map((line) => line.trim());
  return lines.filter((line) => line !== "").join(" ");
}
