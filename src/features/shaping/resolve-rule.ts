/** Which MX rule applies where, and what an operator's rule does to those behind it. */
import type { MxRuleAnswer } from "../../contract/shaping.ts";
import { hidesRule, matchesRule, providerOf } from "../../core/shaping/match.ts";
import type { MxRule, ShapingFiles } from "../../core/shaping/rule.ts";
import { SECOND, type Duration } from "../../core/time.ts";
import { presentRule } from "../../platform/ordered-rules.ts";
import type { RuleRow } from "./check-rule.ts";
import { toMxRule } from "./operator-rules.ts";

export type RuleWarning = { code: "unreachable"; message: string };

/** The rules as the API shows them, each with what is odd about it among the others. */
export function presentRules(rows: readonly RuleRow[]): (MxRuleAnswer & { warnings: RuleWarning[] })[] {
  return rows.map((row, i) => ({ ...presentRule(row, i), warnings: warningsOf(row, rows.slice(0, i)) }));
}

function warningsOf(row: RuleRow, earlier: readonly RuleRow[]): RuleWarning[] {
  if (!row.enabled) return [];
  const hiding = earlier.find((other) => other.enabled && hidesRule(other.rule, row.rule));
  if (hiding === undefined) return [];
  const message = `It never applies: the rule "${hiding.name}" before it takes all its hosts. Put it further up.`;
  return [{ code: "unreachable", message }];
}

type NamedRule = { name: string; origin: MxRule["origin"]; id: string | null };

/** The rule for these hosts from this source, and the later ones that it keeps from applying. */
export function resolveRule(
  files: ShapingFiles,
  rows: readonly RuleRow[],
  mx: readonly string[],
  source: number | null,
) {
  const operators = rows
    .filter(({ enabled }) => enabled)
    .map((row) => ({ id: String(row.id), rule: toMxRule(row), fields: row.rule }));
  const others = files.rules.map((rule) => ({ id: null, rule, fields: fieldsOf(rule) }));
  const fitting = [...operators, ...others].filter(({ rule }) => matchesRule(rule, mx, source));
  const [first, ...hidden] = fitting;
  if (first === undefined) throw new Error(`no MX rule for ${mx.join(", ")}`);
  const nameOf = ({ id, rule }: (typeof fitting)[number]): NamedRule => ({ name: rule.name, origin: rule.origin, id });
  return {
    mx: [...mx],
    source,
    provider: providerOf(files.providers, mx),
    rule: { ...first.fields, ...nameOf(first) },
    hidden: hidden.map(nameOf),
  };
}

function fieldsOf(rule: MxRule): RuleRow["rule"] {
  const inSeconds = (length: Duration | null) => (length === null ? null : length / SECOND);
  const { connect, data, other } = rule.timeouts;
  return {
    mx: [...rule.mx],
    sources: rule.sources,
    countedPer: rule.countedPer,
    shared: rule.isShared,
    connections: rule.connections,
    messagesPerConnection: rule.messagesPerConnection,
    messagesPerHour: rule.messagesPerHour,
    connectionsPerMinute: rule.connectionsPerMinute,
    timeouts: { connect: inSeconds(connect), data: inSeconds(data), other: inSeconds(other) },
    tls: rule.tls,
  };
}
