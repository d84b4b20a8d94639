/**
 * Adds recipients to a delivery that has begun: the same rules choose them, the same content is theirs, and they are messages in
 * parts of their own. All of it is one transaction, which ends with the delivery's own word: stopped meanwhile, nothing was made.
 */
import type { Codec } from "../../core/message/charset.ts";
import { compileContent } from "../../core/message/compile-content.ts";
import { partSizeFor } from "../../core/delivery/part-size.ts";
import type { Instant } from "../../core/time.ts";
import type { Audience } from "../../contract/index.ts";
import type { Db, Tx } from "../../platform/db.ts";
import { AppError, appError } from "../../platform/errors.ts";
import { recordEvent } from "../../platform/events.ts";
import {
  type Added,
  endAddition,
  joinAdded,
  lockAddition,
  requireOpen,
  type AdditionRow,
} from "../deliveries/index.ts";
import * as store from "./add-store.ts";
import { countTextMessages } from "./count-text-messages.ts";
import { choosePopulation, type Population } from "./choose-population.ts";
import { countTarget, saveExclusions, type TargetCounts } from "./exclusions-store.ts";
import { allocateParts } from "./partitions.ts";
import { numberTarget, savePartsAndMessages } from "./parts-store.ts";
import { refreshStatistics } from "./target-store.ts";

type Deps = { readonly codec: Codec };

/** Repeatable: after a crash the same job begins again; what ended is left alone. */
export async function addRecipients(db: Db, additionId: number, now: () => Instant, deps: Deps): Promise<void> {
  await refreshStatistics(db);
  try {
    await db.transaction(async (tx) => {
      const addition = await lockAddition(tx, additionId);
      if (addition !== null) await add(db, tx, addition, now(), deps);
    });
  } catch (error) {
    // What speaks against it needs a person.
    if (!(error instanceof AppError)) throw error;
    await db.transaction(async (tx) => {
      const addition = await lockAddition(tx, additionId);
      if (addition === null) return;
      const { delivery_id: deliveryId, asked_by: actor } = addition;
      await endAddition(tx, additionId, { error: error.message }, now());
      const detail = { error: error.message };
      await recordEvent(tx, { deliveryId, kind: "delivery.not-continued", actor, at: now(), detail });
    });
  }
}

async function add(db: Db, tx: Tx, addition: AdditionRow, now: Instant, deps: Deps): Promise<void> {
  const { delivery_id: id, audience, again, asked_by: actor } = addition;
  await store.waitForTurn(tx, id);
  await requireOpen(tx, id, now);
  const begun = await store.loadBegun(tx, id);
  if (begun === null) throw appError("not-found", { what: "delivery", id });
  const adding = { again, toDeliver: begun.to_deliver, control: begun.control };
  const population = await choosePopulation(tx, { id, audience, settings: begun.settings }, now, adding);
  const left = await store.settleExcludedBefore(tx, id);
  const counted: Audience = (await store.isUsedBefore(tx, id, audience)) ? { all: true } : audience;
  const counts = await countTarget(tx, counted);
  const added: Added = {
    targeted: counts.targeted - left,
    excluded: counts.targeted - counts.toDeliver - left,
    to_deliver: counts.toDeliver,
    textMessages: await countText(tx, begun, deps),
    parts: await makeParts(db, tx, id, begun, counts.toDeliver, now),
  };
  await saveExclusions(tx, id, counted, counts);
  await noteAdded(tx, addition, population, counts, left, now);
  await joinAdded(tx, id, added, actor, now);
  await endAddition(tx, addition.id, added, now);
}

async function makeParts(db: Db, tx: Tx, id: number, begun: store.Begun, toDeliver: number, now: Instant) {
  if (toDeliver === 0) return { first: 0, count: 0 };
  const count = await numberTarget(tx, begun.settings.partSize ?? partSizeFor(toDeliver), false);
  const first = await allocateParts(db, count, now);
  await savePartsAndMessages(tx, id, first, begun.attributes);
  return { first, count };
}

/** Of those who are added. */
async function countText(tx: Tx, { manifest }: store.Begun, { codec }: Deps): Promise<number> {
  if (manifest === null) return 0;
  const result = compileContent(manifest, { internal: true, codec });
  return result.kind === "compiled" ? countTextMessages(tx, result.content) : 0;
}

async function noteAdded(
  tx: Tx,
  { delivery_id: id, asked_by: by, again }: AdditionRow,
  { taken, at }: Population,
  { targeted, toDeliver, excluded }: TargetCounts,
  left: number,
  now: Instant,
): Promise<void> {
  const rules = taken.map(({ rule }) => rule.id);
  await store.addUses(tx, id, rules, { at, messages: toDeliver });
  const reasons = Object.entries(excluded).map(([reason, count]) => `${reason}: ${count}`);
  const words = [
    `Asked for by ${by}. Of ${targeted} people who were not in the delivery ${toDeliver} get a message`,
    ...(reasons.length === 0 ? [] : [`excluded: ${reasons.join(", ")}`]),
    ...(left === 0 ? [] : [`${left} of them were excluded before`]),
    ...(again ? ["whoever had a message gets another one"] : []),
  ];
  const item = {
    id: "recipients-added",
    level: "info" as const,
    title: `${toDeliver} recipients were added`,
    detail: `${words.join("; ")}.`,
  };
  await store.appendItem(tx, id, item, now);
}
