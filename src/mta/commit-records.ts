/** One transaction for what became of messages and of their copies. */
import type { Tx } from "../platform/db.ts";
import { commitCopies, followWithNames, lockParts, withdrawCopies } from "./commit-copies.ts";
import { commitOutcomes } from "./commit-outcomes.ts";
import { type AnyRecord, type CopyRecord, debtsOf, isCopyRecord } from "./copy-record.ts";
import { noteRefusals } from "./note-refusals.ts";
import type { OutcomeRecord } from "./outcome-record.ts";

/** Committing the same records again changes nothing. */
export async function commitRecords(tx: Tx, sender: string, records: readonly AnyRecord[]): Promise<void> {
  const outcomes = records.filter((record): record is OutcomeRecord => !isCopyRecord(record));
  const applied = outcomes.length > 0 ? await commitOutcomes(tx, sender, outcomes) : [];
  await commitLedger(tx, sender, applied, records.filter(isCopyRecord));
  // Last: frequent texts are everybody's, and nobody may wait for a part while others wait for these.
  await noteRefusals(tx, applied);
}

async function commitLedger(
  tx: Tx,
  sender: string,
  applied: readonly OutcomeRecord[],
  copies: readonly CopyRecord[],
): Promise<void> {
  // What a message owes comes first: the attempt may be in the same batch.
  const ledger = [...applied.flatMap(debtsOf), ...copies];
  const sent = applied.filter(({ status, debts }) => status === "sent" && debts !== undefined);
  const neverLeft = applied.filter(neverLeaves);
  if (ledger.length + sent.length + neverLeft.length === 0) return;
  const parts = await lockParts(tx, [...ledger, ...sent, ...neverLeft]);
  if (ledger.length > 0) await commitCopies(tx, sender, ledger, parts);
  if (sent.length > 0) await followWithNames(tx, [...new Set(sent.map(({ partId }) => partId))]);
  if (neverLeft.length > 0) await withdrawCopies(tx, sender, neverLeft, parts);
}

/** Failed without a single attempt: nobody has it, so no copy of it is owed. */
function neverLeaves({ kind, attempt, status }: OutcomeRecord): boolean {
  return status === "failed" && attempt === 1 && (kind === "expired" || kind === "not-rendered");
}
