/** The steps of a requalification, a batch each: the log, then addresses, then texts. Each batch says how far it came. */
import { matchKeyOf } from "../../core/address/match-key.ts";
import { type CompiledRules, qualify } from "../../core/bounce/qualify.ts";
import type { Instant } from "../../core/time.ts";
import type { Tx } from "../../platform/db.ts";
import { changeReasons, lockSnapshots, recordRequalifiedErrors, releaseAddresses } from "../quarantine/index.ts";
import { type AddressEffect, effectOn } from "./address-effect.ts";
import {
  type Concerned,
  type FactsRow,
  insertConcerned,
  loadFacts,
  nextConcerned,
  saveChanged,
} from "./address-store.ts";
import { judgeOf } from "./judge.ts";
import { judgeAgain, type Rejudged } from "./judge-again.ts";
import { announce, applyRejudged, insertDeliveries, insertRejudged, loadFailed, lockParts } from "./log-store.ts";
import { nextParts, type PartSize, type Progress, type RunRow } from "./run-store.ts";
import { type NewJudgement, nextOpenTexts, type OpenText, saveJudgements } from "./text-store.ts";

/** Messages of one transaction, unless a single part has more; parts looked at in one. */
const MESSAGES = 1000;
const PARTS = 200;
const ADDRESSES = 500;
const TEXTS = 500;

/** `skipped`: rules that looked at more than the answer. */
export type Judging = { readonly rules: CompiledRules; readonly skipped: ReadonlySet<string>; readonly now: Instant };

/** As many of the first as have `MESSAGES` together, one at least. */
export function firstParts(parts: readonly PartSize[]): PartSize[] {
  let sum = 0;
  return parts.filter(({ size }, i) => (sum += size) <= MESSAGES || i === 0);
}

/** Parts are locked only where something changes, and are looked at again then. */
export async function requalifyLog(tx: Tx, run: RunRow, judging: Judging): Promise<Progress> {
  const found = await nextParts(tx, run, PARTS);
  const parts = firstParts(found).map(({ id }) => id);
  if (parts.length === 0) return { step: "addresses" };
  const progress = { step: "log", part_cursor: parts.at(-1) ?? 0, parts_done: parts.length } as const;
  const seen = await judgeParts(tx, run, parts, judging);
  if (seen.length === 0) return progress;
  if (run.dry_run) return { ...progress, ...(await note(tx, run, seen)) };
  const touched = [...new Set(seen.map(({ attempt }) => attempt.partId))];
  await lockParts(tx, touched);
  const changed = await judgeParts(tx, run, touched, judging);
  const counts = await note(tx, run, changed);
  await applyRejudged(tx, run.id, touched);
  await announce(tx, deliveriesOf(changed));
  return { ...progress, ...counts };
}

async function judgeParts(
  tx: Tx,
  run: RunRow,
  parts: readonly number[],
  { rules, skipped }: Judging,
): Promise<readonly Rejudged[]> {
  const attempts = await loadFailed(tx, parts, run.since);
  return judgeAgain(attempts, await judgeOf(tx, run, attempts, rules), skipped);
}

async function note(tx: Tx, run: RunRow, changed: readonly Rejudged[]) {
  const deciding = changed.filter(({ decides }) => decides);
  await insertRejudged(tx, run.id, run.dry_run ? deciding : changed);
  const concerned = Map.groupBy(deciding.flatMap(concernedBy), ({ matchKey }) => matchKey);
  await insertConcerned(tx, run.id, [...concerned.values()].flatMap(newest));
  const deliveries = await insertDeliveries(tx, run.id, deliveriesOf(changed));
  return { messages: deciding.length, attempts: changed.length, deliveries };
}

function deliveriesOf(changed: readonly Rejudged[]): number[] {
  return [...new Set(changed.map(({ attempt }) => attempt.message.deliveryId))];
}

