/** The warm-up gates of this sender, by source and provider: what each may send is asked of the database, and counted there. */
import type { ShapingFiles } from "../core/shaping/rule.ts";
import { curveOf } from "../core/shaping/warm-up.ts";
import { recordWarmUp, reserveWarmUp, returnWarmUp } from "../features/sources/index.ts";
import type { Db } from "../platform/db.ts";
import type { Clock } from "./clock.ts";
import type { SendingSource } from "./source-book.ts";
import { createWarmUpGate, type WarmUpGate } from "./warm-up-gate.ts";

export type WarmUpGatesOptions = {
  readonly db: Db;
  readonly files: Pick<ShapingFiles, "providers">;
  readonly clock: Clock;
  readonly onGranted: () => void;
  readonly onError: (error: unknown) => void;
};

export type WarmUpGates = {
  /** Null: the source is not in warm-up. */
  readonly gateOf: (source: SendingSource, provider: string) => WarmUpGate | null;
  /** Somebody changed something: what is allowed is asked anew. */
  forget(): void;
  /** Writes down what was sent and deferred since the last time. */
  readonly write: () => Promise<void>;
  /** What is granted and was not used for long goes back; `all`: whatever is left. */
  giveBack(all: boolean): Promise<void>;
};

export function createWarmUpGates({ db, files, clock, onGranted, onError }: WarmUpGatesOptions): WarmUpGates {
  const { now, steady } = clock;
  const gates = new Map<string, { readonly sourceId: number; readonly provider: string; readonly gate: WarmUpGate }>();
  return {
    gateOf: (source, provider) => {
      if (source.id === null || source.warmUp === "off") return null;
      const key = `${source.id} ${provider}`;
      const known = gates.get(key);
      if (known) return known.gate;
      const pair = { sourceId: source.id, provider };
      const curve = curveOf(files.providers.find(({ name }) => name === provider));
      const gate = createWarmUpGate({
        reserve: (want) => reserveWarmUp(db, { ...pair, curve }, want, now()),
        giveBack: (unused, grantedAt) => returnWarmUp(db, pair, unused, grantedAt),
        onError,
        onGranted,
        steady,
        now,
      });
      gates.set(key, { ...pair, gate });
      return gate;
    },
    forget: () => {
      for (const { gate } of gates.values()) gate.forget();
    },
    write: async () => {
      const rows = [...gates.values()].flatMap(({ gate, ...pair }) => {
        const counts = gate.takeCounts();
        return counts === null ? [] : [{ ...pair, ...counts, complaints: 0, at: now() }];
      });
      if (rows.length > 0) await recordWarmUp(db, rows);
    },
    giveBack: async (all) => {
      await Promise.all([...gates.values()].map(({ gate }) => gate.giveBack(steady(), all)));
    },
  };
}
