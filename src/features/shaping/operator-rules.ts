/** Operators' MX rules: how they are made and changed, and what senders read of them. */
import type { MxRuleInput } from "../../contract/shaping.ts";
import type { Given } from "../../contract/given.ts";
import type { MxRule } from "../../core/shaping/rule.ts";
import { SECOND, type Instant } from "../../core/time.ts";
import type { Db, Queryable } from "../../platform/db.ts";
import { OrderedRules } from "../../platform/ordered-rules.ts";
import { checkRule, type RuleRow } from "./check-rule.ts";

export const mxRules = new OrderedRules<MxRuleInput>("mx_rules", "MX rule");

/** Those in use, in their order. Senders put them before the rules of files. */
export async function loadOperatorRules(db: Queryable): Promise<MxRule[]> {
  return (await mxRules.list(db)).filter(({ enabled }) => enabled).map(toMxRule);
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
export function createRule(db: Db, input: MxRuleInput, now: Instant) {
  return mxRules.create(db, (known) => checkRule(input, known), now);
}

/** Fields left out stay. */
export function changeRule(
  db: Db,
  id: number,
  change: Given<MxRuleInput>,
  seen: number | "none" | null,
  now: Instant,
): Promise<RuleRow[]> {
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  const make = ({ name, enabled, rule }: RuleRow, others: readonly RuleRow[]) => {
    const timeouts = { ...rule.timeouts, ...change.timeouts };
    return checkRule({ name, enabled, ...rule, ...given, timeouts }, others);
  };
  return mxRules.change(db, id, seen, make, now);
}