/** Whose quarantine may follow. What was never on the network says nothing about an address. */
function concernedBy({ attempt, type, reason }: Rejudged): Concerned[] {
  const { message, at, reply, partId, seq } = attempt;
  const { address, recipientId, deliveryId } = message;
  const isConcerned = attempt.type === "hard" || type === "hard" || (attempt.type === "soft" && type !== "soft");
  if (!isConcerned || recipientId === null || message.mode === "verify") return [];
  const isNew = type === "hard" && attempt.type !== "hard" && message.status === "failed";
  const error = isNew ? { address, at, reason, reply, deliveryId, partId, seq } : null;
  return [{ matchKey: matchKeyOf(address), recipientId, error }];
}

function newest(of: readonly Concerned[]): Concerned[] {
  return of.toSorted((a, b) => (b.error?.at ?? 0) - (a.error?.at ?? 0)).slice(0, 1);
}

export async function requalifyAddresses(tx: Tx, run: RunRow, { now }: Judging): Promise<Progress> {
  const keys = await nextConcerned(tx, run.id, run.key_cursor, ADDRESSES);
  const last = keys.at(-1);
  if (last === undefined) return { step: "texts" };
  const before = run.dry_run ? null : await lockSnapshots(tx, keys);
  const facts = await loadFacts(tx, run.id, keys);
  const changes = facts.map((one) => ({ ...one, effect: effectOn(one) })).filter(({ effect }) => effect !== null);
  if (before !== null && changes.length > 0) {
    await apply(tx, run, changes, now);
    const changed = changes.map(({ matchKey }) => matchKey);
    const after = await lockSnapshots(tx, changed);
    await saveChanged(
      tx,
      run.id,
      changed.map((matchKey) => ({
        matchKey,
        before: before.get(matchKey) ?? null,
        after: after.get(matchKey) ?? null,
      })),
    );
  }
  const count = (wanted: AddressEffect) => changes.filter(({ effect }) => effect === wanted).length;
  return { step: "addresses", key_cursor: last, quarantined: count("quarantine"), released: count("release") };
}

type Change = FactsRow & { readonly effect: AddressEffect };

async function apply(tx: Tx, { id, actor }: RunRow, changes: readonly Change[], now: Instant): Promise<void> {
  const by = { actor, note: `requalification ${id}`, at: now };
  const keysOf = (wanted: AddressEffect) =>
    changes.filter(({ effect }) => effect === wanted).map(({ matchKey }) => matchKey);
  await releaseAddresses(tx, keysOf("release"), by, "requalified");
  const renamed = changes.flatMap(({ matchKey, effect, heldBy }) =>
    effect === "reason" && heldBy !== null ? [{ matchKey, reason: heldBy.reason }] : [],
  );
  await changeReasons(tx, renamed, by);
  const errors = changes.flatMap(({ matchKey, effect, error }) => {
    if (effect !== "quarantine" || error === null) return [];
    const { reason, ...told } = error;
    // Only what is about an address is ever hard (core/bounce/lint-rules.ts).
    return [{ ...told, matchKey, provider: null, verdict: { type: "hard", reason, scope: "address" } as const }];
  });
  await recordRequalifiedErrors(tx, errors, by, now);
}

/** Texts that nobody qualified are shown as the rules judge them. */
export async function requalifyTexts(tx: Tx, run: RunRow, { rules }: Judging): Promise<Progress | "done"> {
  if (run.dry_run || run.type !== null) return "done";
  const texts = await nextOpenTexts(tx, run.text_id, run.part_cursor, TEXTS);
  const last = texts.at(-1);
  if (last === undefined) return "done";
  const judgements = texts.flatMap((text) => judgementOf(text, run.rule, rules));
  if (judgements.length > 0) await saveJudgements(tx, run.id, judgements);
  return { step: "texts", part_cursor: last.id };
}

function judgementOf(text: OpenText, only: string | null, rules: CompiledRules): NewJudgement[] {
  const { id, first_text: reply, code, enhanced, stages, mx } = text;
  const verdict = qualify(rules, { stage: stages[0] ?? "async", code, enhanced, text: reply, mx });
  const { type, reason, rule } = verdict;
  if (only !== null && rule !== only && text.rule !== only) return [];
  const isSame = type === text.type && reason === text.reason && rule === text.rule;
  return isSame ? [] : [{ id, type, reason, rule }];
}
