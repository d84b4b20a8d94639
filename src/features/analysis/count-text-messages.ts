/** How many of those who get a message get one without HTML. */
import type { CompiledContent } from "../../core/message/compile-content.ts";
import { chooseFormat, FORMAT_ATTRIBUTE } from "../../core/message/message-format.ts";
import type { Tx } from "../../platform/db.ts";
import { countFormats } from "./facts-store.ts";

/** Messages without HTML: nobody can see whether they are opened. */
export async function countTextMessages(tx: Tx, { html, text, format, formatRules }: CompiledContent): Promise<number> {
  const facts = { choice: format, rules: formatRules, hasHtml: html !== null, hasText: text !== null };
  let count = 0;
  for (const group of await countFormats(tx, FORMAT_ATTRIBUTE)) {
    if (chooseFormat({ ...facts, ...group }) === "text") count += group.count;
  }
  return count;
}
