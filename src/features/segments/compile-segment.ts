/**
 * A tree as a boolean SQL expression over one row of recipients. Texts of the tree are parameters, all of them: the SQL consists of
 * the words in this file, numbers of parameters and the alias that the caller chose. It is true or false, never null.
 */
import { anniversaryDays, readDay, readSpan, spanOf, type Span } from "../../core/segment/instants.ts";
import { OPERATORS, typeOf, type ValueType } from "../../core/segment/operators.ts";
import type { BehaviourNode, Comparison, Segment } from "../../core/segment/segment.ts";
import type { Instant } from "../../core/time.ts";
import { assertNever } from "../../core/never.ts";
import { timestamp } from "../../platform/db.ts";
import { behaviourSql } from "./compile-behaviour.ts";
import type { Bind, Compiling } from "./compiling.ts";
import type { PreparedSegment } from "./prepare.ts";

type CompileOptions = {
  /** What relative dates are relative to. */
  readonly now: Instant;
  /** Alias of the row of `recipients`: a word of the program, nothing that somebody typed. */
  readonly recipient: string;
  /** Parameters that the statement has before. */
  readonly offset?: number;
};

export function compileSegment(
  prepared: PreparedSegment,
  { now, recipient, offset = 0 }: CompileOptions,
): { readonly sql: string; readonly params: readonly unknown[] } {
  const params: unknown[] = [];
  const bind: Bind = (value, type) => {
    params.push(value);
    return `$${offset + params.length}::${type}`;
  };
  return { sql: nodeSql({ ...prepared, now, r: recipient, bind }, prepared.tree), params };
}

function nodeSql(c: Compiling, node: Segment): string {
  if ("and" in node) return `(${["true", ...node.and.map((each) => nodeSql(c, each))].join(" and ")})`;
  if ("or" in node) return `(${["false", ...node.or.map((each) => nodeSql(c, each))].join(" or ")})`;
  if ("not" in node) return `(not ${nodeSql(c, node.not)})`;
  return leafSql(c, node);
}

function leafSql(c: Compiling, node: Exclude<Segment, { and: unknown } | { or: unknown } | { not: unknown }>): string {
  const member = `exists (select 1 from list_members l where l.recipient_id = ${c.r}.id and l.list_id =`;
  if ("list" in node) return `${member} ${c.bind(node.list, "bigint")})`;
  if ("import" in node) {
    return `${member} (select i.list_id from imports i where i.id = ${c.bind(node.import, "bigint")}))`;
  }
  if ("service" in node) return subscribedSql(c, node.service);
  if ("addressStatus" in node) return statusSql(c, node.addressStatus);
  if ("behaviour" in node) return behaviourSql(c, node as BehaviourNode);
  if ("segment" in node) throw new Error(`segment ${node.segment} was not put in its place`);
  return comparisonSql(c, node);
}

/** A subscription ends by its date, whether a job has looked at it or not. */
function subscribedSql({ r, bind, now }: Compiling, service: string): string {
  return `exists (select 1 from subscriptions s where s.recipient_id = ${r}.id and s.service_id = ${bind(service, "bigint")}
    and s.state = 'subscribed' and (s.ends_at is null or s.ends_at > ${bind(timestamp(now), "timestamptz")}))`;
}

/** Who is on the denylist is that and nothing else; the rest goes by the quarantine. */
function statusSql(c: Compiling, words: readonly string[]): string {
  const spelling = c.foldLocalPart
    ? ""
    : ` and substring(q.address from '^(.*)@') = substring(${c.r}.address from '^(.*)@')`;
  const entry = `select 1 from quarantine q where q.match_key = ${c.r}.match_key${spelling}`;
  const listed = words.filter((word) => word !== "valid" && word !== "denylisted");
  const some = ["false"];
  if (words.includes("valid")) some.push(`not exists (${entry})`);
  if (listed.length > 0) some.push(`exists (${entry} and q.status = any(${c.bind(listed, "text[]")}))`);
  const free = `(${c.r}.denylisted_at is null and (${some.join(" or ")}))`;
  return words.includes("denylisted") ? `(${c.r}.denylisted_at is not null or ${free})` : free;
}

