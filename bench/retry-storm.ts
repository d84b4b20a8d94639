/**
 * Many messages that a destination put off, all due at once because it recovered: how fast they drain, in what peaks, and in how much
 * memory. The rows are put into the state that a first attempt leaves; no attempt is made before the clock starts.
 */
import type { Rig } from "./envoi-rig.ts";
import { measureRun, round } from "./measure.ts";
import { cpuSecondsOf, peakRssMbOf } from "./process-usage.ts";
import type { Arrival, Sink } from "./start-sink.ts";

export type Storm = {
  readonly messages: number;
  readonly seconds: number | null;
  readonly messagesPerSecond: number | null;
  /** Of the busiest second. */
  readonly peakPerSecond: number;
  readonly cpuSecondsPer1000: number | null;
  readonly peakRssMb: number | null;
};

export async function runStorm(rig: Rig, sink: Sink, messages: number): Promise<Storm> {
  const delivery = await rig.prepareDeferred();
  const senders = await rig.startSenders();
  try {
    const pids = senders.pids();
    const before = cpuSecondsOf(pids);
    const finished = rig.finished(delivery);
    const delivered = await measureRun(sink, messages, () => rig.confirm(delivery));
    await finished;
    const after = cpuSecondsOf(pids);
    return {
      messages,
      seconds: round(delivered.seconds, 2),
      messagesPerSecond: round(delivered.messagesPerSecond),
      peakPerSecond: peakOf(delivered.arrivals),
      cpuSecondsPer1000: before === null || after === null ? null : round(((after - before) / messages) * 1000, 3),
      peakRssMb: peakRssMbOf(pids),
    };
  } finally {
    await senders.stop();
  }
}

function peakOf(arrivals: readonly Arrival[]): number {
  const seconds = new Map<number, number>();
  for (const { at } of arrivals) {
    const second = Math.floor(at / 1e9);
    seconds.set(second, (seconds.get(second) ?? 0) + 1);
  }
  return Math.max(0, ...seconds.values());
}
