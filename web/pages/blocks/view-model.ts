/** Personalisation blocks: their order, their names, and what refusals of a save are about. */
import type { Block, BlockInput, ContentProblem, Problem } from "../../../src/contract/index.ts";
import { placedMessage } from "../../parts/text-place.ts";

/** The operator's own first: those are the ones to edit. */
export const inOrder = (blocks: readonly Block[]): Block[] =>
  blocks.toSorted((left, right) => Number(left.builtIn) - Number(right.builtIn) || left.name.localeCompare(right.name));

/** What is typed, as a block may be called: lower-case letters, digits and dashes, a letter first. */
export const nameOf = (typed: string): string =>
  typed
    .toLowerCase()
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+/, "")
    .slice(0, 60);

export const emptyBlock: BlockInput = { label: "", syntax: "liquid", html: "", text: "" };

export const inputOf = ({ label, syntax, html, text }: BlockInput): BlockInput => ({ label, syntax, html, text });

const PARTS = ["html", "text"] as const;

export type BlockErrors = { placed: ContentProblem[]; others: string[] };

export function errorsOf(problem: Problem | null): BlockErrors {
  const placed: ContentProblem[] = [];
  const others: string[] = [];
  for (const { pointer, code, message } of problem?.errors ?? []) {
    const part = PARTS.find((each) => pointer === `/${each}`);
    const place = placedMessage(message);
    if (part !== undefined && place !== null) placed.push({ part, code, ...place });
    else others.push(message);
  }
  return { placed, others };
}
