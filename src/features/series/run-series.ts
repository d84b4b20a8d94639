/**
 * The runs of recurring deliveries. The delivery of a run, its place in the series, the next date and the wish for its analysis are
 * written in one transaction that holds the row of the series: a run is made once, by whichever worker comes first, and
 * one that dies in between leaves it to the next look. What was missed for longer than the tolerance is noted, not made up
 * for.
 */
import { nextRuns, runsBetween, splitDue } from "../../core/delivery/recurrence.ts";
import { labelOfRun } from "../../core/delivery/run-label.ts";
import { formatLocal } from "../../core/delivery/schedule.ts";
import { formatInstant, parseDuration, type Duration, type Instant } from "../../core/time.ts";
import type { Db, Queryable, Tx } from "../../platform/db.ts";
import { AppError } from "../../platform/errors.ts";
import { recordEvent } from "../../platform/events.ts";
import { takeForAnalysis } from "../analysis/index.ts";
import { copyDelivery, createInside, mayStart } from "../deliveries/index.ts";
import { findActor, hasRight } from "../operators/index.ts";
import { loadSettings } from "../settings/index.ts";
import { fillIn } from "../templates/index.ts";
import { recurrenceOf, zoneOf } from "./series.ts";
import {
  firstRun,
  listDueSeries,
  lockSeries,
  saveMadeRun,
  saveRunsWithout,
  type SeriesRow,
  setNextRun,
} from "./store.ts";

export type RunDeps = {
  readonly db: Db;
  /** Belongs into the transaction that makes the delivery. */
  readonly enqueueAnalysis: (tx: Queryable, deliveryId: number) => Promise<void>;
};

const ACTOR = "series";
/** Dates that one look goes through; the rest is for the next one. */
const MOST = 1000;

/** Makes what is due; answers when the next run is, null when there is none. */
export async function runDueSeries(deps: RunDeps, now: Instant): Promise<Instant | null> {
  const errors: unknown[] = [];
  for (const id of await listDueSeries(deps.db, now)) {
    // Others have their turn, whatever is wrong with this one.
    await runOne(deps, id, now).catch((error: unknown) => errors.push(error));
  }
  if (errors.length > 0) throw errors[0];
  return firstRun(deps.db);
}

async function runOne(deps: RunDeps, id: number, now: Instant): Promise<void> {
  const look = (make: (tx: Tx, series: SeriesRow, at: Instant) => Promise<void>) =>
    deps.db.transaction(async (tx) => {
      const series = await lockSeries(tx, id);
      if (series === null || series.next_at === null || series.next_at > now) return;
      const { run, next } = await noteMissed(tx, series, series.next_at, now);
      await setNextRun(tx, id, next);
      if (run !== null) await make(tx, series, run);
    });
  try {
    await look((tx, series, at) => makeRun(deps, tx, series, at, now));
  } catch (error) {
    // What speaks against it needs a person; anything else is tried again within the tolerance.
    if (!(error instanceof AppError)) throw error;
    const reason = error.message;
    await look((tx, series, at) => saveRunsWithout(tx, series, "failed", [{ at, reason }], now));
  }
}

async function noteMissed(tx: Tx, series: SeriesRow, from: Instant, now: Instant) {
  const [rule, { offsetAt }] = [recurrenceOf(series.definition), zoneOf(series)];
  const tolerance: Duration = parseDuration((await loadSettings(tx)).start.tolerance) ?? 0;
  const due = runsBetween(rule, offsetAt, { from, to: now, most: MOST });
  const { missed, run } = splitDue(due, now, tolerance);
  const words = (at: Instant) =>
    at + tolerance < now
      ? `It was to be made at ${formatInstant(at)}, not later than ${formatInstant(at + tolerance)}, and nothing ran then`
      : "The run after it was due as well";
  const notes = missed.map((at) => ({ at, reason: words(at) }));
  await saveRunsWithout(tx, series, "missed", notes, now);
  const [next = null] = nextRuns(rule, offsetAt, (due.at(-1) ?? now) + 1, 1);
  return { run, next };
}

async function makeRun(
  { enqueueAnalysis }: RunDeps,
  tx: Tx,
  series: SeriesRow,
  at: Instant,
  now: Instant,
): Promise<void> {
  const id = await makeDelivery(tx, series, at, now);
  await saveMadeRun(tx, series.id, at, id, now);
  await takeForAnalysis(tx, id, await starterOf(tx, series, id, now), now);
  await recordEvent(tx, { deliveryId: id, kind: "analysis.started", actor: ACTOR, at: now });
  await enqueueAnalysis(tx, id);
}

async function makeDelivery(tx: Tx, series: SeriesRow, at: Instant, now: Instant): Promise<number> {
  const { from, deliveryLabel } = series.definition;
  const label = labelOfRun(deliveryLabel, formatLocal(at, zoneOf(series).offsetAt));
  const detail = { series: String(series.id), at: formatInstant(at) };
  if ("delivery" in from) {
    const dated = ["plannedFor", "validUntil"] as const;
    return (await copyDelivery(tx, Number(from.delivery), { label, without: dated, detail }, ACTOR, now)).id;
  }
  const { delivery, inherited } = await fillIn(tx, { label, ...from });
  return Number((await createInside(tx, delivery, ACTOR, now, { inherited, detail })).id);
}

/** In whose name it may begin by itself; null: nobody's, so that it waits for a person. */
async function starterOf(tx: Tx, series: SeriesRow, deliveryId: number, now: Instant): Promise<string | null> {
  const person = await findActor(tx, { operatorId: series.operator_id, tokenId: series.token_id }, now);
  if (person === null || !hasRight(person, "deliveries.start")) return null;
  return (await mayStart(tx, deliveryId, person)) ? person.label : null;
}
