/**
 * Ends an analysis at any moment. All that it does is one transaction, so ending its statement takes all of it back, and the delivery is what it was
 * before, in state editing.
 */
import { ACT_WORDS, outcomeOf } from "../../core/delivery/lifecycle.ts";
import type { DeliveryState } from "../../core/delivery/status.ts";
import type { Instant } from "../../core/time.ts";
import { timestamp, type Db, type Tx } from "../../platform/db.ts";
import { appError, errorCode } from "../../platform/errors.ts";
import { recordEvent } from "../../platform/events.ts";

/** With the id of a delivery: held by whoever analyses it. */
const LOCK = 7_236_023;

/** PostgreSQL's word for a statement that somebody ended. */
const ENDED = "57014";

/** The transaction of an analysis, one at a time for a delivery; it can be found by its lock. Throws `analysis-cancelled`. */
export async function inAnalysis<T>(db: Db, id: number, work: (tx: Tx) => Promise<T>): Promise<T> {
  try {
    return await db.transaction(async (tx) => {
      await tx.query("select pg_advisory_xact_lock($1::int, ($2::bigint % 2147483647)::int)", [LOCK, id]);
      const [row] = await tx.query<{ state: DeliveryState }>("select state from deliveries where id = $1", [id]);
      if (row !== undefined && row.state !== "analysing") throw appError("analysis-cancelled", { id });
      return work(tx);
    });
  } catch (error) {
    if (errorCode(error) === ENDED) throw appError("analysis-cancelled", { id });
    throw error;
  }
}

/** Throws `not-found` and `action-not-allowed`. */
export async function cancelAnalysis(db: Db, id: number, actor: string, now: Instant): Promise<void> {
  await db.transaction(async (tx) => {
    // An analysis that is just writing its result has this row: then there is nothing to cancel any more.
    const [row] = await tx.query<{ state: DeliveryState }>("select state from deliveries where id = $1 for update", [
      id,
    ]);
    if (!row) throw appError("not-found", { what: "delivery", id });
    if (outcomeOf("cancel-analysis", row.state) === null) {
      const action = ACT_WORDS["cancel-analysis"];
      throw appError("action-not-allowed", { id, state: row.state, action, currentState: row.state });
    }
    await tx.query("update deliveries set state = 'editing', updated_at = $2 where id = $1", [id, timestamp(now)]);
    await recordEvent(tx, { deliveryId: id, kind: "analysis.cancelled", actor, at: now });
  });
  // After that is written: what is ended now finds that nobody waits for its result.
  await db.query(
    `select pg_cancel_backend(pid) from pg_locks
      where locktype = 'advisory' and classid = $1::int and objid = ($2::bigint % 2147483647)::int and objsubid = 2 and granted
        and database = (select oid from pg_database where datname = current_database())`,
    [LOCK, id],
  );
}
