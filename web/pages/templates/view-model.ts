/** The order of templates. */
import type { TemplateSummary } from "../../../src/contract/index.ts";

/** The one that comes with Envoi first: it is where everybody starts; then by label. */
export const inOrder = (templates: readonly TemplateSummary[]): TemplateSummary[] =>
  templates.toSorted(
    (left, right) => Number(right.builtIn) - Number(left.builtIn) || left.label.localeCompare(right.label),
  );
