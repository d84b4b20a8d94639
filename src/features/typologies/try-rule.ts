/** An expression tried on a delivery before it is saved: nothing changes. */
import type { z } from "zod";

import type { RuleLanguage, TriedRule, tryRuleSchema } from "../../contract/typologies.ts";
import { wholeSender } from "../../core/delivery/sender.ts";
import type { Instant } from "../../core/time.ts";
import { sayFact } from "../../core/typology/control-rule.ts";
import { evaluate } from "../../core/typology/language/evaluate.ts";
import { readExpression } from "../../core/typology/language/expression.ts";
import { FACTS, FUNCTIONS, type FunctionWords } from "../../core/typology/language/vocabulary.ts";
import type { Db } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { readId } from "../../platform/paging.ts";
import { type ContentDeps, readContent } from "../content/index.ts";
import { loadSettings } from "../settings/index.ts";
import { checkExpression } from "./check-rules.ts";
import { type Counts, factsOf, type JudgedDelivery } from "./facts.ts";
import { groundOf } from "./ground.ts";

type TryInput = z.infer<typeof tryRuleSchema>;

/** Counts are those of the last analysis; without one they are not known. */
export async function tryRule(db: Db, input: TryInput, deps: ContentDeps, now: Instant): Promise<TriedRule> {
  const read = readExpression(input.expression, groundOf(input.phase));
  if (read.kind === "problems") {
    const errors = checkExpression(input, "/expression");
    throw appError("invalid-input", { detail: `/expression: ${errors[0]?.message}` }, errors);
  }
  const { delivery, counts } = await loadDelivery(db, readId(input.delivery, "delivery"));
  const content = await readContent(db, delivery, deps);
  const result = evaluate(read.node, factsOf(delivery, content, counts, now));
  if (result.kind === "failed") {
    const why = content.kind === "errors" ? " The content of the delivery has errors." : "";
    const analyse = counts === null ? " The delivery was not analysed yet." : "";
    return { holds: null, failure: `${result.message}.${why}${analyse}`, facts: [] };
  }
  const facts = [...result.used].map(([name, value]) => ({ name, value: sayFact(name, value) }));
  return { holds: result.value === true, failure: null, facts };
}

type Row = JudgedDelivery & {
  analysed: boolean;
  targeted: number;
  to_deliver: number;
  reasons: Record<string, number>;
};

async function loadDelivery(db: Db, id: number): Promise<{ delivery: JudgedDelivery; counts: Counts | null }> {
  const [row] = await db.query<Row>(
    `select id, label, content, sender, audience, settings, template_id, created_at, analysed_at is not null as analysed,
            targeted, to_deliver,
            (select coalesce(jsonb_object_agg(reason, count), '{}') from delivery_exclusions where delivery_id = d.id) as reasons
       from deliveries d where id = $1`,
    [id],
  );
  if (!row) throw appError("not-found", { what: "delivery", id });
  const counts = { targeted: row.targeted, toDeliver: row.to_deliver, excluded: row.reasons };
  const delivery = { ...row, sender: wholeSender(row.sender, await loadSettings(db)) };
  return { delivery, counts: row.analysed ? counts : null };
}

/** All that expressions can name. */
export function listWords(): RuleLanguage {
  const functions = Object.entries<FunctionWords>(FUNCTIONS).map(([name, { takes, gives, from, about }]) => ({
    name,
    takes: [...takes],
    gives: gives ?? "any",
    from: from ?? ("before-target" as const),
    about,
  }));
  return { facts: Object.entries(FACTS).map(([name, fact]) => ({ name, ...fact })), functions };
}
