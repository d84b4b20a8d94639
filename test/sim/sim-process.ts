/**
 * One life of a sender process, around an engine: what sender.ts, window.ts and committer.ts do, against the ledger. It leases
 * parts, hands out messages in slices, commits outcomes in batches, gives parts back; it can stop in order or die.
 */
import { type Duration, MINUTE, SECOND } from "../../src/core/time.ts";
import { PUT_OFF_MAX } from "../../src/mta/dispatch.ts";
import { holdPart, type HeldPart, isDone } from "../../src/mta/held-part.ts";
import type { Intent } from "../../src/mta/journal.ts";
import type { OutcomeRecord } from "../../src/mta/outcome-record.ts";
import type { SendableDelivery } from "../../src/mta/sendable-delivery.ts";
import type { PreparedMessage } from "../../src/mta/task.ts";
import type { ProcessTimers, SimTimer, SimTimers, VirtualClock } from "./clock.ts";
import type { Engine } from "./engine.ts";
import type { Network } from "./internet.ts";
import type { Ledger, Row } from "./ledger.ts";
import type { Witness } from "./witness.ts";

/** As in mta/window.ts, committer.ts and sender.ts. */
export const WINDOW = 3000;
export const STANDING_MAX = 9000;
export const SLICE = 500;
/** What the database takes to give a part back. */
const FILL_AFTER: Duration = 5;
const COMMIT_AFTER: Duration = 50;
const TICK: Duration = 500;
/** Nothing happens: looked at less often, or a world of days would be made of looks. */
const TICK_MAX: Duration = 30 * SECOND;
const IDLE_TICK_MAX: Duration = 10 * MINUTE;

/** Timers of an engine at rest: some for all, some for each lane. */
const TIMERS_ANYWAY = 20;
const TIMERS_PER_LANE = 4;

export type ProcessOptions = {
  readonly clock: VirtualClock;
  readonly ledger: Ledger;
  readonly witness: Witness;
  readonly deliveries: () => { readonly delivery: SendableDelivery; readonly weight: number }[];
  readonly isActive: (deliveryId: number) => boolean;
  /** Sites by sources. */
  readonly lanes: number;
  readonly start: (process: SimProcess, timers: SimTimers) => { engine: Engine; network: Network };
};

export class SimProcess {
  readonly #o: ProcessOptions;
  readonly #timers: SimTimers;
  /** The engine's, and those of this frame around it. */
  readonly #life: ProcessTimers;
  readonly #own: ProcessTimers;
  readonly #engine: Engine;
  readonly #network: Network;
  readonly #parts = new Map<number, HeldPart>();
  /** Dots that left and have no outcome yet, outcomes that are not committed. */
  readonly #intents = new Map<string, Intent>();
  #records: OutcomeRecord[] = [];
  #committing = false;
  #fillTimer: SimTimer = null;
  #wallAhead: Duration;
  #stopping = false;
  #moved = true;
  #tick: Duration = TICK;
  mostOutstanding = 0;

  constructor(options: ProcessOptions) {
    this.#o = options;
    this.#life = options.clock.timers();
    this.#own = options.clock.timers();
    this.#timers = this.#own.timers;
    const { engine, network } = options.start(this, this.#life.timers);
    this.#engine = engine;
    this.#network = network;
    this.#wallAhead = options.clock.wall() - options.clock.steady();
    this.#timers.set(() => this.#onTick(), 1);
  }

  isActive(deliveryId: number): boolean {
    return !this.#stopping && this.#o.isActive(deliveryId);
  }

  get engine(): Engine {
    return this.#engine;
  }

  /** Messages in hand, of one delivery or of all. */
  outstanding(deliveryId: number | null = null): number {
    let sum = 0;
    for (const { lease, outstanding } of this.#parts.values()) {
      if (deliveryId === null || lease.deliveryId === deliveryId) sum += outstanding;
    }
    return sum;
  }

  /** The journal hook. */
  beforeFlush(message: PreparedMessage): void {
    this.#intents.set(message.tag, this.#engine.intentOf(message));
  }

  onRecord(record: OutcomeRecord): void {
    const tag = `${record.partId}-${record.seq}`;
    this.#intents.delete(tag);
    this.#records.push(record);
    this.#moved = true;
    if (this.#committing) return;
    this.#committing = true;
    this.#timers.set(() => this.#commit(), COMMIT_AFTER);
  }

  #commit(): void {
    const records = this.#records.splice(0);
    this.#committing = false;
    this.#o.ledger.commit(records);
    for (const { partId, epoch } of records) {
      const part = this.#parts.get(partId);
      if (!part || part.lost || part.lease.epoch !== epoch) continue;
      part.uncommitted--;
      this.advance(part);
    }
  }

  /** Something of this part was settled, put off or committed: load on, or give back. */
  advance(part: HeldPart): void {
    this.#moved = true;
    if (part.outstanding < 0 || part.uncommitted < 0) {
      this.#o.witness.broken("one-final-state", `part ${part.lease.partId} had more outcomes than messages`);
      part.outstanding = Math.max(0, part.outstanding);
      part.uncommitted = Math.max(0, part.uncommitted);
    }
    if (!part.exhausted && !part.loading && part.outstanding < SLICE / 2) this.#load(part);
    if (!isDone(part) || this.#parts.get(part.lease.partId) !== part) return;
    this.#parts.delete(part.lease.partId);
    // Nothing is put off for longer, unless the clock was set back since.
    const now = this.#o.clock.wall();
    const notBefore = Math.min(part.notBefore, part.delivery.validUntil, now + PUT_OFF_MAX);
    this.#o.ledger.release(part.lease.partId, part.lease.epoch, now, notBefore);
    this.#fillSoon();
  }

  #fillSoon(): void {
    if (this.#stopping || this.#fillTimer !== null) return;
    this.#fillTimer = this.#timers.set(() => {
      this.#fillTimer = null;
      this.#fill();
    }, FILL_AFTER);
  }

