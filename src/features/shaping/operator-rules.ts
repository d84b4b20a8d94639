/** Operators' MX rules: how they are made, changed, ordered, removed, and what senders read of them. */
import type { MxRuleInput } from "../../contract/shaping.ts";
import type { Given } from "../../contract/given.ts";
import type { MxRule } from "../../core/shaping/rule.ts";
import { SECOND, type Instant } from "../../core/time.ts";
import type { Db, Queryable } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { checkRule } from "./check-rule.ts";
import { beginChange, deleteRule, insertRule, listRules, placeRules, updateRule, type RuleRow } from "./store.ts";

/** The version that the editor saw: null for any; `none` matches no version. */
type Seen = number | "none" | null;

/** How many rules there can be: each is looked at for each new site. */
const MOST = 1000;

/** Those in use, in their order. Senders put them before the rules of files. */
export async function loadOperatorRules(db: Queryable): Promise<MxRule[]> {
  return (await listRules(db)).filter(({ enabled }) => enabled).map(toMxRule);
}

export function toMxRule({ name, rule }: Pick<RuleRow, "name" | "rule">): MxRule {
  const { connect, data, other } = rule.timeouts;
  const inMs = (seconds: number | null) => (seconds === null ? null : seconds * SECOND);
  return {
    name,
    origin: "operator",
    mx: rule.mx,
    sources: rule.sources,
    countedPer: rule.countedPer,
    isShared: rule.shared,
    connections: rule.connections,
    messagesPerConnection: rule.messagesPerConnection,
    messagesPerHour: rule.messagesPerHour,
    connectionsPerMinute: rule.connectionsPerMinute,
    timeouts: { connect: inMs(connect), data: inMs(data), other: inMs(other) },
    tls: rule.tls,
  };
}

/** The new rule, with the others: it comes last. */
export function createRule(db: Db, input: MxRuleInput, now: Instant): Promise<{ id: number; rows: RuleRow[] }> {
  return db.transaction(async (tx) => {
    const known = await beginChange(tx);
    if (known.length >= MOST) throw invalid("", "too-many", `There are ${MOST} MX rules, more there cannot be`);
    const id = await insertRule(tx, checkRule(input, known), known.length + 1, now);
    return { id, rows: await listRules(tx) };
  });
}

/** Fields left out stay. */
export function changeRule(
  db: Db,
  id: number,
  change: Given<MxRuleInput>,
  seen: Seen,
  now: Instant,
): Promise<RuleRow[]> {
  return db.transaction(async (tx) => {
    const known = await beginChange(tx);
    const { name, enabled, rule } = findSeen(known, id, seen);
    const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
    const timeouts = { ...rule.timeouts, ...change.timeouts };
    const wanted: MxRuleInput = { name, enabled, ...rule, ...given, timeouts };
    const others = known.filter((other) => other.id !== id);
    await updateRule(tx, id, checkRule(wanted, others), now);
    return listRules(tx);
  });
}

export async function removeRule(db: Db, id: number, seen: Seen): Promise<void> {
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

/** Every rule has its place: an order that forgets one made meanwhile is refused. */
export function orderRules(db: Db, ids: readonly string[]): Promise<RuleRow[]> {
  return db.transaction(async (tx) => {
    const known = await beginChange(tx);
    const wanted = ids.map(Number);
    const isComplete = wanted.length === known.length && known.every(({ id }) => wanted.includes(id));
    if (!isComplete) {
      const listed = known.map(({ id }) => id).join(", ") || "none";
      throw invalid("/ids", "incomplete", `The order names each MX rule once; there are ${listed}`);
    }
    await placeRules(tx, wanted);
    return listRules(tx);
  });
}

function findSeen(known: readonly RuleRow[], id: number, seen: Seen): RuleRow {
  const row = known.find((one) => one.id === id);
  if (row === undefined) throw appError("not-found", { what: "MX rule", id });
  if (seen !== null && seen !== row.version) throw appError("version-conflict", { what: `the MX rule "${row.name}"` });
  return row;
}

function invalid(pointer: string, code: string, message: string) {
  return appError("invalid-input", { detail: pointer === "" ? message : `${pointer}: ${message}` }, [
    { pointer, code, message },
  ]);
}
