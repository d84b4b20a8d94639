/** What a refused sign-in asks of the person. Locks and lost connections are told in the server's own words. */
import { ApiProblem } from "../../api.ts";

export type Refusal = "wrong" | "code-needed" | "code-wrong" | "other";

export function refusalOf(error: unknown): Refusal {
  if (!(error instanceof ApiProblem)) return "other";
  const { code, status } = error.problem;
  if (code === "code-needed" || code === "code-wrong") return code;
  return code === "sign-in-failed" || status === 422 ? "wrong" : "other";
}

const OUTCOMES = ["expired", "no-role", "off", "unavailable", "unknown", "unverified", "locked"] as const;
export type Outcome = (typeof OUTCOMES)[number] | "refused";

/** Anybody can write an address with an outcome of their own: what is not known is `refused`. */
export function outcomeOf(code: string): Outcome {
  return OUTCOMES.find((each) => code === `oidc-${each}` || code === `sign-in-${each}`) ?? "refused";
}
