/**
 * Approvals of a delivery. After each analysis without errors the people are asked whom its settings name; the first decision of
 * any of them counts. Target and start are asked about again after every analysis, the content when a message would have other
 * bytes. Nothing starts before all are given; once they are, what is to start by itself does.
 */
import type { Approval } from "../../contract/approvals.ts";
import {
  APPROVAL_KINDS,
  isNamed,
  startsByItself,
  type ApprovalKind,
  type Person,
} from "../../core/delivery/approvals.ts";
import { formatInstant, parseDuration, type Instant } from "../../core/time.ts";
import type { Db, Queryable, Tx } from "../../platform/db.ts";
import { appError, type FieldError } from "../../platform/errors.ts";
import { loadSettings } from "../settings/index.ts";
import { askReviewers } from "./ask-reviewers.ts";
import * as store from "./approvals-store.ts";
import { announce, lockFor, setHoldReason, setState } from "./transition.ts";

export type Decider = Person & { readonly label: string };

export type Wish = {
  readonly kind: ApprovalKind;
  readonly state: "approved" | "rejected";
  readonly comment: string;
};

/** Belongs into the transaction of the analysis: what it found is what people are asked about. */
export async function askAfterAnalysis(tx: Tx, id: number, now: Instant): Promise<void> {
  const subject = await store.findSubject(tx, id);
  if (!subject?.approval) return;
  const wanted = wantedOf(subject);
  const stands = await keepWhatStands(tx, id, subject, now);
  const asked = wanted.filter((kind) => !stands.has(kind));
  if (asked.length > 0) {
    const deadline = now + (parseDuration(subject.approval.deadline) ?? 0);
    await store.insertApprovals(
      tx,
      id,
      asked.map((kind) => ({ kind, basis: basisOf(subject, kind, now) })),
      deadline,
      now,
    );
    const detail = { kinds: asked.join(", "), deadline: formatInstant(deadline) };
    await announce(tx, id, "approval.asked", "analysis", now, detail);
    await askReviewers(tx, id, subject, asked, deadline, now);
  }
  await startIfReady(tx, id, subject, now);
}

/** The kinds that need not be asked about anew: nobody has decided yet, or the decision is still about the same. */
async function keepWhatStands(
  tx: Tx,
  id: number,
  subject: store.Subject,
  now: Instant,
): Promise<ReadonlySet<ApprovalKind>> {
  const wanted = wantedOf(subject);
  const current = await store.loadCurrent(tx, id);
  const over = current.filter(
    ({ kind, state, basis }) =>
      !wanted.includes(kind) || (state !== "pending" && !(kind === "content" && basis === subject.content)),
  );
  await lapseAll(tx, id, over, "analysis", now);
  const stands = current.filter((approval) => !over.includes(approval));
  for (const { id: approval, kind, state } of stands) {
    if (state === "pending") await store.renewBasis(tx, approval, basisOf(subject, kind, now));
  }
  return new Set(stands.map(({ kind }) => kind));
}

/** What was decided about a delivery that is edited: all of it needs another analysis; the content only when that was changed. */
export async function lapseAfterEdit(
  tx: Tx,
  id: number,
  contentChanged: boolean,
  actor: string,
  now: Instant,
): Promise<void> {
  const current = await store.loadCurrent(tx, id);
  const over = current.filter(({ kind, state }) => state !== "pending" && (kind !== "content" || contentChanged));
  await lapseAll(tx, id, over, actor, now);
}

async function lapseAll(
  tx: Tx,
  id: number,
  over: readonly store.ApprovalRow[],
  actor: string,
  now: Instant,
): Promise<void> {
  await store.lapse(
    tx,
    over.map((approval) => approval.id),
  );
  const decided = over.filter(({ state }) => state !== "pending").map(({ kind }) => kind);
  if (decided.length > 0) await announce(tx, id, "approval.lapsed", actor, now, { kinds: decided.join(", ") });
}

