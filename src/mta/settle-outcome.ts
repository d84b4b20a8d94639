/** From what became of an attempt to the record that is journalled and committed. Decides through core, does nothing. */
import { countsAgainstAddress } from "../core/bounce/blame.ts";
import type { Verdict, VerdictScope } from "../core/bounce/verdict.ts";
import type { DeliveryMode } from "../core/delivery/mode.ts";
import { next, type RelayProfile } from "../core/delivery/next.ts";
import { replyText, type Outcome } from "../core/smtp/outcome.ts";
import type { Duration, Instant } from "../core/time.ts";
import type { SessionFacts } from "./session-port.ts";
import type { OutcomeRecord } from "./outcome-record.ts";
import type { Task } from "./task.ts";

/** Longest text kept of a reply: servers may send pages. */
const REPLY_MAX = 2000;

export type Settled =
  | { readonly kind: "record"; readonly record: OutcomeRecord }
  | { readonly kind: "hold"; readonly reason: string };

export function settleOutcome(
  task: Task,
  outcome: Outcome,
  verdict: Verdict | null,
  facts: SessionFacts,
  now: Instant,
  random: number,
  { relay, wait }: { readonly relay: RelayProfile | null; readonly wait: Duration | null },
): Settled {
  const { delivery, lease } = task.part;
  const attempt = task.attempts + 1;
  const { inDoubtPolicy, retries, mode } = delivery;
  const { validUntil } = task;
  const firstAttemptAt = task.firstAttemptAt ?? now;
  const decision = next(
    { attempt, now, validUntil, inDoubtPolicy, random, retries, mode, firstAttemptAt, relay, wait },
    outcome,
    verdict,
  );
  const reply = storableText(outcome.kind === "lost" ? outcome.detail || outcome.trouble : replyText(outcome.reply));
  if (decision.kind === "hold") return { kind: "hold", reason: `${facts.mx}: ${reply}` };
  return {
    kind: "record",
    record: {
      ...identity(task),
      attempt,
      status: decision.status,
      type: decision.type,
      reason: decision.reason,
      inDoubt: decision.inDoubt,
      nextAt: decision.nextAt,
      finalAt: decision.isFinal ? now : null,
      at: now,
      kind: decision.attemptKind,
      relayed: decision.relayed,
      stage: outcome.kind === "accepted" ? (outcome.stage ?? "dot") : outcome.stage,
      code: outcome.kind === "lost" ? null : outcome.reply.code,
      enhanced: outcome.kind === "lost" ? null : outcome.reply.enhanced,
      reply,
      mx: facts.mx,
      sourceIp: facts.sourceIp ?? delivery.wish.source,
      tls: facts.tls,
      durationMs: facts.durationMs,
      rule: verdict?.rule ?? null,
      quarantineKey: decision.quarantine ? task.matchKey : null,
      ...heldAgainst(verdict, decision.isFinal, mode, relay),
    },
  };

  function identity(t: Task) {
    return {
      partId: lease.partId,
      seq: t.seq,
      epoch: lease.epoch,
      fromStatus: t.status,
      digest: t.digest,
      address: t.address,
      domain: t.domain,
    };
  }
}

/**
 * A mailbox answers for itself each time. That a domain is away is held against its people only when their message failed for it, and
 * never when it is our relay that is away; what no network saw says nothing.
 */
function heldAgainst(
  verdict: Verdict | null,
  isFinal: boolean,
  mode: DeliveryMode,
  relay: RelayProfile | null,
): { errorScope?: VerdictScope } {
  if (verdict === null || mode === "verify" || !countsAgainstAddress(verdict)) return {};
  const { scope } = verdict;
  return scope === "address" || (isFinal && relay === null) ? { errorScope: scope } : {};
}

/** The validity period ended before another attempt; the reason of the last one stays. */
export function expiredRecord(task: Task, now: Instant): OutcomeRecord {
  return {
    ...failedRecord(task, now),
    kind: "expired",
    type: task.type ?? "soft",
    reason: task.reason ?? "unreachable",
    reply: lacksCopies(task)
      ? "the validity period of the delivery ended before the archive took the message's copy, without which it must not leave"
      : "the validity period of the delivery ended before the message could be delivered",
  };
}

/** The end of the validity period, and the relay that took it reported no failure. */
export function unreportedRecord(task: Task, now: Instant): OutcomeRecord {
  return {
    ...failedRecord(task, now),
    kind: "unreported",
    status: "sent",
    reply: "the relay took it, and no failure was reported until the end of the validity period",
  };
}

/** The message could not be made for this recipient: a template that fails on these values, an address that is none. */
export function notRenderedRecord(task: Task, problem: string, now: Instant): OutcomeRecord {
  return {
    ...failedRecord(task, now),
    kind: "not-rendered",
    type: "ignored",
    reason: "not-defined",
    reply: storableText(problem),
  };
}

function failedRecord(task: Task, now: Instant): OutcomeRecord {
  const { lease } = task.part;
  return {
    partId: lease.partId,
    seq: task.seq,
    epoch: lease.epoch,
    attempt: task.attempts + 1,
    fromStatus: task.status,
    status: "failed",
    type: null,
    reason: null,
    inDoubt: false,
    nextAt: null,
    finalAt: now,
    at: now,
    kind: "expired",
    stage: null,
    code: null,
    enhanced: null,
    reply: "",
    mx: null,
    sourceIp: null,
    tls: null,
    durationMs: null,
    rule: null,
    digest: task.digest,
    address: task.address,
    domain: task.domain,
    quarantineKey: null,
  };
}

/** PostgreSQL text cannot hold NUL. */
function storableText(text: string): string {
  return text.replaceAll("\0", "�").slice(0, REPLY_MAX);
}

function lacksCopies({ part, copies }: Task): boolean {
  const { archive } = part.delivery;
  return archive !== null && archive.strict && archive.archives.some((id) => copies.get(id) !== "archived");
}
