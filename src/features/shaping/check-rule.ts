/** An operator's MX rule as it is kept: masks in one form, and everything checked that its shape alone does not say. */
import type { MxRuleInput } from "../../contract/shaping.ts";
import { appError, type FieldError } from "../../platform/errors.ts";
import type { RuleRow as Row } from "../../platform/ordered-rules.ts";

export type RuleRow = Row<MxRuleInput>;

/** Colons are for routes to IPv6 addresses, which have no host name. */
const MASK = /^[a-z0-9_*?:-]+(\.[a-z0-9_*?:-]+)*$/;

/** Throws `invalid-input` with every problem. */
export function checkRule(input: MxRuleInput, others: readonly RuleRow[]): MxRuleInput {
  // DNS writes the dot at the end, people and other programs do not.
  const mx = [...new Set(input.mx.map((mask) => mask.toLowerCase().replace(/\.$/, "")))];
  const errors = [...nameErrors(input, others), ...maskErrors(input), ...rangeErrors(input)];
  if (errors.length > 0) {
    const detail = errors.map(({ pointer, message }) => `${pointer}: ${message}`).join("; ");
    throw appError("invalid-input", { detail }, errors);
  }
  return { ...input, mx };
}

function nameErrors({ name }: MxRuleInput, others: readonly RuleRow[]): FieldError[] {
  const isTaken = others.some((other) => other.name.toLowerCase() === name.toLowerCase());
  return isTaken ? [{ pointer: "/name", code: "taken", message: `There is an MX rule "${name}" already` }] : [];
}

function maskErrors({ mx }: MxRuleInput): FieldError[] {
  return mx.flatMap((mask, i) =>
    MASK.test(mask.toLowerCase().replace(/\.$/, ""))
      ? []
      : [
          {
            pointer: `/mx/${i}`,
            code: "invalid",
            message: "A mask is an MX host name with * and ?; no host name looks like this",
          },
        ],
  );
}

function rangeErrors({ sources }: MxRuleInput): FieldError[] {
  if (sources === null || sources.from <= sources.to) return [];
  return [{ pointer: "/sources/to", code: "invalid", message: "The range of sources ends before it begins" }];
}
