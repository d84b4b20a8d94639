/** Whom something goes to, as one chooses it from what there is; and how it is counted. */
import type { Audience } from "../../../src/contract/index.ts";
import type { Segment } from "../../../src/contract/segments.ts";

type Tree = Segment["tree"];
export type Behaviour = Extract<Tree, { behaviour: string }>["behaviour"];

/** `kept`: what only the API can set; it stays as it is. */
export type ChosenKind = "all" | "segment" | "list" | "service" | "delivery" | "kept";
/** `id` "": nothing is chosen yet. `outcome`: what became of people in that delivery. */
export type Chosen = { kind: ChosenKind; id: string; outcome: Behaviour; kept: Audience | null };

export const NOBODY_YET: Chosen = { kind: "segment", id: "", outcome: "received", kept: null };

export function chosenOf(audience: Audience): Chosen {
  const named = (kind: ChosenKind, id: string): Chosen => ({ ...NOBODY_YET, kind, id });
  if ("all" in audience) return named("all", "");
  if ("list" in audience) return named("list", audience.list);
  if ("service" in audience) return named("service", audience.service);
  if ("segment" in audience && typeof audience.segment === "string") return named("segment", audience.segment);
  if ("delivery" in audience) {
    const [outcome, ...others] = audience.outcome;
    if (outcome !== undefined && others.length === 0) return { ...named("delivery", audience.delivery), outcome };
  }
  return { ...named("kept", ""), kept: audience };
}

export const isChosen = ({ kind, id }: Chosen): boolean => kind === "all" || kind === "kept" || id !== "";

export function audienceOf({ kind, id, outcome, kept }: Chosen): Audience {
  switch (kind) {
    case "all":
      return { all: true };
    case "list":
      return { list: id };
    case "service":
      return { service: id };
    case "segment":
      return { segment: id };
    case "delivery":
      return { delivery: id, outcome: [outcome] };
    case "kept":
      if (kept === null) throw new Error("a kept audience is there");
      return kept;
  }
}

/** The conditions that count them; null: a file's rows are nobody's conditions. */
export function treeOf(audience: Audience): Tree | null {
  if ("all" in audience) return { and: [] };
  if ("file" in audience) return null;
  if ("segment" in audience && typeof audience.segment !== "string") return audience.segment as Tree;
  if ("delivery" in audience) {
    return { or: audience.outcome.map((behaviour) => ({ behaviour, deliveries: [audience.delivery] })) };
  }
  return audience as Tree;
}
