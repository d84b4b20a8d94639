/**
 * The database of a world, in memory: message rows, parts with leases, and the commit that applies outcomes under the rules of
 * mta/commit-outcomes.ts (the lease's epoch, the attempt after the last one) and mta/store.ts.
 */
import type { FailureReason, FailureType } from "../../src/core/bounce/verdict.ts";
import type { MessageStatus } from "../../src/core/delivery/status.ts";
import type { Instant } from "../../src/core/time.ts";
import type { OutcomeRecord } from "../../src/mta/outcome-record.ts";
import type { Lease } from "../../src/mta/store.ts";
import type { Witness } from "./witness.ts";
import type { DeliveryPlan } from "./world.ts";

export type Row = {
  readonly tag: string;
  readonly seq: number;
  readonly address: string;
  readonly domain: string;
  status: MessageStatus;
  attempts: number;
  type: FailureType | null;
  reason: FailureReason | null;
  nextAt: Instant | null;
  finalAt: Instant | null;
  firstAttemptAt: Instant | null;
  relayed: boolean;
  isQuarantined: boolean;
};

export type Part = {
  readonly id: number;
  readonly deliveryId: number;
  /** Null: mixed. */
  readonly domain: string | null;
  readonly rows: readonly Row[];
  /** Null: done. */
  dueAt: Instant | null;
  owned: boolean;
  epoch: number;
};

export class Ledger {
  readonly parts: Part[] = [];
  readonly #witness: Witness;
  readonly #unfinished = new Set<Row>();

  constructor(witness: Witness) {
    this.#witness = witness;
  }

  /** A destination that fills parts has its own, the long tail shares mixed ones, as the analysis cuts them. */
  add({ id, recipients, partSize }: DeliveryPlan, dueAt: Instant): void {
    const tail: [string, string][] = [];
    for (const [domain, count] of recipients) {
      const people = Array.from({ length: count }, (_, n): [string, string] => [`r${id}-${n}@${domain}`, domain]);
      while (people.length >= partSize) this.#addPart(id, domain, people.splice(0, partSize), dueAt);
      tail.push(...people);
    }
    while (tail.length > 0) this.#addPart(id, null, tail.splice(0, partSize), dueAt);
  }

  #addPart(deliveryId: number, domain: string | null, people: readonly [string, string][], dueAt: Instant): void {
    const id = this.parts.length + 1;
    const rows = people.map(
      ([address, own], seq): Row => ({
        tag: `${id}-${seq}`,
        seq,
        address,
        domain: own,
        status: "pending",
        attempts: 0,
        type: null,
        reason: null,
        nextAt: null,
        finalAt: null,
        firstAttemptAt: null,
        relayed: false,
        isQuarantined: false,
      }),
    );
    for (const row of rows) this.#unfinished.add(row);
    this.parts.push({ id, deliveryId, domain, rows, dueAt, owned: false, epoch: 0 });
  }

  /** Nothing is left to do: every message is final or waits for a person. */
  get isFinished(): boolean {
    return this.#unfinished.size === 0;
  }

  unfinished(): Iterable<Row> {
    return this.#unfinished;
  }

  rowOf(tag: string): { part: Part; row: Row } {
    const [id = "", seq = ""] = tag.split("-");
    const part = this.parts[Number(id) - 1];
    const row = part?.rows[Number(seq)];
    if (!part || !row) throw new Error(`no message ${tag}`);
    return { part, row };
  }

  lease(deliveryId: number, limit: number, avoid: ReadonlySet<string>, now: Instant): Lease[] {
    return this.parts
      .filter((p) => p.deliveryId === deliveryId && !p.owned && isDue(p, now))
      .filter((p) => p.domain === null || !avoid.has(p.domain))
      .sort((a, b) => (a.dueAt ?? 0) - (b.dueAt ?? 0) || a.id - b.id)
      .slice(0, limit)
      .map((part) => {
        part.owned = true;
        part.epoch++;
        return { partId: part.id, deliveryId, domain: part.domain, epoch: part.epoch, takenOver: false };
      });
  }

  load(partId: number, afterSeq: number, limit: number, horizon: Instant): Row[] {
    return this.#part(partId)
      .rows.filter((row) => row.seq > afterSeq && isWaiting(row) && (row.nextAt ?? 0) <= horizon)
      .slice(0, limit);
  }

  release(partId: number, epoch: number, now: Instant, notBefore: Instant): void {
    const part = this.#part(partId);
    if (part.epoch !== epoch || !part.owned) return;
    part.owned = false;
    const putOff = Math.max(notBefore, now);
    const waits = part.rows.filter(isWaiting).map(({ nextAt }) => (nextAt !== null && nextAt > now ? nextAt : putOff));
    part.dueAt = waits.length === 0 ? null : Math.min(...waits);
  }

  /** The owner died: all of its parts are due at once, and what it still says is late. */
  releaseAll(now: Instant): void {
    for (const part of this.parts.filter(({ owned }) => owned)) {
      part.owned = false;
      part.epoch++;
      part.dueAt = part.rows.some(isWaiting) ? now : null;
    }
  }

  commit(records: readonly OutcomeRecord[]): void {
    for (const record of records) {
      const part = this.#part(record.partId);
      const row = part.rows[record.seq];
      if (!row || part.epoch !== record.epoch) continue;
      if (row.attempts !== record.attempt - 1 || row.status !== record.fromStatus) {
        const what = `${row.tag} is ${row.status} after ${row.attempts}, record of ${record.attempt} from ${record.fromStatus}`;
        this.#witness.broken("one-final-state", what);
        continue;
      }
      apply(row, record);
      this.#witness.note(`commit ${row.tag} ${record.attempt} ${record.status} ${record.nextAt} ${record.reply}`);
      if (!isWaiting(row)) this.#unfinished.delete(row);
    }
  }

  /** When the next free part of these deliveries is due. */
  nextDue(isActive: (deliveryId: number) => boolean): Instant | null {
    let next: Instant | null = null;
    for (const { owned, dueAt, deliveryId } of this.parts) {
      if (owned || dueAt === null || !isActive(deliveryId)) continue;
      next = next === null ? dueAt : Math.min(next, dueAt);
    }
    return next;
  }

  /** Parts that were put off are due at once; their messages still have their own time. */
  wake(now: Instant, horizon: Instant): void {
    for (const part of this.parts) {
      if (!part.owned && part.dueAt !== null && part.dueAt > now && part.dueAt <= horizon) part.dueAt = now;
    }
  }

  #part(id: number): Part {
    const part = this.parts[id - 1];
    if (!part) throw new Error(`no part ${id}`);
    return part;
  }
}

function apply(row: Row, record: OutcomeRecord): void {
  row.status = record.status;
  row.attempts = record.attempt;
  row.type = record.type;
  row.reason = record.reason;
  row.nextAt = record.nextAt;
  row.finalAt = record.finalAt;
  row.firstAttemptAt ??= record.at;
  row.relayed ||= record.relayed ?? false;
  row.isQuarantined ||= record.quarantineKey !== null;
}

const isDue = ({ dueAt }: Part, now: Instant) => dueAt !== null && dueAt <= now;

export function isWaiting({ status }: Row): boolean {
  return status === "pending" || status === "taken-into-account";
}
