/** Mails are done: what became of them, and what servers said in them, in one transaction, so that nothing counts twice. */
import type { Instant } from "../../core/time.ts";
import type { Tx } from "../../platform/db.ts";
import { noteReplies } from "../reply-texts/index.ts";
import type { Acted } from "./acted.ts";
import { type Done, markDone } from "./mail-store.ts";

export type Finished = { readonly id: number; readonly acted: Acted; readonly doneOf: (acted: Acted) => Done };

/** Comes last in its transaction: the rows of frequent texts stay locked until its end. */
export async function finishMails(tx: Tx, finished: readonly Finished[], now: Instant): Promise<void> {
  await markDone(
    tx,
    finished.map(({ id, acted, doneOf }) => ({ id, done: doneOf(acted) })),
    now,
  );
  await noteReplies(
    tx,
    finished.flatMap(({ acted }) => acted.said ?? []),
  );
}
