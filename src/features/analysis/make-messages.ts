/** The target becomes parts and messages, with the seeds among them. */
import { partSizeFor } from "../../core/delivery/part-size.ts";
import type { Instant } from "../../core/time.ts";
import type { ChecklistItem, Settings } from "../../contract/index.ts";
import type { Db, Tx } from "../../platform/db.ts";
import { allocateParts } from "./partitions.ts";
import { drawWaves, numberTarget, savePartsAndMessages } from "./parts-store.ts";
import { loadSeeds, planSeeds, saveSeeds } from "./seeds-store.ts";
import { seedItems } from "./population-items.ts";
import { wavesOf } from "./wave-items.ts";

type Making = {
  readonly id: number;
  readonly settings: Settings;
  readonly toDeliver: number;
  /** Of recipients, that go along with each message. */
  readonly attributes: readonly string[];
  /** What chance begins with. */
  readonly shuffle: string;
};

export async function makeMessages(db: Db, tx: Tx, making: Making, now: Instant): Promise<ChecklistItem[]> {
  const { id, settings, toDeliver, attributes, shuffle: chance } = making;
  const waves = wavesOf(settings, toDeliver);
  if (waves.length > 0) await drawWaves(tx, id, waves);
  const parts = await numberTarget(tx, settings.partSize ?? partSizeFor(toDeliver), waves.length > 0);
  // Deliveries that were saved before there were seeds have no such setting.
  const chosen = (settings.population as Settings["population"] | undefined)?.seeds;
  const seeds = chosen === undefined ? { seeds: [], gone: 0 } : await loadSeeds(tx, chosen);
  const slots = planSeeds(seeds, parts, chosen?.position ?? "spread", chance);
  const firstPart = await allocateParts(db, parts + slots.length, now);
  await savePartsAndMessages(
    tx,
    id,
    firstPart,
    attributes,
    slots.map(({ before }) => before),
  );
  await saveSeeds(tx, id, slots, { firstPart, toDeliver, attributes, chance });
  return seedItems(seeds);
}
