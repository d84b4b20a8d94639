/** Rules with gaps are not sent: what is missing is said at its field, as the server would say it, in the reader's language. */
import type { TFunction } from "i18next";

import { ApiProblem } from "../../api.ts";
import type { OwnDraft } from "./rule-draft.ts";
import { missingIn } from "./rule-errors.ts";

/** Throws what the server would answer. */
export function mustBeComplete(own: readonly OwnDraft[], t: TFunction): void {
  const errors = own.flatMap((rule, index) =>
    missingIn(rule).map((missing) => ({
      pointer: `/rules/${index}/${missing.path}`,
      code: "required",
      message:
        missing.word === "number"
          ? t("typologyRule.missing.number", missing)
          : t(`typologyRule.missing.${missing.word}`),
    })),
  );
  if (errors.length === 0) return;
  throw new ApiProblem({
    type: "about:blank",
    title: t("typologyRule.incomplete"),
    status: 422,
    detail: "",
    code: "invalid-input",
    errors,
  });
}
