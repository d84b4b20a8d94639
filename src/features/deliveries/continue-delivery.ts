/**
 * A delivery goes on to new recipients. Whom it may go to is computed apart (features/analysis), without holding the delivery: it
 * pauses, ends and is stopped meanwhile as ever. Only when all is there the delivery's row is locked, and asked whether it still
 * goes on.
 */
import type { Audience } from "../../contract/index.ts";
import { isNamed, type Person } from "../../core/delivery/approvals.ts";
import { formatInstant, type Instant } from "../../core/time.ts";
import type { Db, Queryable, Tx } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { putOutbox } from "../../platform/outbox.ts";
import { addCounts, insertAddition, openParts } from "./additions-store.ts";
import { requireStarter } from "./approvals.ts";
import { findSubject } from "./approvals-store.ts";
import { checkTarget, refuse, refuseField } from "./check-delivery.ts";
import { findDelivery } from "./store.ts";
import { announce, lockFor, refuseUnless, setHoldReason, setState } from "./transition.ts";

export type ContinueWish = {
  readonly audience: Audience;
  /** Also whoever has a message of this delivery. */
  readonly again: boolean;
  readonly person: Person & { readonly label: string };
};

/**
 * Asks for it; answers the id of the addition. Throws `not-found`, `action-not-allowed`, `validity-over`, `not-a-starter`,
 * `not-a-reviewer`, `invalid-input`.
 */
export async function askToContinue(
  db: Db,
  id: number,
  { audience, again, person }: ContinueWish,
  enqueue: (tx: Queryable, additionId: number) => Promise<void>,
  now: Instant,
): Promise<void> {
  await db.transaction(async (tx) => {
    await requireOpen(tx, id, now);
    await requireStarter(tx, id, person);
    // A target that was to be approved is that of the analysis: whoever adds to it must be one of those who are asked.
    const reviewers = (await findSubject(tx, id))?.approval?.target;
    if (reviewers && !isNamed(person, reviewers)) throw appError("not-a-reviewer", { id, kind: "target" });
    if ("file" in audience) refuseField("/audience/file", "file", "Rows that become no recipients cannot be added");
    refuse(await checkTarget(tx, audience));
    await enqueue(tx, await insertAddition(tx, id, { audience, again }, person.label, now));
  });
}

/** Throws `not-found`, `action-not-allowed`, `validity-over`, `invalid-input`. */
export async function requireOpen(tx: Queryable, id: number, now: Instant): Promise<void> {
  const row = await findDelivery(tx, id);
  if (row === null) throw appError("not-found", { what: "delivery", id });
  refuseUnless(id, row.state, "continue");
  // What goes to whom is settled there by whoever sends them.
  if (row.proof_of !== null) refuseField("/", "proof", "A proof does not go on");
  if ("file" in row.audience) refuseField("/", "file", "A delivery to the rows of a file does not go on");
  if (row.valid_until === null || row.valid_until <= now) {
    throw appError("validity-over", { id, until: formatInstant(row.valid_until ?? now) });
  }
}

export type Added = {
  readonly targeted: number;
  readonly excluded: number;
  readonly to_deliver: number;
  readonly textMessages: number;
  /** Of the messages that were made. */
  readonly parts: { readonly first: number; readonly count: number };
};

/** Who knows how far it got in the last position of a part. */
const LAST_SEQ = 2_147_483_647;

/** Joins what was made to the delivery, in the transaction that made it. Throws what `requireOpen` throws: then nothing was made. */
export async function joinAdded(tx: Tx, id: number, added: Added, actor: string, now: Instant): Promise<void> {
  const delivery = await lockFor(tx, id, "continue");
  await requireOpen(tx, id, now);
  const { targeted, excluded, to_deliver: toDeliver, parts } = added;
  await addCounts(tx, id, added, now);
  if (toDeliver > 0) {
    await openParts(tx, id, parts, now);
    await setState(tx, id, delivery.state, "continue", now);
    if (delivery.state === "finished") {
      await setHoldReason(tx, id, null);
      await tx.query("update deliveries set finished_at = null where id = $1", [id]);
    }
    const facts = { deliveryId: id, excludedAfter: null, queuedAfter: [parts.first - 1, LAST_SEQ] as [number, number] };
    await putOutbox(tx, "start", ["message.queued"], () => facts, now);
  }
  await announce(tx, id, "delivery.continued", actor, now, { targeted, excluded, toDeliver });
}
