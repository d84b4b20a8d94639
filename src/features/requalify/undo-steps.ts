/** The steps of taking a requalification back, a batch each. What somebody changed since stays as it is. */
import type { Instant } from "../../core/time.ts";
import type { Tx } from "../../platform/db.ts";
import { restoreSnapshots } from "../quarantine/index.ts";
import { nextChanged } from "./address-store.ts";
import { announce, findDeliveries, lockParts, nextChangedParts, takeBack } from "./log-store.ts";
import type { Progress, RunRow } from "./run-store.ts";
import { firstParts } from "./steps.ts";
import { nextChangedTexts, restoreTexts } from "./text-store.ts";

const PARTS = 200;
const ADDRESSES = 500;
const TEXTS = 500;

export async function undoLog(tx: Tx, run: RunRow): Promise<Progress> {
  const found = await nextChangedParts(tx, run.id, run.part_cursor, PARTS);
  const parts = firstParts(found).map(({ id }) => id);
  if (parts.length === 0) return { step: "addresses" };
  await lockParts(tx, parts);
  const kept = await takeBack(tx, run.id, parts);
  await announce(tx, await findDeliveries(tx, parts));
  return { step: "log", part_cursor: parts.at(-1) ?? 0, parts_done: parts.length, kept };
}

export async function undoAddresses(tx: Tx, run: RunRow, now: Instant): Promise<Progress> {
  const changed = await nextChanged(tx, run.id, run.key_cursor, ADDRESSES);
  const last = changed.at(-1);
  if (last === undefined) return { step: "texts" };
  const by = { actor: run.undone_by ?? run.actor, note: `requalification ${run.id} undone`, at: now };
  const restored = await restoreSnapshots(tx, changed, by);
  return { step: "addresses", key_cursor: last.matchKey, kept: changed.length - restored };
}

export async function undoTexts(tx: Tx, run: RunRow): Promise<Progress | "done"> {
  const texts = await nextChangedTexts(tx, run.id, run.part_cursor, TEXTS);
  const last = texts.at(-1);
  if (last === undefined) return "done";
  await restoreTexts(tx, run.id, texts);
  return { step: "texts", part_cursor: last };
}
