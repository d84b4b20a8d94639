/** Plays a world with an engine and says what was promised and not kept. */
import { weightOf } from "../../src/core/delivery/priority.ts";
import { type Duration, HOUR, type Instant } from "../../src/core/time.ts";
import type { MxRule } from "../../src/core/shaping/rule.ts";
import type { SendableDelivery } from "../../src/mta/sendable-delivery.ts";
import { doubtful } from "../../src/mta/recover.ts";
import { VirtualClock } from "./clock.ts";
import { sourceAt, type StartEngine } from "./engine.ts";
import { checkEnd } from "./check-end.ts";
import { type Offer, SimInternet } from "./internet.ts";
import { Ledger, type Row } from "./ledger.ts";
import { randomOf } from "./random.ts";
import { sendableOf } from "./sendable.ts";
import { SimProcess, SLICE, STANDING_MAX, WINDOW } from "./sim-process.ts";
import { type Invariant, type Violation, Witness } from "./witness.ts";
import { type Incident, recoveryOf, START, type World } from "./world.ts";

export type Report = {
  readonly violations: readonly Violation[];
  readonly broken: readonly Invariant[];
  /** SHA-256 of all that happened. */
  readonly digest: string;
  /** From the beginning to the last final state. */
  readonly lasted: Duration;
  readonly events: number;
  readonly mostOutstanding: number;
  readonly rows: readonly Row[];
  readonly offers: readonly OfferSeen[];
};

/** `tag` was offered to a server of `provider` at `at`. */
export type OfferSeen = { readonly tag: string; readonly provider: string; readonly at: Instant };

export type SimulateOptions = {
  readonly trace?: (line: string) => void;
  /** Keep every offer in the report: memory for large worlds. */
  readonly keepOffers?: boolean;
  /** Looks no further, and checks nothing of what had to be true at the end. */
  readonly until?: Duration;
};

/** The world ends so long after the last validity period. */
const AFTERWARDS: Duration = 2 * HOUR;

export async function simulate(world: World, start: StartEngine, options: SimulateOptions = {}): Promise<Report> {
  const simulation = new Simulation(world, start, options);
  await simulation.run();
  return simulation.report();
}

class Simulation {
  readonly #world: World;
  readonly #startEngine: StartEngine;
  readonly #options: SimulateOptions;
  readonly #clock = new VirtualClock(START);
  readonly #witness: Witness;
  readonly #ledger: Ledger;
  readonly #internet: SimInternet;
  readonly #deliveries = new Map<number, SendableDelivery>();
  readonly #paused = new Set<number>();
  readonly #rules: Map<string, MxRule>;
  readonly #offers: OfferSeen[] = [];
  readonly #firstOfferAfter = new Map<string, Instant>();
  #process: SimProcess | null = null;
  #isChanging = false;
  #saved: unknown = null;
  #lives = 0;
  #jumped = false;
  #mostOutstanding = 0;

