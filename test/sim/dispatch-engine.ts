/** The real thing behind `Engine`: src/mta's dispatch with its shaper, and what shaping-desk.ts does with the database, kept as JSON. */
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";

import { weightOf } from "../../src/core/delivery/priority.ts";
import type { Restriction } from "../../src/core/shaping/restriction.ts";
import type { MxRule, ShapingFiles } from "../../src/core/shaping/rule.ts";
import { type Instant, SECOND } from "../../src/core/time.ts";
import { loadRules } from "../../src/features/bounces/index.ts";
import { loadShapingFiles } from "../../src/features/shaping/index.ts";
import { type Clock, steadyOf } from "../../src/mta/clock.ts";
import type { CopyFirst } from "../../src/mta/copy-first.ts";
import { createDispatch, type Dispatch } from "../../src/mta/dispatch.ts";
import type { HeldPart } from "../../src/mta/held-part.ts";
import { createShaper, type Shaper } from "../../src/mta/shaper.ts";
import { createSourceBook } from "../../src/mta/source-book.ts";
import { createSpeedGate } from "../../src/mta/speed-gate.ts";
import type { WaitingMessage } from "../../src/mta/store.ts";
import type { PreparedMessage } from "../../src/mta/task.ts";
import { addressOf, type Engine, type EngineOptions } from "./engine.ts";
import { poolNameOf } from "./sendable.ts";
import type { World } from "./world.ts";

/** As in mta/shaping-desk.ts. */
const READ_EVERY = 5 * SECOND;
const SAVE_EVERY = 2 * SECOND;

const bounceRules = await loadRules(fileURLToPath(new URL("../../rules/bounces", import.meta.url)));
const shipped = loadShapingFiles("/nonexistent");

/** Deliveries of worlds have no archives. */
const NO_COPIES: CopyFirst = {
  wait: (_, goOn) => goOn(),
  debts: () => [],
  follow: () => [],
  obstacle: () => null,
  holdReason: () => null,
  waiting: () => 0,
  sweep: () => {},
  recall: () => {},
  takeMade: () => null,
};

const CRYPTO = {
  sha256Base64: (data: string | Uint8Array) => createHash("sha256").update(data).digest("base64"),
  sign: () => "",
};

/** What the database would keep. Dates. */
type Saved = { readonly lanes: Readonly<Record<string, unknown>>; readonly restrictions: readonly Restriction[] };

export function dispatchEngine(options: EngineOptions): Engine {
  return new DispatchEngine(options);
}

class DispatchEngine implements Engine {
  readonly #o: EngineOptions;
  readonly #clock: Clock;
  readonly #shaper: Shaper;
  readonly #dispatch: Dispatch;
  readonly #standing = new Map<string, Restriction>();
  readonly #savedLanes: Readonly<Record<string, unknown>>;
  #rules: readonly MxRule[];
  #readAt: Instant;
  #savedAt: Instant;

