/** What was seen in a world: every event as a line (for the digest that must be the same for the same seed), and every broken promise. */
import { createHash } from "node:crypto";

import type { Instant } from "../../src/core/time.ts";

/** The promises that every world checks. */
export type Invariant =
  | "one-final-state"
  | "nothing-lost"
  | "truth"
  | "connections"
  | "messages-per-connection"
  | "message-rate"
  | "connection-rate"
  | "validity"
  | "paused"
  | "no-starvation"
  | "memory";

export type Violation = { readonly invariant: Invariant; readonly what: string; readonly at: Instant };

/** Violations of one kind kept with their text; the others are only counted. */
const KEPT = 5;

export class Witness {
  readonly #hash = createHash("sha256");
  readonly violations: Violation[] = [];
  readonly counts = new Map<Invariant, number>();
  readonly #now: () => Instant;
  readonly #trace: ((line: string) => void) | null;

  /** `trace` gets every line, for a person who looks for the cause of a failure. */
  constructor(now: () => Instant, trace: ((line: string) => void) | null = null) {
    this.#now = now;
    this.#trace = trace;
  }

  note(line: string): void {
    const text = `${this.#now()} ${line}\n`;
    this.#hash.update(text);
    this.#trace?.(text);
  }

  broken(invariant: Invariant, what: string): void {
    const count = (this.counts.get(invariant) ?? 0) + 1;
    this.counts.set(invariant, count);
    if (count <= KEPT) this.violations.push({ invariant, what, at: this.#now() });
    this.note(`BROKEN ${invariant}: ${what}`);
  }

  /** Ends the log. */
  digest(): string {
    return this.#hash.digest("hex");
  }
}
