/** Mistakes in rule files: each has a name, a file and a line. */
import { appError, type AppError } from "../../platform/errors.ts";

/** Stable words; docs/shaping.md explains them. */
export type ProblemCode =
  | "unreadable-file"
  | "unknown-table"
  | "unknown-key"
  | "invalid-value"
  | "bad-duration"
  | "bad-threshold"
  | "bad-pattern"
  | "duplicate-name"
  | "unknown-provider"
  | "dead-provider"
  | "overlapping-providers"
  | "unreachable-rule"
  | "no-last-rule"
  | "missed-example"
  | "dead-pattern"
  | "overlapping-patterns"
  | "no-condition";

export type Problem = { readonly place: string; readonly code: ProblemCode; readonly detail: string };

/** Where an entry of a file stands. */
export type Place = {
  /** `FILE:LINE` of the entry, of one of its keys, of a value of the key. */
  at(key?: string, value?: string): string;
};

/** One line, as everything on the command line. */
export function configError(problems: readonly Problem[]): AppError {
  const texts = problems.map(({ place, code, detail }) => `${place}: ${detail} (${code})`);
  return appError("config-invalid", { problems: texts.join("; ").replace(/\s+/g, " ") });
}
