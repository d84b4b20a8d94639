/** The SQL of capacity rules: what deliveries take of a period's quantity, and who stays when there is not enough. */
import type { CapacityRule } from "../../contract/typology-population.ts";
import { spanOf, type Line } from "../../core/population/capacity.ts";
import type { Instant } from "../../core/time.ts";
import { timestamp, type Queryable, type Tx } from "../../platform/db.ts";
import { countLeft, excludeAfter } from "./exclude-store.ts";
import type { Rule } from "./rules-store.ts";

/** With the id of a rule: what is left of it is spent by one analysis at a time. */
const LOCK = 7_236_022;

/** What other deliveries take in a period: their messages, but for those that were cancelled. Drafts take nothing. */
export async function consumedBy(
  db: Queryable,
  ruleId: number,
  line: Pick<Line, "from" | "to">,
  exceptDelivery: number | null = null,
): Promise<number> {
  const { from, to } = spanOf(line);
  const [row] = await db.query<{ messages: number }>(
    `select coalesce(sum(u.messages - c.cancelled), 0)::bigint as messages
       from capacity_uses u join deliveries d on d.id = u.delivery_id
       cross join lateral (select coalesce(sum(p.cancelled), 0) as cancelled from delivery_parts p
                            where p.delivery_id = d.id and not p.seeds) c
      where u.rule_id = $1 and u.at >= $2 and u.at < $3 and u.delivery_id is distinct from $4::bigint
        and d.state not in ('editing', 'analysing')`,
    [ruleId, timestamp(from), timestamp(to), exceptDelivery],
  );
  return row?.messages ?? 0;
}

export type Taken = {
  readonly rule: Rule<CapacityRule>;
  readonly line: Line;
  /** By others. */
  readonly consumed: number;
  /** Messages that this delivery wanted. */
  readonly wanted: number;
  /** Of those, how many do not fit. */
  readonly excess: number;
};

/** Excludes whom there is no capacity for, if the rule says so. */
export async function applyCapacity(
  tx: Tx,
  rule: Rule<CapacityRule>,
  line: Line,
  /** `own`: messages that it has already. */
  { id, shuffle, own }: { readonly id: number; readonly shuffle: string; readonly own: number },
): Promise<Taken> {
  const { excludeExcess, by } = rule.definition;
  if (excludeExcess) await tx.query("select pg_advisory_xact_lock($1, ($2 % 2147483647)::int)", [LOCK, rule.id]);
  const consumed = await consumedBy(tx, rule.id, line, id);
  const wanted = await countLeft(tx);
  const fits = Math.max(0, line.messages - consumed - own);
  if (excludeExcess && wanted > fits) {
    await excludeAfter(tx, fits, { reason: "excluded-by-arbitration", detail: rule.name, by, shuffle });
  }
  return { rule, line, consumed, wanted, excess: Math.max(0, wanted - fits) };
}

/** Instead of what the delivery took after an earlier analysis. */
export async function saveUses(
  tx: Tx,
  deliveryId: number,
  taken: readonly Taken[],
  at: Instant,
  messages: number,
): Promise<void> {
  await tx.query("delete from capacity_uses where delivery_id = $1", [deliveryId]);
  await tx.query(
    "insert into capacity_uses (rule_id, delivery_id, at, messages) select id, $2, $3, $4 from unnest($1::bigint[]) id",
    [taken.map(({ rule }) => rule.id), deliveryId, timestamp(at), messages],
  );
}
