/** Which of an account's fields a refusal is about. `unplaced`: none of them shows it. */
import { ApiProblem } from "../../api.ts";
import { fieldErrors } from "../../parts/field-errors.ts";

const FIELDS = ["current", "password", "code"] as const;
type Field = (typeof FIELDS)[number];

export function errorsOf(error: unknown): Partial<Record<Field, string>> & { unplaced: boolean } {
  const problem = error instanceof ApiProblem ? error.problem : null;
  const { fields } = fieldErrors<Field>(problem, ([name]) => FIELDS.find((field) => field === name) ?? null);
  return { ...fields, unplaced: Object.keys(fields).length === 0 };
}
