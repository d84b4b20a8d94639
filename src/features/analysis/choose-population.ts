/**
 * Who of the target gets a message. The steps exclude one after the other, in this order; whoever has a reason already is left alone by all that
 * follow, so every excluded row has exactly one, and targeted = excluded + to deliver whatever the rules say.
 */
import type { Audience, CreateDelivery, ExclusionRule } from "../../contract/index.ts";
import type { Instant } from "../../core/time.ts";
import type { Tx } from "../../platform/db.ts";
import { excludeChoice } from "./exclude-store.ts";
import { computeTarget, type FrozenSegment } from "./target-store.ts";

/** Leaves the temporary table `target` with a reason for each row that gets no message. */
export async function choosePopulation(
  tx: Tx,
  { audience, settings }: Pick<CreateDelivery, "settings"> & { readonly audience: Audience },
  now: Instant,
): Promise<FrozenSegment[]> {
  const frozen = await computeTarget(tx, audience, now);
  // Deliveries that were saved before there were such rules have none.
  for (const rule of (settings.exclude as ExclusionRule[] | undefined) ?? []) {
    frozen.push(await excludeChoice(tx, rule, { reason: "excluded-by-rule", now }));
  }
  return frozen;
}
