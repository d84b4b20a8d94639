/**
 * The last verdicts by what the rules saw of their answers. Bounded in entries and in length of keys, so hostile texts cost no
 * more memory than friendly ones; what was not asked for in the last two fillings is forgotten.
 */
import type { Verdict } from "./verdict.ts";

/** About 2 MB at the worst of both. */
const MAX_ENTRIES = 2000;
const MAX_KEY_CHARS = 500;

export class VerdictCache {
  #young = new Map<string, Verdict>();
  #old: ReadonlyMap<string, Verdict> = new Map<string, Verdict>();

  get(key: string): Verdict | undefined {
    const young = this.#young.get(key);
    if (young) return young;
    const old = this.#old.get(key);
    if (old) this.set(key, old);
    return old;
  }

  set(key: string, verdict: Verdict): void {
    if (key.length > MAX_KEY_CHARS) return;
    if (this.#young.size >= MAX_ENTRIES) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, verdict);
  }

  clear(): void {
    this.#young = new Map();
    this.#old = new Map<string, Verdict>();
  }
}
