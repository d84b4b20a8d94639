/**
 * Who may write recipients at the same time. An import merges, an undo takes back and a change of a type rewrites under the exclusive
 * lock; whoever else writes attributes takes the shared one first and reads the attributes' types after that. Both end with the
 * transaction.
 */
import type { Tx } from "../../platform/db.ts";

const RECIPIENTS = 7_236_011;

export async function lockRecipients(tx: Tx, how: "alone" | "shared"): Promise<void> {
  await tx.query(`select pg_advisory_xact_lock${how === "shared" ? "_shared" : ""}($1, 0)`, [RECIPIENTS]);
}
