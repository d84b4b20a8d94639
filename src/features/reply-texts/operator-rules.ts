/** Operators' bounce rules: how they are made, changed, ordered, removed, and what senders read of them. */
import type { BounceRuleInput } from "../../contract/reply-texts.ts";
import type { Given } from "../../contract/given.ts";
import type { Rule, RuleSet } from "../../core/bounce/rule.ts";
import type { Instant } from "../../core/time.ts";
import type { Db, Queryable } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { checkRule, toRule } from "./check-rule.ts";
import { beginChange, deleteRule, insertRule, listRules, placeRules, updateRule, type RuleRow } from "./rule-store.ts";

export type RuleDeps = { readonly db: Db; readonly now: () => Instant; readonly shipped: RuleSet };

/** The version that the editor saw: null for any; `none` matches no version. */
type Seen = number | "none" | null;

/** How many rules there can be: each is looked at for each answer. */
const MOST = 1000;

/** Those in use, in their order. They come before those of files. */
export async function loadOperatorBounceRules(db: Queryable): Promise<Rule[]> {
  return (await listRules(db)).filter(({ enabled }) => enabled).map(toRule);
}

/** The new rule, with the others: it comes last. */
export function createRule(
  { db, now, shipped }: RuleDeps,
  input: BounceRuleInput,
): Promise<{ id: number; rows: RuleRow[] }> {
  return db.transaction(async (tx) => {
    const known = await beginChange(tx);
    const checked = withNewRule(known, input, shipped);
    const id = await insertRule(tx, checked, known.length + 1, now());
    return { id, rows: await listRules(tx) };
  });
}

/** The rule as it is kept, when there may be one more. */
export function withNewRule(known: readonly RuleRow[], input: BounceRuleInput, shipped: RuleSet): BounceRuleInput {
  if (known.length >= MOST) throw invalid("", "too-many", `There are ${MOST} bounce rules, more there cannot be`);
  return checkRule(input, known, shipped);
}

/** Fields left out stay. */
export function changeRule(
  { db, now, shipped }: RuleDeps,
  id: number,
  change: Given<BounceRuleInput>,
  seen: Seen,
): Promise<RuleRow[]> {
  return db.transaction(async (tx) => {
    const known = await beginChange(tx);
    const { name, enabled, rule } = findSeen(known, id, seen);
    const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
    const wanted: BounceRuleInput = { name, enabled, ...rule, ...given };
    const others = known.filter((other) => other.id !== id);
    await updateRule(tx, id, checkRule(wanted, others, shipped), now());
    return listRules(tx);
  });
}

export async function removeRule({ db }: Pick<RuleDeps, "db">, id: number, seen: Seen): Promise<void> {
  await db.transaction(async (tx) => {
    const known = await beginChange(tx);
    findSeen(known, id, seen);
    await deleteRule(tx, id);
    await placeRules(
      tx,
      known.filter((other) => other.id !== id).map((other) => other.id),
    );
  });
}

export function orderRules({ db }: Pick<RuleDeps, "db">, ids: readonly string[]): Promise<RuleRow[]> {
  return db.transaction(async (tx) => {
    const wanted = inOrder(await beginChange(tx), ids);
    await placeRules(
      tx,
      wanted.map(({ id }) => id),
    );
    return listRules(tx);
  });
}

/** Every rule has its place: an order that forgets one made meanwhile is refused. */
export function inOrder(known: readonly RuleRow[], ids: readonly string[], pointer = "/ids"): RuleRow[] {
  const wanted = ids.flatMap((id) => known.filter((row) => String(row.id) === id));
  const isComplete = ids.length === known.length && new Set(wanted).size === known.length;
  if (isComplete) return wanted;
  const listed = known.map(({ id }) => id).join(", ") || "none";
  throw invalid(pointer, "incomplete", `The order names each bounce rule once; there are ${listed}`);
}

export function findSeen(known: readonly RuleRow[], id: number, seen: Seen): RuleRow {
  const row = known.find((one) => one.id === id);
  if (row === undefined) throw appError("not-found", { what: "bounce rule", id });
  if (seen !== null && seen !== row.version) {
    throw appError("version-conflict", { what: `the bounce rule "${row.name}"` });
  }
  return row;
}

function invalid(pointer: string, code: string, message: string) {
  return appError("invalid-input", { detail: pointer === "" ? message : `${pointer}: ${message}` }, [
    { pointer, code, message },
  ]);
}
