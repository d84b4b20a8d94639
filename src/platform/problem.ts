/** One error of the catalogue as RFC 9457 problem details: the shape in which the API and failed imports show it. */
import type { AppError } from "./errors.ts";

/** The media type of a problem (RFC 9457 §3). */
export const PROBLEM_TYPE = "application/problem+json";

export function toProblem(error: AppError) {
  const { currentState, toDeliver } = error.params;
  return {
    type: `urn:envoi:error:${error.code}`,
    title: titleOf(error.code),
    status: error.status,
    detail: error.message,
    code: error.code,
    ...(currentState === undefined ? {} : { currentState: String(currentState) }),
    ...(toDeliver === undefined ? {} : { toDeliver: Number(toDeliver) }),
    ...(error.errors.length === 0 ? {} : { errors: [...error.errors] }),
  };
}

/** `not-found` → `Not found`: titles do not change from one occurrence to the next (RFC 9457 §3.1.3). */
function titleOf(code: string): string {
  const words = code.replaceAll("-", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
