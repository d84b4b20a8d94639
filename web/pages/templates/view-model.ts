/** The order of templates; whom one can be executed for. */
import type { TemplateSummary } from "../../../src/contract/index.ts";

/** The one that comes with Envoi first: it is where everybody starts; then by label. */
export const inOrder = (templates: readonly TemplateSummary[]): TemplateSummary[] =>
  templates.toSorted(
    (left, right) => Number(right.builtIn) - Number(left.builtIn) || left.label.localeCompare(right.label),
  );

type Named = { id: string; label: string };
type Names = {
  segments: readonly Named[];
  lists: readonly (Named & { members: number })[];
  imports: readonly { id: string; fileName: string; counts: { total: number; failed: number } }[];
};
type Choice = { kind: "segment" | "list" | "import"; named: (Named & { people: number | null })[] };

/** What a template can be executed for besides everyone; kinds of which there is none are left out. */
export function audienceChoices({ segments, lists, imports }: Names): Choice[] {
  const choices: Choice[] = [
    { kind: "segment", named: segments.map(({ id, label }) => ({ id, label, people: null })) },
    { kind: "list", named: lists.map(({ id, label, members }) => ({ id, label, people: members })) },
    {
      kind: "import",
      named: imports.map(({ id, fileName, counts }) => ({ id, label: fileName, people: counts.total - counts.failed })),
    },
  ];
  return choices.filter(({ named }) => named.length > 0);
}

/** Before exclusions; null: only the analysis knows. */
export function peopleOf(choices: readonly Choice[], key: string): number | null {
  const [kind, id] = key.split(" ");
  return choices.find((each) => each.kind === kind)?.named.find((each) => each.id === id)?.people ?? null;
}