/** Throws `not-found`, `action-not-allowed`, `not-a-reviewer`, `approval-decided`. */
export async function decide(db: Db, id: number, wish: Wish, by: Decider, now: Instant): Promise<void> {
  const { kind } = wish;
  await db.transaction(async (tx) => {
    await lockFor(tx, id, "decide");
    const subject = await store.findSubject(tx, id);
    const named = subject?.approval?.[kind];
    const approval = (await store.loadCurrent(tx, id)).find((one) => one.kind === kind);
    if (!subject || !named || !approval) throw appError("not-found", { what: "approval", id: kind });
    if (!isNamed(by, named)) throw appError("not-a-reviewer", { id, kind });
    if (approval.state !== "pending") {
      throw appError("approval-decided", { id, kind, decision: approval.state, by: approval.decided_by ?? "" });
    }
    const decision = { state: wish.state, by: by.label, operatorId: by.operatorId, comment: wish.comment };
    await store.saveDecision(tx, approval.id, decision, now);
    const event = wish.state === "approved" ? "approval.given" : "approval.rejected";
    await announce(tx, id, event, by.label, now, { kind, ...(wish.comment === "" ? {} : { comment: wish.comment }) });
    if (wish.state === "approved") await startIfReady(tx, id, subject, now);
  });
}

/** Throws `approval-missing` with all that are. */
export async function requireApprovals(tx: Tx, id: number): Promise<void> {
  const subject = await store.findSubject(tx, id);
  const missing = subject === null ? [] : await missingOf(tx, id, subject);
  if (missing.length === 0) return;
  const words = missing.map(({ message }) => message).join("; ");
  throw appError("approval-missing", { id, missing: words }, missing);
}

/** Throws `not-a-starter`: the right to start deliveries is not enough where a delivery names people. Null: a program of Envoi itself. */
export async function requireStarter(db: Queryable, id: number, person: Person | null): Promise<void> {
  const starters = (await store.findSubject(db, id))?.approval?.starters;
  if (starters && person !== null && !isNamed(person, starters)) throw appError("not-a-starter", { id });
}

/** Whether this person may start it, as far as the delivery has a say. */
export async function mayStart(db: Queryable, id: number, person: Person): Promise<boolean> {
  const starters = (await store.findSubject(db, id))?.approval?.starters;
  return !starters || isNamed(person, starters);
}

export async function loadApprovals(db: Queryable, id: number): Promise<Approval[]> {
  const named = (await store.findSubject(db, id))?.approval;
  return (await store.loadCurrent(db, id)).map((row) => ({
    kind: row.kind,
    state: row.state,
    reviewers: named?.[row.kind] ?? { operators: [], groups: [] },
    askedAt: formatInstant(row.asked_at),
    deadline: formatInstant(row.deadline),
    decidedAt: row.decided_at === null ? null : formatInstant(row.decided_at),
    decidedBy: row.decided_by,
    comment: row.comment,
  }));
}

/** In the transaction that made it ready, or gave the last approval: it begins within a moment, in the name of whoever asked for the analysis. */
async function startIfReady(tx: Tx, id: number, subject: store.Subject, now: Instant): Promise<void> {
  const { approval, auto_start_by: by } = subject;
  const verdict = startsByItself({
    mode: approval?.mode ?? "manual",
    hasWarnings: subject.has_warnings,
    allApproved: (await missingOf(tx, id, subject)).length === 0,
    hasStarter: by !== null,
  });
  if (!verdict.starts || by === null) {
    if (!verdict.starts && verdict.why !== null) {
      await announce(tx, id, "delivery.waits", "analysis", now, { why: verdict.why });
    }
    return;
  }
  const tolerance = parseDuration((await loadSettings(tx)).start.tolerance) ?? 0;
  await setState(tx, id, "ready", "confirm-later", now, { at: now, notAfter: now + tolerance, zone: null, by });
  await setHoldReason(tx, id, null);
  await announce(tx, id, "delivery.confirmed", by, now, { byItself: approval?.mode ?? "" });
}

async function missingOf(tx: Tx, id: number, subject: store.Subject): Promise<FieldError[]> {
  const wanted = wantedOf(subject);
  if (wanted.length === 0) return [];
  const current = new Map((await store.loadCurrent(tx, id)).map((row) => [row.kind, row]));
  return wanted.flatMap((kind) => {
    const row = current.get(kind);
    if (row?.state === "approved") return [];
    return row?.state === "rejected"
      ? [{ pointer: `/approvals/${kind}`, code: "rejected", message: `the ${kind} was rejected by ${row.decided_by}` }]
      : [{ pointer: `/approvals/${kind}`, code: "pending", message: `the ${kind} is not approved yet` }];
  });
}

function wantedOf({ approval }: store.Subject): readonly ApprovalKind[] {
  return APPROVAL_KINDS.filter((kind) => approval?.[kind] !== undefined);
}

function basisOf(subject: store.Subject, kind: ApprovalKind, now: Instant): string {
  return kind === "content" ? subject.content : `analysis of ${formatInstant(now)}`;
}
