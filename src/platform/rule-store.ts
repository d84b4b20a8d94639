/** The SQL of operators' rules that are looked at one after the other. Each kind has a table of its own; all are made alike. */
import type { Instant } from "../core/time.ts";
import { timestamp, type Queryable, type Tx } from "./db.ts";
import { SHAPING_CHANNEL } from "./events.ts";

export type RuleTable = "bounce_rules" | "mx_rules";

/** As it is written. */
export type RuleInput = { name: string; enabled: boolean };

export type RuleRow<Input extends RuleInput> = {
  readonly id: number;
  readonly name: string;
  readonly enabled: boolean;
  readonly rule: Omit<Input, "name" | "enabled">;
  readonly version: number;
  readonly created_at: Instant;
  readonly updated_at: Instant;
};

/** In the order in which they are looked at. */
export function listRules<Input extends RuleInput>(db: Queryable, table: RuleTable): Promise<RuleRow<Input>[]> {
  return db.query<RuleRow<Input>>(
    `select id, name, enabled, rule, version, created_at, updated_at from ${table} order by position, id`,
  );
}

/** Rules are one ordered list: it is changed by one at a time. Senders hear of the change when it is there. */
export async function beginChange<Input extends RuleInput>(tx: Tx, table: RuleTable): Promise<RuleRow<Input>[]> {
  await tx.query(`lock table ${table} in share row exclusive mode`);
  await tx.query("select pg_notify($1, '')", [SHAPING_CHANNEL]);
  return listRules(tx, table);
}

export async function insertRule<Input extends RuleInput>(
  tx: Tx,
  table: RuleTable,
  { name, enabled, ...rule }: Input,
  position: number,
  now: Instant,
): Promise<number> {
  const [row] = await tx.query<{ id: number }>(
    `insert into ${table} (position, name, enabled, rule, created_at, updated_at) values ($1, $2, $3, $4, $5, $5)
     returning id`,
    [position, name, enabled, JSON.stringify(rule), timestamp(now)],
  );
  return (row as { id: number }).id;
}

export async function updateRule<Input extends RuleInput>(
  tx: Tx,
  table: RuleTable,
  id: number,
  { name, enabled, ...rule }: Input,
  now: Instant,
): Promise<void> {
  await tx.query(
    `update ${table} set name = $2, enabled = $3, rule = $4, version = version + 1, updated_at = $5 where id = $1`,
    [id, name, enabled, JSON.stringify(rule), timestamp(now)],
  );
}

export async function deleteRule(tx: Tx, table: RuleTable, id: number): Promise<void> {
  await tx.query(`delete from ${table} where id = $1`, [id]);
}

/** `ids`: all of them. Positions are 1, 2, 3 … again. */
export async function placeRules(tx: Tx, table: RuleTable, ids: readonly number[]): Promise<void> {
  await tx.query(
    `update ${table} r set position = o.position
       from unnest($1::bigint[]) with ordinality as o(id, position)
      where r.id = o.id and r.position <> o.position`,
    [ids],
  );
}