  constructor(options: EngineOptions) {
    this.#o = options;
    const { world, random } = options;
    const saved = (options.saved as Saved | null) ?? { lanes: {}, restrictions: [] };
    this.#savedLanes = saved.lanes;
    for (const restriction of saved.restrictions) this.#standing.set(restriction.id, restriction);
    this.#rules = options.rules;
    this.#clock = { now: options.now, steady: options.steady };
    this.#readAt = this.#savedAt = this.#clock.steady();
    const sources = sourceBookOf(world);
    this.#shaper = createShaper({
      index: 0,
      of: 1,
      files: filesOf(world),
      clock: this.#clock,
      newId: () => Math.floor(random() * 2 ** 48).toString(16),
      warmUpOf: () => null,
      saved: (source, site) => saved.lanes[`${source} ${site}`],
      onOutage: ({ provider }, since) => options.onOutage(provider, since),
    });
    this.#decide();
    this.#dispatch = createDispatch({
      ...options,
      bounceRules,
      clock: this.#clock,
      shaper: this.#shaper,
      sources,
      speed: createSpeedGate(() => null),
      weightOf: (id) => weightOf(world.deliveries.find((delivery) => delivery.id === id)?.priority),
      crypto: CRYPTO,
      mayTake: () => true,
      copyFirst: () => NO_COPIES,
      onRouted: () => {},
      onReply: () => {},
      routing: {
        transport: "direct",
        relays: [],
        relayProfile: "classic",
        routes: {},
        sandboxRoutes: null,
        resolver: options.resolver,
        stsPolicyFor: async () => null,
      },
    });
  }

  start(part: HeldPart, message: WaitingMessage): void {
    this.#dispatch.start(part, message, []);
  }

  recall(part: HeldPart): void {
    this.#dispatch.recall(part);
  }

  pump(): void {
    this.#dispatch.pump();
    const now = this.#clock.steady();
    if (now - this.#savedAt >= SAVE_EVERY) this.#write();
    if (now - this.#readAt >= READ_EVERY) this.#decide();
  }

  useRules(rules: readonly MxRule[]): void {
    this.#rules = rules;
    this.#write();
    this.#decide();
  }

  intentOf(message: PreparedMessage) {
    return this.#dispatch.intentOf(message);
  }

  avoidedDomains(delivery: HeldPart["delivery"]): string[] {
    return this.#dispatch.avoidedDomains(delivery);
  }

  forgetAvoided(): void {
    this.#dispatch.forgetAvoided();
  }

  standing(): number {
    return this.#dispatch.standing();
  }

  async close(): Promise<void> {
    await this.#dispatch.close();
    this.#write();
  }

  #decide(): void {
    this.#readAt = this.#clock.steady();
    const now = this.#clock.now();
    for (const { id, until } of this.#standing.values()) if (until !== null && until <= now) this.#standing.delete(id);
    this.#shaper.decide({
      operatorRules: this.#rules,
      pins: [],
      restrictions: [...this.#standing.values()].map((restriction) => ({
        ...restriction,
        since: steadyOf(this.#clock, restriction.since),
        until: restriction.until === null ? null : steadyOf(this.#clock, restriction.until),
      })),
      releases: [],
    });
  }

  #write(): void {
    this.#savedAt = this.#clock.steady();
    const { events, ended } = this.#shaper.log.takeAll();
    for (const event of events) {
      this.#o.onShaping(event);
      if (event.kind !== "restricted" || event.effect === null) continue;
      const { id, scope, effect, cause, evidence, at, until } = event;
      this.#standing.set(id, { id, scope, effect, cause, evidence, since: at, until });
    }
    for (const { id } of ended) this.#standing.delete(id);
    const lanes: Record<string, unknown> = { ...this.#savedLanes };
    for (const { place, controller } of this.#shaper.sites()) lanes[`${place.source} ${place.site}`] = controller();
    this.#o.save({ lanes, restrictions: [...this.#standing.values()] } satisfies Saved);
  }
}

function sourceBookOf(world: World) {
  const book = createSourceBook(0, 1);
  const idOf = (source: string) => world.sources.indexOf(source) + 1;
  book.update(
    {
      sources: world.sources.map((name) => ({
        id: idOf(name),
        name,
        addressV4: addressOf(world, name),
        addressV6: null,
        helo: `${name}.sender.example`,
        sender: 0,
        enabled: true,
        warmUp: "off",
      })),
      pools: world.deliveries.map((delivery) => ({
        id: delivery.id,
        name: poolNameOf(delivery),
        members: delivery.pool.map((source) => ({ source: idOf(source), weight: 1 })),
      })),
    },
    [0],
  );
  return book;
}

/** The providers of the world; of what ships, all that is not about one real provider. */
function filesOf(world: World): ShapingFiles {
  return {
    providers: world.providers.map(({ name, rule }) => ({ name, label: name, mx: rule.mx, warmUp: null })),
    rules: shipped.rules,
    reactions: shipped.reactions.filter(({ provider }) => provider === null),
    sweeps: shipped.sweeps.filter(({ provider }) => provider === null),
  };
}
