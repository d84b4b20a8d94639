/** Which field each refusal of the API belongs to (RFC 9457 `errors[].pointer`, RFC 6901). */
import type { Problem } from "../../src/contract/index.ts";
import { ApiProblem } from "../api.ts";

export type FieldErrors<F extends string> = { fields: Partial<Record<F, string>>; others: string[] };

/** `fieldOf` gets the names in the pointer; null: no field of the form shows it. */
export function fieldErrors<F extends string>(
  problem: Problem | null,
  fieldOf: (names: readonly string[]) => F | null,
): FieldErrors<F> {
  const fields: FieldErrors<F>["fields"] = {};
  const others: string[] = [];
  for (const { pointer, message } of problem?.errors ?? []) {
    const field = fieldOf(pointer.split("/").slice(1));
    if (field === null) others.push(pointer === "" ? message : `${pointer}: ${message}`);
    else fields[field] = fields[field] === undefined ? message : `${fields[field]}\n${message}`;
  }
  return { fields, others };
}

/** What a refusal says about the one field of a form that it can be about. */
export function refusalAt(name: string, error: Error | null): string | undefined {
  const problem = error instanceof ApiProblem ? error.problem : null;
  return fieldErrors(problem, ([first]) => (first === name ? name : null)).fields[name];
}
