/** Whom a delivery names, as its target or as an exclusion: every form of it is a tree. */
import type { ExclusionRule, RecipientAudience } from "../../contract/index.ts";
import type { Segment } from "../../core/segment/segment.ts";
import type { Instant } from "../../core/time.ts";
import type { Queryable } from "../../platform/db.ts";
import type { FieldError } from "../../platform/errors.ts";
import { checkTree } from "./check-tree.ts";
import { prepareSegment, type PreparedSegment } from "./prepare.ts";
import { wordsOf } from "./save-segment.ts";

/** A tree inside was read when the delivery was saved (`checkChoice`). */
function segmentOf(choice: RecipientAudience | ExclusionRule): Segment {
  if ("all" in choice) return { and: [] };
  if ("delivery" in choice) {
    return { or: choice.outcome.map((behaviour) => ({ behaviour, deliveries: [choice.delivery] })) };
  }
  if (!("segment" in choice)) return choice;
  return typeof choice.segment === "string" ? { segment: choice.segment } : (choice.segment as Segment);
}

/** What is wrong with it, and what it names that is not there. */
export async function checkChoice(
  db: Queryable,
  choice: RecipientAudience | ExclusionRule,
  pointer: string,
): Promise<readonly FieldError[]> {
  const isTree = "segment" in choice && typeof choice.segment !== "string";
  const checked = await checkTree(
    db,
    isTree ? choice.segment : segmentOf(choice),
    isTree ? `${pointer}/segment` : pointer,
  );
  return checked.kind === "problems" ? checked.errors : [];
}

/** Ready to be compiled, with the words for it. */
export type Chosen = { readonly prepared: PreparedSegment; readonly words: string };

export async function prepareChoice(
  db: Queryable,
  choice: RecipientAudience | ExclusionRule,
  now: Instant,
): Promise<Chosen> {
  const tree = segmentOf(choice);
  return { prepared: await prepareSegment(db, tree, now), words: await wordsOf(db, tree) };
}
