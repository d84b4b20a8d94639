/**
 * How the messages of a delivery become due: all at once, or wave by wave. A wave begins in one transaction, in which whoever asked
 * for no more mail since the analysis, or went into quarantine, is taken out of it. Nothing of it waits in memory: its time is in
 * its row, and until then its parts have no due date.
 */
import { formatInstant, parseDuration, type Instant } from "../../core/time.ts";
import type { Db, Tx } from "../../platform/db.ts";
import { loadSettings } from "../settings/index.ts";
import { cancelMessages } from "./cancel-rest.ts";
import { announce, lockRow, setHoldReason, setState, type LockedDelivery } from "./transition.ts";
import {
  firstWaiting,
  listDueDeliveries,
  listGone,
  listGoneOfFile,
  makeDue,
  moveMissedWaves,
  planWaveStarts,
  takeDueWaves,
} from "./waves-store.ts";

type Analysed = Pick<LockedDelivery, "analysed_at">;

/** Makes due what leaves at the start. Answers what is to be said of it in the delivery's log. */
export async function beginFirstWave(
  tx: Tx,
  id: number,
  { analysed_at: analysedAt }: Analysed,
  now: Instant,
): Promise<Record<string, unknown>> {
  await planWaveStarts(tx, id, now);
  const waves = [0, ...(await takeDueWaves(tx, id, now))];
  const cancelled = await cancelThoseWhoLeft(tx, id, waves, analysedAt, now);
  await makeDue(tx, id, waves, now);
  const next = await firstWaiting(tx, id);
  return {
    ...(cancelled === 0 ? {} : { cancelled }),
    ...(next === null ? {} : { nextWave: formatInstant(next.startsAt) }),
  };
}

/** After a pause: what went by meanwhile begins now. */
export async function resumeWaves(tx: Tx, id: number, delivery: Analysed, now: Instant): Promise<void> {
  await moveMissedWaves(tx, id, now);
  await beginWaves(tx, id, delivery, now);
}

/** Begins the waves of all deliveries that are under way whose time has come. */
export async function beginDueWaves(db: Db, now: Instant): Promise<void> {
  for (const id of await listDueDeliveries(db, now)) {
    await db.transaction(async (tx) => {
      const delivery = await lockRow(tx, id);
      if (delivery?.state === "in-progress" && !(await holdLate(tx, id, delivery, now))) {
        await beginWaves(tx, id, delivery, now);
      }
    });
  }
}

async function beginWaves(tx: Tx, id: number, { analysed_at: analysedAt }: Analysed, now: Instant): Promise<void> {
  const waves = await takeDueWaves(tx, id, now);
  if (waves.length === 0) return;
  const cancelled = await cancelThoseWhoLeft(tx, id, waves, analysedAt, now);
  await makeDue(tx, id, waves, now);
  const detail = { waves: waves.join(", "), ...(cancelled === 0 ? {} : { cancelled }) };
  await announce(tx, id, "delivery.wave-started", "worker", now, detail);
}

/** A system that was away for long sends no old wave by itself: the delivery is paused, and a person resumes it. */
async function holdLate(tx: Tx, id: number, delivery: LockedDelivery, now: Instant): Promise<boolean> {
  const first = await firstWaiting(tx, id);
  const tolerance = parseDuration((await loadSettings(tx)).start.tolerance) ?? 0;
  if (first === null || first.startsAt + tolerance >= now) return false;
  const reason = `Wave ${first.number} was to begin at ${formatInstant(first.startsAt)}, and nothing ran then; resume the delivery to begin it now`;
  await setState(tx, id, delivery.state, "hold", now);
  await setHoldReason(tx, id, reason);
  await announce(tx, id, "delivery.held", "worker", now, { reason });
  return true;
}

/** How many: on the denylist or in quarantine since the analysis. */
async function cancelThoseWhoLeft(
  tx: Tx,
  id: number,
  waves: readonly number[],
  analysedAt: Instant | null,
  now: Instant,
): Promise<number> {
  if (analysedAt === null) return 0;
  const gone = [...(await listGone(tx, id, waves, analysedAt)), ...(await listGoneOfFile(tx, id, waves, analysedAt))];
  await cancelMessages(tx, id, gone, now);
  return gone.length;
}
