/** Tasks from rows, and what of a task others are told: its key, its line in the journal, what is asked of a relay. */
import { parseAddress } from "../core/address/parse-address.ts";
import type { RelayProfile } from "../core/delivery/next.ts";
import { singleFactsOf } from "../core/delivery/single.ts";
import type { MessageKey } from "../core/delivery/status.ts";
import type { Instant } from "../core/time.ts";
import type { HeldPart } from "./held-part.ts";
import type { Intent } from "./journal.ts";
import type { WaitingMessage } from "./store.ts";
import type { KnownCopy } from "./store-copies.ts";
import type { PreparedMessage, Task } from "./task.ts";

const FINAL_WORD = ["SUCCESS", "FAILURE"] as const;

/** A relay is asked for its final word where that is what we wait for. */
export function dsnOf({ part, address }: Task, relay: RelayProfile | null): Pick<PreparedMessage, "dsn"> {
  const notify = part.delivery.notify ?? (relay === "confirmed" ? FINAL_WORD : null);
  return notify === null ? {} : { dsn: { ret: "HDRS", envid: null, notify, orcpt: address } };
}

export function keyOf({ part, seq }: Task): MessageKey {
  return { partId: part.lease.partId, seq };
}

export function intentFor(task: Task, at: Instant): Intent {
  const { lease, delivery } = task.part;
  // What is in doubt may have left: with timing `before` its copies are due.
  const due = delivery.archive?.timing === "before" ? delivery.archive.archives : [];
  const owed = due.filter((id) => task.copies.get(id) !== "archived");
  return {
    ...(owed.length > 0 ? { debts: owed.map((archive) => ({ archive, nextAt: at })) } : {}),
    partId: lease.partId,
    seq: task.seq,
    digest: task.digest,
    epoch: lease.epoch,
    attempt: task.attempts + 1,
    fromStatus: task.status,
    mx: null,
    at,
    address: task.address,
    domain: task.domain,
  };
}

export function taskOf(part: HeldPart, row: WaitingMessage, copies: readonly KnownCopy[]): Task {
  const parsed = parseAddress(row.address);
  // An address that is none any more is refused when its message is made.
  const known = parsed.kind === "valid" ? parsed : { envelope: row.address, domain: "", matchKey: row.address };
  return {
    part,
    seq: row.seq,
    address: row.address,
    envelope: known.envelope,
    domain: known.domain,
    matchKey: known.matchKey,
    vars: row.vars,
    validUntil: validUntilOf(part, row),
    status: row.status,
    attempts: row.attempts,
    firstAttemptAt: row.firstAttemptAt,
    relayed: row.relayed,
    type: row.type,
    reason: row.reason,
    digest: (row.digest ?? copied(part, copies))?.toString("base64") ?? null,
    copies: new Map(copies.map(({ archive, state }) => [archive, state])),
    copiesDueAt: dueAt(copies),
    made: null,
  };
}

/** A single message has a time of its own. */
function validUntilOf({ delivery }: HeldPart, { vars }: WaitingMessage): Instant {
  const own = delivery.loadContent === null ? null : singleFactsOf(vars);
  return own?.until ?? delivery.validUntil;
}

/** An exact copy that is in an archive binds its original, which may never have left. */
function copied({ delivery }: HeldPart, copies: readonly KnownCopy[]): Buffer | null {
  return delivery.archive?.copy === "exact" ? (copies.find(({ digest }) => digest !== null)?.digest ?? null) : null;
}

function dueAt(copies: readonly KnownCopy[]): Instant | null {
  const due = copies.flatMap(({ state, next_attempt_at: at }) => (state === "owed" && at !== null ? [at] : []));
  return due.length === 0 ? null : Math.min(...due);
}