  constructor(world: World, startEngine: StartEngine, options: SimulateOptions) {
    this.#world = world;
    this.#startEngine = startEngine;
    this.#options = options;
    this.#witness = new Witness(() => this.#clock.steady(), options.trace ?? null);
    this.#ledger = new Ledger(this.#witness);
    this.#rules = new Map(world.providers.map(({ rule }) => [rule.name, rule]));
    this.#internet = new SimInternet({
      world,
      clock: this.#clock,
      witness: this.#witness,
      onOffer: (offer) => this.#onOffer(offer),
    });
  }

  async run(): Promise<void> {
    const { deliveries, incidents } = this.#world;
    for (const plan of deliveries) {
      this.#clock.after(plan.startsAt, () => {
        this.#deliveries.set(plan.id, sendableOf(plan, this.#clock.wall()));
        this.#ledger.add(plan, this.#clock.wall());
        this.#process?.notify();
      });
    }
    for (const incident of incidents) this.#clock.after(incident.at, () => void this.#happen(incident));
    this.#startProcess();
    const begun = Math.max(...deliveries.map(({ startsAt }) => startsAt));
    const longest = Math.max(...deliveries.map(({ startsAt, validFor }) => startsAt + validFor));
    const jumps = incidents.reduce((sum, incident) => sum + (incident.kind === "jump" ? Math.abs(incident.by) : 0), 0);
    const end = this.#options.until ?? longest + jumps + AFTERWARDS;
    const isOver = () => this.#clock.steady() > START + begun && this.#ledger.isFinished && this.#internet.open === 0;
    await this.#clock.run(START + end, isOver);
  }

  report(): Report {
    if (this.#options.until === undefined) this.#checkEnd();
    this.#noteMemory();
    return {
      violations: this.#witness.violations,
      broken: [...this.#witness.counts.keys()],
      digest: this.#witness.digest(),
      lasted: this.#clock.steady() - START,
      events: this.#clock.events,
      mostOutstanding: this.#mostOutstanding,
      rows: this.#ledger.parts.flatMap(({ rows }) => rows),
      offers: this.#offers,
    };
  }

  #checkEnd(): void {
    checkEnd({
      world: this.#world,
      ledger: this.#ledger,
      internet: this.#internet,
      witness: this.#witness,
      firstOfferAfter: this.#firstOfferAfter,
      startedAt: (id) => this.#deliveries.get(id)?.at ?? START,
      jumped: this.#jumped,
    });
  }

  #startProcess(): void {
    const life = this.#lives++;
    this.#witness.note(`start ${life}`);
    const began = this.#clock.wall() - this.#clock.steady();
    const random = randomOf(this.#world.seed).fork(`life ${life}`);
    this.#process = new SimProcess({
      clock: this.#clock,
      ledger: this.#ledger,
      witness: this.#witness,
      deliveries: () =>
        this.#world.deliveries.flatMap(({ id, priority }) => {
          const delivery = this.#deliveries.get(id);
          return delivery ? [{ delivery, weight: weightOf(priority) }] : [];
        }),
      isActive: (id) => this.#deliveries.has(id) && !this.#paused.has(id),
      lanes: this.#world.providers.reduce((sum, { sites }) => sum + sites.length, 0) * this.#world.sources.length,
      start: (process, timers) => {
        const network = this.#internet.network(
          ({ source }) => sourceAt(this.#world, source),
          (message) => message.kind === "message" && process.beforeFlush(message),
        );
        const engine = this.#startEngine({
          world: this.#world,
          rules: [...this.#rules.values()],
          timers,
          now: () => this.#clock.wall(),
          steady: () => this.#clock.steady() + began,
          random: () => random.next(),
          openSession: network.openSession,
          resolver: this.#internet.resolver,
          isActive: (id) => process.isActive(id),
          onRecord: (record) => process.onRecord(record),
          onMoved: (part) => process.advance(part),
          onHold: (id, reason) => this.#witness.broken("nothing-lost", `delivery ${id} is held: ${reason}`),
          onOutage: (provider, since) => this.#onOutage(provider, since),
          onShaping: ({ kind, scope, cause, evidence, effect, until }) =>
            this.#witness.note(`shaping ${JSON.stringify({ kind, scope, cause, evidence, effect, until })}`),
          saved: this.#saved,
          // What is saved goes through JSON, as through the database.
          save: (state) => (this.#saved = JSON.parse(JSON.stringify(state)) as unknown),
        });
        return { engine, network };
      },
    });
  }

  async #happen(incident: Incident): Promise<void> {
    this.#witness.note(`incident ${incident.kind}`);
    switch (incident.kind) {
      case "restart":
        return this.#restart();
      case "kill":
        return this.#kill(incident.downFor);
      case "jump":
        this.#clock.jump(incident.by);
        this.#jumped = true;
        return;
      case "rule":
        this.#rules.set(incident.rule.name, incident.rule);
        this.#process?.engine.useRules([...this.#rules.values()]);
        this.#internet.watch.change(incident.rule);
        return;
      case "pause":
        this.#paused.add(incident.delivery);
        this.#process?.notify();
        this.#clock.after(incident.lasts, () => {
          this.#paused.delete(incident.delivery);
          this.#process?.notify();
        });
    }
  }

  async #restart(): Promise<void> {
    const process = this.#process;
    if (!process || this.#isChanging) return;
    this.#isChanging = true;
    await process.stop();
    this.#noteMemory();
    this.#startProcess();
    this.#isChanging = false;
  }

  #kill(downFor: Duration): void {
    const process = this.#process;
    if (!process || this.#isChanging) return;
    this.#noteMemory();
    const { outcomes, intents } = process.die();
    this.#process = null;
    for (const { partId, seq } of intents) this.#internet.truthOf(`${partId}-${seq}`).doubts++;
    this.#clock.after(downFor, () => {
      // As mta/recover.ts does with the journal.
      const at = this.#clock.wall();
      const policyOf = (partId: number) => {
        const id = this.#ledger.parts[partId - 1]?.deliveryId ?? 0;
        return this.#deliveries.get(id)?.inDoubtPolicy ?? "retry";
      };
      const doubts = intents.map((intent) => doubtful(intent, policyOf(intent.partId), at));
      this.#ledger.commit([...outcomes, ...doubts]);
      this.#ledger.releaseAll(at);
      this.#startProcess();
    });
  }

  #onOutage(provider: string, since: Instant): void {
    this.#witness.note(`outage ${provider} ${since}`);
    const plan = this.#world.providers.find(({ name }) => name === provider);
    const domains = new Set(plan?.sites.flatMap((site) => site.domains));
    for (const { rows } of this.#ledger.parts) {
      for (const row of rows) {
        const isMeant = domains.has(row.domain) && (row.finalAt ?? 0) >= since;
        if (isMeant) row.isQuarantined = false;
      }
    }
  }

  /** What has to be true the moment a message is offered to a server. */
  #onOffer({ message, provider, at }: Offer): void {
    const { part, row } = this.#ledger.rowOf(message.tag);
    const delivery = this.#deliveries.get(part.deliveryId);
    const now = this.#clock.wall();
    if (delivery && now >= delivery.validUntil) {
      this.#witness.broken("validity", `${row.tag} leaves ${now - delivery.validUntil} ms after its end`);
    }
    if (this.#paused.has(part.deliveryId)) this.#witness.broken("paused", `${row.tag} leaves although it is paused`);
    if (row.finalAt !== null) this.#witness.broken("one-final-state", `${row.tag} leaves although it is ${row.status}`);
    if (!this.#jumped && row.nextAt !== null && now < row.nextAt) {
      this.#witness.broken("one-final-state", `${row.tag} leaves ${row.nextAt - now} ms before its time`);
    }
    const recoveredAt = recoveryOf(this.#world, provider);
    if (at >= START + recoveredAt && !this.#firstOfferAfter.has(row.tag)) this.#firstOfferAfter.set(row.tag, at);
    if (this.#options.keepOffers) this.#offers.push({ tag: row.tag, provider, at });
  }

  #noteMemory(): void {
    this.#mostOutstanding = Math.max(this.#mostOutstanding, this.#process?.mostOutstanding ?? 0);
    if (this.#mostOutstanding > WINDOW + STANDING_MAX + SLICE) {
      this.#witness.broken("memory", `${this.#mostOutstanding} messages in memory`);
    }
  }
}