function comparisonSql(c: Compiling, node: Comparison): string {
  const operator = OPERATORS[node.is];
  if (operator === undefined) throw new Error(`${node.is} was not read`);
  if (operator.not !== undefined) return `(not ${comparisonSql(c, { ...node, is: operator.not })})`;
  const type = typeOf(node, c.schema);
  return `coalesce(${trueWhere(c, node, type)}, false)`;
}

/** Null where there is no value. */
function trueWhere(c: Compiling, node: Comparison, type: ValueType): string {
  const text = textSql(c, node);
  if (node.is === "exists") return `${text} <> ''`;
  switch (type) {
    case "text":
      return textComparison(c, node, `fold_text(${text})`);
    case "number":
      return numberComparison(c, node, `read_number(${text})`);
    case "boolean":
      return `lower(${text}) = any(${c.bind(node.value === true ? ["true", "yes", "1"] : ["false", "no", "0"], "text[]")})`;
    case "date":
    case "timestamp":
      return instantComparison(c, node, type, text);
    default:
      return assertNever(type);
  }
}

function textSql({ r, bind }: Compiling, node: Comparison): string {
  if ("attribute" in node)
    return node.attribute === "email" ? `${r}.address` : `(${r}.attributes ->> ${bind(node.attribute, "text")})`;
  if (node.field === "address") return `${r}.address`;
  if (node.field === "domain") return `${r}.domain`;
  return node.field === "created" ? `${r}.created_at::text` : `${r}.updated_at::text`;
}

function textComparison({ bind }: Compiling, node: Comparison, value: string): string {
  if (node.is === "in") {
    return `${value} in (select fold_text(v) from unnest(${bind(node.value, "text[]")}) v)`;
  }
  const wanted = `fold_text(${bind(node.value, "text")})`;
  if (node.is === "contains") return `strpos(${value}, ${wanted}) > 0`;
  if (node.is === "starts-with") return `starts_with(${value}, ${wanted})`;
  if (node.is === "ends-with") return `right(${value}, length(${wanted})) = ${wanted}`;
  return `${value} = ${wanted}`;
}

const NUMBER_SIGNS: Readonly<Record<string, string>> = {
  equals: "=",
  greater: ">",
  "at-least": ">=",
  less: "<",
  "at-most": "<=",
};

function numberComparison({ bind }: Compiling, node: Comparison, value: string): string {
  if (node.is === "in") return `${value} = any(${bind(node.value, "numeric[]")})`;
  if (node.is === "between" && Array.isArray(node.value)) {
    return `${value} between ${bind(node.value[0], "numeric")} and ${bind(node.value[1], "numeric")}`;
  }
  return `${value} ${NUMBER_SIGNS[node.is]} ${bind(node.value, "numeric")}`;
}

function instantComparison(c: Compiling, node: Comparison, type: ValueType, text: string): string {
  const value =
    "field" in node ? (node.field === "created" ? `${c.r}.created_at` : `${c.r}.updated_at`) : `read_instant(${text})`;
  if (node.is === "anniversary") {
    const days = anniversaryDays(Number(node.value), c.now);
    return `to_char(${value} at time zone 'UTC', 'MM-DD') = any(${c.bind(days, "text[]")})`;
  }
  const { from, to } = spanFor(node, type, c.now);
  const sides = [
    ...(from === null ? [] : [`${value} >= ${c.bind(timestamp(from), "timestamptz")}`]),
    ...(to === null ? [] : [`${value} < ${c.bind(timestamp(to), "timestamptz")}`]),
  ];
  return `(${sides.join(" and ")})`;
}

function spanFor(node: Comparison, type: ValueType, now: Instant): Span {
  if (Array.isArray(node.value)) {
    const [first, last] = node.value.map((each) => readDay(String(each)));
    return { from: first?.from ?? null, to: last?.to ?? null };
  }
  const length = readSpan(String(node.value));
  if (OPERATORS[node.is]?.operand === "duration" && length !== null) return spanOf(node.is, length, type, now);
  const day = readDay(String(node.value));
  if (node.is === "before") return { from: null, to: day?.from ?? null };
  if (node.is === "after") return { from: day?.to ?? null, to: null };
  return { from: day?.from ?? null, to: day?.to ?? null };
}
