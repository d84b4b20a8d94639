/** Mails are done: what became of them, and what servers said in them, in one transaction, so that nothing counts twice. */
import type { Instant } from "../../core/time.ts";
import type { Tx } from "../../platform/db.ts";
import { noteReplies } from "../reply-texts/index.ts";
import type { Acted } from "./acted.ts";
import { type Done, loadUnqualifiedAddresses, markDone } from "./mail-store.ts";

/** `unqualifiedAddress`: of the delivery that it is about, if it has one of its own. */
export type DoneOf = (acted: Acted, unqualifiedAddress: string | null) => Done;
export type Finished = { readonly id: number; readonly acted: Acted; readonly doneOf: DoneOf };

/** Comes last in its transaction: the rows of frequent texts stay locked until its end. */
export async function finishMails(tx: Tx, finished: readonly Finished[], now: Instant): Promise<void> {
  const deliveryOf = ({ isUnreadable, noted }: Acted) => (isUnreadable ? (noted.message?.deliveryId ?? null) : null);
  const ids = finished.flatMap(({ acted }) => deliveryOf(acted) ?? []);
  const addresses = ids.length === 0 ? new Map<number, string>() : await loadUnqualifiedAddresses(tx, ids);
  await markDone(
    tx,
    finished.map(({ id, acted, doneOf }) => ({
      id,
      done: doneOf(acted, addresses.get(deliveryOf(acted) ?? 0) ?? null),
    })),
    now,
  );
  await noteReplies(
    tx,
    finished.flatMap(({ acted }) => acted.said ?? []),
  );
}
