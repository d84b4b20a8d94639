/** Saving from either page: what cannot be said to the API at all is refused here, in the form of its own refusals. */
import type { TFunction } from "i18next";

import type { Settings } from "../../../src/contract/index.ts";
import { ApiProblem } from "../../api.ts";
import { type DeliveryRequest, type Draft, type DraftProblem, draftProblems, requestOf } from "./draft.ts";

export function checkedRequest(draft: Draft, kept: Settings | undefined, t: TFunction): DeliveryRequest {
  const errors = draftProblems(draft).map((problem) => ({
    pointer: pointerOf(problem),
    code: problem.kind,
    message: t(`draftProblem.${problem.kind}`),
  }));
  if (errors.length > 0) {
    throw new ApiProblem({ type: "about:blank", title: "", status: 422, detail: "", code: "invalid-input", errors });
  }
  return requestOf(draft, kept);
}

const pointerOf = (problem: DraftProblem): string =>
  problem.field === "headers" ? `/settings/headers/${problem.line - 1}` : `/settings/variables/${problem.name}`;
