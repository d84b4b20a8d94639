/** Who reads the archive, by the platform's settings: its networks and parts of its user agents. */
import type { ArchiveSignal } from "../../core/tracking/classify.ts";
import type { Db } from "../../platform/db.ts";
import { isWithin, parseIp, parseNetwork, type Network } from "../../platform/network.ts";
import { loadSettings } from "../settings/index.ts";
import type { TrackingEvent } from "./event.ts";

export type ArchiveReaders = {
  /** What `find` knows is a second old at most when this returns. Rejects when the settings cannot be read. */
  refresh(): Promise<void>;
  find(visitor: Pick<TrackingEvent, "ip" | "userAgent">): readonly ArchiveSignal[];
};

const FRESH_MS = 1000;

export function createArchiveReaders(db: Db): ArchiveReaders {
  let networks: readonly Network[] = [];
  let userAgents: readonly string[] = [];
  let readAt = -Infinity;
  let reading: Promise<void> | null = null;

  const read = async () => {
    const { readers } = (await loadSettings(db)).archive;
    networks = readers.networks.flatMap((text) => parseNetwork(text) ?? []);
    userAgents = readers.userAgents.map((part) => part.toLowerCase());
    readAt = performance.now();
  };
  return {
    refresh: async () => {
      if (performance.now() - readAt < FRESH_MS) return;
      reading ??= read().finally(() => {
        reading = null;
      });
      await reading;
    },
    find: ({ ip, userAgent }) => {
      const signals: ArchiveSignal[] = [];
      const address = networks.length === 0 ? null : parseIp(ip);
      if (address !== null && networks.some((network) => isWithin(address, network))) signals.push("archive-network");
      const lower = userAgents.length === 0 ? "" : userAgent.toLowerCase();
      if (userAgents.some((part) => lower.includes(part))) signals.push("archive-user-agent");
      return signals;
    },
  };
}
