/**
 * The simulated provider internet: what DNS says, servers that answer like SimProvider, and the truth about every message: how
 * often it was offered, whether a server has it. Sessions of a process die with it.
 */
import type { Instant } from "../../src/core/time.ts";
import type { OpenSession, SessionOptions } from "../../src/mta/session-port.ts";
import type { Resolver } from "../../src/mta/routing.ts";
import type { Prepared } from "../../src/mta/task.ts";
import type { VirtualClock } from "./clock.ts";
import { LimitsWatch } from "./limits-watch.ts";
import { type Random, randomOf } from "./random.ts";
import { SimProvider } from "./sim-provider.ts";
import { type SessionObserver, SimSession } from "./sim-session.ts";
import type { Witness } from "./witness.ts";
import type { ProviderPlan, World } from "./world.ts";

/** RFC 5737: as many hosts as a world can have. */
const NETS = ["192.0.2", "198.51.100", "203.0.113"];

type Place = { readonly provider: SimProvider; readonly site: string; readonly host: string };

/** What really happened to a message, by its tag. */
export type Truth = {
  readonly tag: string;
  /** Times it was offered to a server. */
  offered: number;
  /** Times a server took it. */
  taken: number;
  /** Times nobody could tell whether a server took it. */
  doubts: number;
};

export type Offer = {
  readonly message: Prepared;
  readonly provider: string;
  readonly source: string;
  readonly at: Instant;
};

export type InternetOptions = {
  readonly world: World;
  readonly clock: VirtualClock;
  readonly witness: Witness;
  readonly onOffer: (offer: Offer) => void;
};

/** The network of one process. */
export type Network = {
  readonly openSession: OpenSession;
  /** The process dies: its connections break. */
  readonly kill: () => void;
};

export class SimInternet {
  readonly truths = new Map<string, Truth>();
  readonly watch: LimitsWatch;
  readonly #o: InternetOptions;
  readonly #random: Random;
  readonly #places = new Map<string, Place>();
  readonly #domains = new Map<string, { readonly provider: SimProvider; readonly mx: readonly string[] }>();
  readonly #addresses = new Map<string, string>();
  readonly #sessions = new Set<SimSession<Prepared>>();

  constructor(options: InternetOptions) {
    const { world, clock, witness } = options;
    this.#o = options;
    this.#random = randomOf(world.seed).fork("internet");
    this.watch = new LimitsWatch(
      world.providers.map(({ rule }) => rule),
      witness,
      () => clock.steady(),
    );
    for (const plan of world.providers) this.#settle(plan);
  }

  #settle(plan: ProviderPlan): void {
    const { world, clock } = this.#o;
    const provider = new SimProvider(plan, world.seed, this.#random.fork(plan.name), () => clock.steady());
    for (const { mx, domains } of plan.sites) {
      for (const domain of domains) this.#domains.set(domain, { provider, mx });
      for (const host of mx) {
        const number = this.#addresses.size;
        const address = `${NETS[Math.floor(number / 254)]}.${(number % 254) + 1}`;
        this.#addresses.set(host, address);
        this.#places.set(address, { provider, site: mx.join(","), host });
      }
    }
  }

  readonly resolver: Resolver = {
    resolveMx: async (domain) => {
      const found = this.#domains.get(domain);
      if (!found) return { kind: "no-such-domain", detail: `${domain} does not exist` };
      if (found.provider.outage("dns")) return { kind: "unavailable", detail: "SERVFAIL" };
      return { kind: "found", targets: found.mx.map((host) => ({ host, preference: 10 })), secure: false };
    },
    tlsaFor: async () => ({ kind: "none" }),
    resolveAddresses: async (host) => {
      const address = this.#addresses.get(host);
      return address === undefined
        ? { kind: "no-address", detail: `${host} has no address` }
        : { kind: "found", addresses: [address] };
    },
  };

  /** `sourceOf`: the world's name of what a session leaves from. */
  network(sourceOf: (options: SessionOptions) => string, beforeFlush: (message: Prepared) => void): Network {
    const brokenTls = new Set<string>();
    const sessions = new Set<SimSession<Prepared>>();
    const openSession: OpenSession = (options, callbacks) => {
      const place = this.#placeOf(options);
      const source = sourceOf(options);
      const { clock } = this.#o;
      const mayFallBack = (options.tls ?? "opportunistic") === "opportunistic" && !brokenTls.has(place.host);
      const session = new SimSession({
        clock,
        provider: place.provider,
        host: place.host,
        source,
        maxMessages: options.maxMessages,
        onBrokenTls: mayFallBack ? () => void brokenTls.add(place.host) : null,
        callbacks,
        watched: this.watch.connect(place.provider.plan.rule.name, place.site, source),
        observer: this.#observe(place, source, beforeFlush, () => {
          sessions.delete(entry);
          this.#sessions.delete(entry);
        }),
      });
      const entry = session as unknown as SimSession<Prepared>;
      sessions.add(entry);
      this.#sessions.add(entry);
      this.#o.witness.note(`connect ${source} ${place.host}`);
      return session;
    };
    return {
      openSession,
      kill: () => {
        for (const session of sessions) session.kill(() => this.#random.chance(0.5));
      },
    };
  }

  /** Connections of all processes. */
  get open(): number {
    return this.#sessions.size;
  }

  #placeOf({ target }: SessionOptions): Place {
    const place = this.#places.get(target.address ?? "");
    if (!place) throw new Error(`nobody lives at ${target.address} (${target.host})`);
    return place;
  }

  #observe(
    { provider, host }: Place,
    source: string,
    beforeFlush: (message: Prepared) => void,
    ended: () => void,
  ): SessionObserver {
    const { witness, onOffer, clock } = this.#o;
    return {
      began: (message) => {
        this.truthOf(message.tag).offered++;
        witness.note(`offer ${message.tag} ${source} ${host}`);
        onOffer({ message, provider: provider.plan.name, source, at: clock.steady() });
      },
      flushing: beforeFlush,
      taken: (message) => {
        this.truthOf(message.tag).taken++;
        witness.note(`taken ${message.tag} ${host}`);
      },
      doubted: (message) => {
        this.truthOf(message.tag).doubts++;
        witness.note(`doubt ${message.tag} ${host}`);
      },
      ended,
    };
  }

  truthOf(tag: string): Truth {
    let truth = this.truths.get(tag);
    if (!truth) this.truths.set(tag, (truth = { tag, offered: 0, taken: 0, doubts: 0 }));
    return truth;
  }
}
