/** What can be said against a block when it is saved: its syntax, the blocks that it names, circles. */
import type { FieldError } from "../../platform/errors.ts";
import { lookupIn, namesOf } from "./block-sources.ts";
import { NEUTRAL } from "./built-in.ts";
import { readTemplate } from "./read-template.ts";
import type { OwnBlock } from "./store.ts";

/** `others`: all own blocks but this one. Attributes and variables are the analysis's to check: each delivery has its own. */
export function checkBlock(block: OwnBlock, others: readonly OwnBlock[]): FieldError[] {
  const all = [...others, block];
  const options = {
    syntax: block.syntax,
    block: block.name,
    lookupBlock: lookupIn(all, NEUTRAL),
    blockNames: namesOf(others.map(({ name }) => name)),
    variables: all.flatMap(({ html, text }) => [...variablesOf(html), ...variablesOf(text)]),
  };
  return (["html", "text"] as const).flatMap((kind) => {
    const result = readTemplate(block[kind], kind, options);
    if (result.kind === "read") return [];
    const messages = result.errors.map((error) => `line ${error.line}, column ${error.column}: ${error.message}`);
    // Named twice, a block comes to the same circle twice.
    return [...new Set(messages)].map((message) => ({ pointer: `/${kind}`, code: "template", message }));
  });
}

/** Whatever a source reads of the delivery, as if each delivery defined it. */
function variablesOf(source: string): string[] {
  return Array.from(source.matchAll(/\bdelivery\s*\.\s*([a-z_][a-z0-9_]*)/g), ([, name = ""]) => name);
}
