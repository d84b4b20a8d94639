/** What differs from person to person, as SQL over a row `r` of the target: the same for all, a number of theirs, or by segments. */
import type { ExclusionRule } from "../../contract/index.ts";
import type { Threshold } from "../../contract/typology-population.ts";
import type { Weights } from "../../contract/population.ts";
import type { Instant } from "../../core/time.ts";
import type { Tx } from "../../platform/db.ts";
import { compileSegment, prepareChoice } from "../segments/index.ts";
import type { Bind } from "./order-sql.ts";

/** A statement in the making: what is bound joins its parameters. */
export type Statement = {
  readonly bind: Bind;
  /** Whether the choice names the person. */
  readonly within: (choice: ExclusionRule) => Promise<string>;
};

export function statementWith(tx: Tx, params: unknown[], now: Instant): Statement {
  return {
    bind: (value) => `$${params.push(value)}`,
    within: async (choice) => {
      const { prepared } = await prepareChoice(tx, choice, now);
      const { sql, params: own } = compileSegment(prepared, { now, recipient: "r", offset: params.length });
      params.push(...own);
      return sql;
    },
  };
}

/** Most messages that a person may get. */
export function thresholdSql(statement: Statement, threshold: Threshold): Promise<string> {
  if (typeof threshold !== "object" || "attribute" in threshold) return perPersonSql(statement, threshold);
  const cases = threshold.cases.map(({ segment, threshold: value }) => ({ segment, value }));
  return perPersonSql(statement, { cases, otherwise: threshold.otherwise });
}

/** What the delivery weighs for a person: `weight` where nothing else is said. */
export type Weighing = { readonly weight: number; readonly weights?: Weights | undefined };

export function weightSql(statement: Statement, { weight, weights }: Weighing): Promise<string> {
  if (weights === undefined) return perPersonSql(statement, weight);
  if ("attribute" in weights) return perPersonSql(statement, { attribute: weights.attribute, otherwise: weight });
  const cases = weights.cases.map(({ segment, weight: value }) => ({ segment, value }));
  return perPersonSql(statement, { cases, otherwise: weight });
}

type PerPerson =
  | number
  | { readonly attribute: string; readonly otherwise: number }
  | {
      readonly cases: readonly { readonly segment: string | object; readonly value: number }[];
      readonly otherwise: number;
    };

/** Numbers below 0 are 0. */
async function perPersonSql({ bind, within }: Statement, value: PerPerson): Promise<string> {
  if (typeof value === "number") return `${bind(value)}::int`;
  if ("attribute" in value) {
    const own = `read_number(r.attributes ->> ${bind(value.attribute)}::text)`;
    return `coalesce(case when ${own} < 0 then 0 else ${own} end, ${bind(value.otherwise)}::int)`;
  }
  const cases: string[] = [];
  for (const { segment, value: count } of value.cases) {
    cases.push(`when ${await within({ segment } as ExclusionRule)} then ${bind(count)}::int`);
  }
  return `case ${cases.join(" ")} else ${bind(value.otherwise)}::int end`;
}
