/** The circumstances of a measurement, without which its figures mean nothing. */
import { availableParallelism, cpus, loadavg, platform, release, totalmem } from "node:os";

export type Conditions = {
  readonly at: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly system: string;
  readonly node: string;
  /** Of one minute, before the benchmark started. */
  readonly load: number;
};

export function conditions(): Conditions {
  return {
    at: new Date().toISOString(),
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()}`,
    node: process.version,
    load: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  };
}

export function describeConditions(c: Conditions): string {
  const lines = [
    `${c.cpu}, ${c.cores} cores, ${c.memoryGb} GB, ${c.system}`,
    `Node ${c.node}, ${c.at}, load ${c.load}`,
  ];
  if (c.load > 0.5) lines.push("The machine was busy before the start: the figures are worth little.");
  return lines.join("\n");
}