  #load(part: HeldPart): void {
    const { ledger, clock } = this.#o;
    const rows = ledger.load(part.lease.partId, part.cursor, SLICE, clock.wall());
    part.cursor = rows.at(-1)?.seq ?? part.cursor;
    part.exhausted ||= rows.length < SLICE;
    part.outstanding += rows.length;
    this.mostOutstanding = Math.max(this.mostOutstanding, this.outstanding());
    part.loading = true;
    for (const row of rows) this.#engine.start(part, waitingOf(row));
    part.loading = false;
    this.#engine.pump();
    this.advance(part);
  }

  /** As sender.ts does: each delivery has its share of the window by weight; what nobody needs is for those who have more. */
  #fill(): void {
    const sending = this.#o
      .deliveries()
      .filter(({ delivery }) => this.isActive(delivery.id))
      .sort((one, other) => other.weight - one.weight);
    const weights = sending.reduce((sum, { weight }) => sum + weight, 0);
    for (const { delivery, weight } of sending) this.#lease(delivery, (WINDOW * weight) / weights);
    for (const { delivery } of sending) this.#lease(delivery, Number.POSITIVE_INFINITY);
  }

  #lease(delivery: SendableDelivery, most: number): void {
    const { ledger, clock } = this.#o;
    const room = WINDOW - this.outstanding() + Math.min(STANDING_MAX, this.#engine.standing());
    const wanted = Math.min(room, most - this.outstanding(delivery.id));
    if (wanted <= 0) return;
    const isOver = clock.wall() >= delivery.validUntil;
    const avoided = new Set(isOver ? [] : this.#engine.avoidedDomains(delivery));
    const leases = ledger.lease(delivery.id, Math.ceil(wanted / SLICE), avoided, clock.wall());
    const parts = leases.map((lease) => holdPart(lease, delivery));
    for (const part of parts) this.#parts.set(part.lease.partId, part);
    for (const part of parts) this.#load(part);
  }

  /** The machine's clock was set back: what was put off for a moment would wait until it is there again. */
  #checkClock(): void {
    const { clock, ledger } = this.#o;
    const back = this.#wallAhead - (clock.wall() - clock.steady());
    this.#wallAhead -= back;
    if (back <= PUT_OFF_MAX) return;
    this.#engine.forgetAvoided();
    ledger.wake(clock.wall(), clock.wall() + back + PUT_OFF_MAX);
  }

  #onTick(): void {
    this.#checkClock();
    const isIdle = this.#parts.size === 0;
    this.#tick = this.#moved ? TICK : Math.min(isIdle ? IDLE_TICK_MAX : TICK_MAX, this.#tick * 2);
    this.#moved = false;
    for (const part of this.#parts.values()) {
      if (!this.isActive(part.lease.deliveryId)) this.drain(part);
    }
    this.#engine.pump();
    this.#checkRest();
    this.#fill();
    const next = this.#o.ledger.nextDue((id) => this.isActive(id));
    const untilDue = next === null ? Number.POSITIVE_INFINITY : next - this.#o.clock.wall();
    const wait = Math.max(TICK, Math.min(this.#tick, untilDue));
    this.#timers.set(() => this.#onTick(), wait);
  }

  /** Something changed from outside: look at once, as NOTIFY makes a sender do. */
  notify(): void {
    this.#moved = true;
    this.#timers.set(() => {
      for (const part of this.#parts.values()) if (!this.isActive(part.lease.deliveryId)) this.drain(part);
      this.#engine.pump();
      this.#fill();
    }, 5);
  }

  drain(part: HeldPart): void {
    part.exhausted = true;
    this.#engine.recall(part);
    this.advance(part);
  }

  #end(): void {
    this.#life.kill();
    this.#own.kill();
    this.#network.kill();
  }

  /** What waits for its time is a row and nothing else: an engine that holds nothing must not know of it. */
  #checkRest(): void {
    if (this.outstanding() > 0) return;
    const most = TIMERS_ANYWAY + TIMERS_PER_LANE * this.#o.lanes;
    const pending = this.#life.pending();
    if (pending > most) this.#o.witness.broken("memory", `${pending} timers and nothing in hand`);
  }

  /** In order: what is on the wire ends, everything is committed and given back. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const part of this.#parts.values()) this.drain(part);
    await this.#engine.close();
    this.#commit();
    if (this.#parts.size > 0) this.#o.witness.broken("nothing-lost", `${this.#parts.size} parts held after the end`);
    this.#end();
  }

  /** At once, as `kill -9` does. What is left: the journal. */
  die(): { readonly outcomes: readonly OutcomeRecord[]; readonly intents: readonly Intent[] } {
    this.#end();
    return { outcomes: this.#records, intents: [...this.#intents.values()] };
  }
}

function waitingOf(row: Row): Parameters<Engine["start"]>[1] {
  const { seq, address, attempts, type, reason, relayed, firstAttemptAt } = row;
  const status = row.status === "pending" ? "pending" : "taken-into-account";
  return { seq, address, vars: {}, status, attempts, type, reason, digest: null, relayed, firstAttemptAt };
}
