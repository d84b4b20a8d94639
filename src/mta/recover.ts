/**
 * Puts in order what a sender left behind: outcomes that were journalled but not committed are committed, attempts
 * without an outcome are in doubt and follow the delivery's policy (copies are owed), its parts are given back at once.
 */
import type { Instant } from "../core/time.ts";
import type { Db } from "../platform/db.ts";
import { commitRecords } from "./commit-records.ts";
import { doubtfulCopy } from "./copy-record.ts";
import { clearJournal, replayJournal, type Intent } from "./journal.ts";
import type { OutcomeRecord } from "./outcome-record.ts";
import { loadPoliciesOfParts, releaseAll, type InDoubtPolicy } from "./store.ts";
import { releaseCopies } from "./store-copies.ts";

const BATCH = 1000;

export type Recovery = { readonly committed: number; readonly inDoubt: number };

export async function recoverSender(db: Db, sender: string, journalDir: string, now: Instant): Promise<Recovery> {
  const { outcomes, inDoubt, copies, copiesInDoubt } = replayJournal(journalDir);
  const policies = await loadPoliciesOfParts(db, [...new Set(inDoubt.map((intent) => intent.partId))]);
  const records = [
    ...outcomes,
    ...inDoubt.map((intent) => doubtful(intent, policies.get(intent.partId) ?? "retry", now)),
    ...copies,
    ...copiesInDoubt.map((intent) => doubtfulCopy(intent, now)),
  ];
  for (let i = 0; i < records.length; i += BATCH) {
    await db.transaction((tx) => commitRecords(tx, sender, records.slice(i, i + BATCH)));
  }
  await releaseCopies(db, sender, now);
  await releaseAll(db, sender, now);
  clearJournal(journalDir);
  return { committed: outcomes.length + copies.length, inDoubt: inDoubt.length + copiesInDoubt.length };
}

/** The record of an attempt whose final dot may have gone out and whose reply nobody read. */
export function doubtful(intent: Intent, policy: InDoubtPolicy, now: Instant): OutcomeRecord {
  return {
    ...intent,
    status: policy === "hold" ? "in-doubt" : "taken-into-account",
    type: "ignored",
    reason: "unreachable",
    inDoubt: true,
    nextAt: policy === "hold" ? null : now,
    finalAt: null,
    kind: "in-doubt",
    stage: "dot",
    code: null,
    enhanced: null,
    reply: "the sender ended before the server's reply to the message was read",
    sourceIp: null,
    tls: null,
    durationMs: null,
    rule: null,
    quarantineKey: null,
  };
}
