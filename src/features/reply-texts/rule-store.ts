/** The SQL of operators' bounce rules. */
import type { BounceRuleInput } from "../../contract/reply-texts.ts";
import type { Instant } from "../../core/time.ts";
import { timestamp, type Queryable, type Tx } from "../../platform/db.ts";
import { SHAPING_CHANNEL } from "../../platform/events.ts";

export type RuleFields = Omit<BounceRuleInput, "name" | "enabled">;

export type RuleRow = {
  readonly id: number;
  readonly name: string;
  readonly enabled: boolean;
  readonly rule: RuleFields;
  readonly version: number;
  readonly created_at: Instant;
  readonly updated_at: Instant;
};

const COLUMNS = "id, name, enabled, rule, version, created_at, updated_at";

/** In the order in which they are looked at. */
export function listRules(db: Queryable): Promise<RuleRow[]> {
  return db.query<RuleRow>(`select ${COLUMNS} from bounce_rules order by position, id`);
}

/** Rules are one ordered list: it is changed by one at a time. Senders hear of the change when it is there. */
export async function beginChange(tx: Tx): Promise<RuleRow[]> {
  await tx.query("lock table bounce_rules in share row exclusive mode");
  await tx.query("select pg_notify($1, '')", [SHAPING_CHANNEL]);
  return listRules(tx);
}

export async function insertRule(tx: Tx, input: BounceRuleInput, position: number, now: Instant): Promise<number> {
  const { name, enabled, ...rule } = input;
  const [row] = await tx.query<{ id: number }>(
    `insert into bounce_rules (position, name, enabled, rule, created_at, updated_at) values ($1, $2, $3, $4, $5, $5)
     returning id`,
    [position, name, enabled, JSON.stringify(rule), timestamp(now)],
  );
  return (row as { id: number }).id;
}

export async function updateRule(tx: Tx, id: number, input: BounceRuleInput, now: Instant): Promise<void> {
  const { name, enabled, ...rule } = input;
  await tx.query(
    "update bounce_rules set name = $2, enabled = $3, rule = $4, version = version + 1, updated_at = $5 where id = $1",
    [id, name, enabled, JSON.stringify(rule), timestamp(now)],
  );
}

export async function deleteRule(tx: Tx, id: number): Promise<void> {
  await tx.query("delete from bounce_rules where id = $1", [id]);
}

/** `ids`: all of them. Positions are 1, 2, 3 … again. */
export async function placeRules(tx: Tx, ids: readonly number[]): Promise<void> {
  await tx.query(
    `update bounce_rules b set position = o.position
       from unnest($1::bigint[]) with ordinality as o(id, position)
      where b.id = o.id and b.position <> o.position`,
    [ids],
  );
}
