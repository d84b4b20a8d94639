/** One JSON line as one line of PostgreSQL's COPY text format for the staging table. */
import { parseAddress } from "../../core/address/parse-address.ts";
import { readAttributes, type Schema } from "../../core/audience/read-attributes.ts";
import { attributeOf, type ImportRules } from "./import-rules.ts";
import type { JsonLine } from "./read-json-lines.ts";
import { ADDRESS_NAMES } from "./read-header.ts";
import { escapeCopy, rejected, rejectedAddress } from "./stage-row.ts";

export type JsonStager = {
  /** A line for COPY, with its line end. */
  stage(row: JsonLine): string;
  /** Names of all attributes so far. */
  names(): string[];
};

/** Beyond that many names nobody looks at them. */
const MAX_NAMES = 1000;

export function createJsonStager(rules: ImportRules, schema: Schema): JsonStager {
  const names = new Set<string>();
  return { stage: (row) => stageLine(row, rules, schema, names), names: () => [...names] };
}

function stageLine(row: JsonLine, rules: ImportRules, schema: Schema, names: Set<string>): string {
  if (row.kind === "malformed") {
    const { line, text: value, detail } = row;
    return rejected(line, null, { column: "", value, reason: "malformed-row", detail: `the line ${detail}` });
  }
  const { line, value } = row;
  const addressName = findAddressName(Object.keys(value), rules.address);
  const raw = addressName === undefined ? undefined : value[addressName];
  const text = typeof raw === "string" ? raw : "";
  const address = parseAddress(text);
  if (address.kind !== "valid") return rejectedAddress(line, text, addressName ?? "email", address);
  const given = Object.entries(value).flatMap(([name, each]): [string, unknown][] => {
    const attribute = name === addressName ? null : attributeOf(name, rules);
    return attribute === null ? [] : [[attribute, each]];
  });
  const { patch, problems } = readAttributes(schema, Object.fromEntries(given), rules.onBlank, rules);
  const [problem] = problems;
  if (problem) {
    const bad = JSON.stringify(given.find(([name]) => name === problem.name)?.[1] ?? null);
    const detail = `the value ${problem.problem}`;
    return rejected(line, text, { column: problem.name, value: bad, reason: "invalid-value", detail });
  }
  for (const name of Object.keys(patch)) if (names.size < MAX_NAMES) names.add(name);
  const cells = [address.address, address.matchKey, address.domain, JSON.stringify(patch)].map(escapeCopy);
  return `${line}\t${cells.join("\t")}\t\\N\t\\N\t\\N\t\\N\n`;
}

function findAddressName(names: readonly string[], given: string | undefined): string | undefined {
  if (given !== undefined) return names.includes(given) ? given : undefined;
  for (const wanted of ADDRESS_NAMES) {
    const found = names.find((name) => name.toLowerCase() === wanted);
    if (found !== undefined) return found;
  }
  return undefined;
}
