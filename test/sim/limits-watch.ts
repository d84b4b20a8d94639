/** Holds a sender to the limits that it was told: counted where its connections and messages arrive, whoever restarts meanwhile. */
import type { MxRule } from "../../src/core/shaping/rule.ts";
import { HOUR, type Instant, MINUTE } from "../../src/core/time.ts";
import { RateMeter } from "./meters.ts";
import type { Witness } from "./witness.ts";

type Watched = { open: number; readonly messages: RateMeter | null; readonly connections: RateMeter | null };

/** What one connection counts against. */
export type WatchedConnection = {
  /** A message begins; `number`: from 1 on this connection. */
  message(number: number): void;
  closed(): void;
};

export class LimitsWatch {
  readonly #rules = new Map<string, MxRule>();
  readonly #watched = new Map<string, Watched>();
  readonly #witness: Witness;
  readonly #now: () => Instant;

  constructor(rules: readonly MxRule[], witness: Witness, now: () => Instant) {
    for (const rule of rules) this.#rules.set(rule.name, rule);
    this.#witness = witness;
    this.#now = now;
  }

  /** The rule of the same name counts differently from now on: what is open stays open. */
  change(rule: MxRule): void {
    const before = this.#rules.get(rule.name);
    this.#rules.set(rule.name, rule);
    const sameKeys = before?.countedPer === rule.countedPer && before.isShared === rule.isShared;
    for (const [key, watched] of this.#watched) {
      if (!key.startsWith(`${rule.name} `)) continue;
      const perMessage = watched.messages !== null && rule.messagesPerHour !== null;
      const perConnection = watched.connections !== null && rule.connectionsPerMinute !== null;
      if (sameKeys && perMessage) watched.messages.change(rule.messagesPerHour.max, HOUR);
      if (sameKeys && perConnection) watched.connections.change(rule.connectionsPerMinute, MINUTE);
      this.#watched.set(key, {
        open: watched.open,
        messages: sameKeys && perMessage ? watched.messages : metersOf(rule).messages,
        connections: sameKeys && perConnection ? watched.connections : metersOf(rule).connections,
      });
    }
  }

  connect(ruleName: string, site: string, source: string): WatchedConnection {
    const opened = this.#rule(ruleName);
    const key = keyOf(opened, site, source);
    const watched = this.#of(key, opened);
    watched.open++;
    const { max } = opened.connections;
    if (watched.open > max) this.#witness.broken("connections", `${watched.open} open, ${max} allowed: ${key}`);
    const over = watched.connections?.note(this.#now()) ?? 0;
    if (over > 0) this.#witness.broken("connection-rate", `${over.toFixed(2)} connections too many: ${key}`);
    return {
      message: (number) => this.#message(opened, site, source, number),
      // The counters of a key are replaced when its rule changes; what is open is carried over.
      closed: () => void this.#of(key, opened).open--,
    };
  }

  #message(opened: MxRule, site: string, source: string, number: number): void {
    const rule = this.#rule(opened.name);
    const key = keyOf(rule, site, source);
    // A connection may go on under the rule it was opened with.
    const most = Math.max(opened.messagesPerConnection, rule.messagesPerConnection);
    if (number > most)
      this.#witness.broken("messages-per-connection", `${number} on one connection, ${most} allowed: ${key}`);
    const over = this.#of(key, rule).messages?.note(this.#now()) ?? 0;
    if (over > 0) this.#witness.broken("message-rate", `${over.toFixed(2)} messages too many: ${key}`);
  }

  #rule(name: string): MxRule {
    const rule = this.#rules.get(name);
    if (!rule) throw new Error(`no rule ${name}`);
    return rule;
  }

  #of(key: string, rule: MxRule): Watched {
    let watched = this.#watched.get(key);
    if (!watched) this.#watched.set(key, (watched = { open: 0, ...metersOf(rule) }));
    return watched;
  }
}

function keyOf(rule: MxRule, site: string, source: string): string {
  return `${rule.name} ${rule.countedPer === "site" ? site : "*"} ${rule.isShared ? "*" : source}`;
}

function metersOf({ messagesPerHour, connectionsPerMinute }: MxRule): Pick<Watched, "messages" | "connections"> {
  return {
    messages: messagesPerHour === null ? null : new RateMeter(messagesPerHour.max, HOUR),
    connections: connectionsPerMinute === null ? null : new RateMeter(connectionsPerMinute, MINUTE),
  };
}
