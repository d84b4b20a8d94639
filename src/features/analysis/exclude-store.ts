/** The SQL of single exclusions: each gives its reason to those rows of `target` that have none. */
import type { ExclusionRule } from "../../contract/index.ts";
import type { ExclusionReason } from "../../core/delivery/status.ts";
import type { Instant } from "../../core/time.ts";
import type { Tx } from "../../platform/db.ts";
import { compileSegment, prepareChoice } from "../segments/index.ts";
import type { FrozenSegment } from "./target-store.ts";

/** Of the words of a rule that go with each row it excludes. */
const MAX_WORDS = 300;

/** Whom the choice names. `name`: of the rule that says so; else the choice in words. */
export async function excludeChoice(
  tx: Tx,
  choice: ExclusionRule,
  { reason, name, now }: { readonly reason: ExclusionReason; readonly name?: string; readonly now: Instant },
): Promise<FrozenSegment> {
  const { prepared, words } = await prepareChoice(tx, choice, now);
  const { sql, params } = compileSegment(prepared, { now, recipient: "r", offset: 2 });
  await tx.query(
    `update target t set reason = $1, detail = $2 from recipients r
      where r.id = t.id and t.reason is null and ${sql}`,
    [reason, (name ?? words).slice(0, MAX_WORDS), ...params],
  );
  return { use: "exclude", words, tree: prepared.tree };
}
