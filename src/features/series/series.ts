/** Makes, changes and removes recurring deliveries. Whoever saves one is whoever its runs begin in the name of. */
import type { Series, SeriesInput, SeriesRun } from "../../contract/series.ts";
import { nextRuns, type Recurrence } from "../../core/delivery/recurrence.ts";
import { formatLocal } from "../../core/delivery/schedule.ts";
import { formatInstant, MINUTE, HOUR, readDateTime, type Instant } from "../../core/time.ts";
import type { Db, Queryable, Tx } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { assertSeen, type Seen } from "../../platform/if-match.ts";
import { findTimeZone, type TimeZone } from "../../platform/time-zone.ts";
import { checkDelivery, refuseField, requireCampaign } from "../deliveries/index.ts";
import { fillIn } from "../templates/index.ts";
import {
  deleteSeries,
  findLastRuns,
  findSeries,
  insertSeries,
  lockSeries,
  type Saver,
  type SeriesRow,
  updateSeries,
} from "./store.ts";

const SHOWN = 5;

/** Throws `invalid-input`. */
export function createSeries(db: Db, input: SeriesInput, by: Saver, now: Instant): Promise<SeriesRow> {
  return db.transaction(async (tx) => insertSeries(tx, input, await checkInput(tx, input, now), by, now));
}

/** What was missed so far stays missed. Throws `not-found`, `version-conflict`, `invalid-input`. */
export function changeSeries(
  db: Db,
  id: number,
  input: SeriesInput,
  seen: Seen,
  by: Saver,
  now: Instant,
): Promise<SeriesRow> {
  return db.transaction(async (tx) => {
    await lockSeen(tx, id, seen);
    return updateSeries(tx, id, input, await checkInput(tx, input, now), by, now);
  });
}

/** Its deliveries stay. Throws `not-found`, `version-conflict`. */
export function removeSeries(db: Db, id: number, seen: Seen): Promise<void> {
  return db.transaction(async (tx) => {
    await lockSeen(tx, id, seen);
    await deleteSeries(tx, id);
  });
}

async function lockSeen(tx: Tx, id: number, seen: Seen): Promise<void> {
  const row = await lockSeries(tx, id);
  if (row === null) throw appError("not-found", { what: "series", id });
  assertSeen(row.version, seen, `series ${id}`);
}

export async function mustFindSeries(db: Queryable, id: number): Promise<SeriesRow> {
  const row = await findSeries(db, id);
  if (row === null) throw appError("not-found", { what: "series", id });
  return row;
}

/** The next run; null: the series is off. */
async function checkInput(tx: Tx, input: SeriesInput, now: Instant): Promise<Instant | null> {
  const { from, zone: name } = input;
  const zone = findTimeZone(name);
  if (zone === null) refuseField("/zone", "unknown-zone", `"${name}" is no time zone; Europe/Paris is one`);
  if ("delivery" in from) await requireCampaign(tx, Number(from.delivery), "/from/delivery");
  else await checkDelivery(tx, (await fillIn(tx, { label: input.label, ...from })).delivery);
  if (!input.on) return null;
  const [next] = nextRuns(recurrenceOf(input), zone.offsetAt, now, 1);
  if (next === undefined) refuseField("/lastDate", "past", "There is no date of the series any more");
  return next;
}

export function recurrenceOf({ rule, time, firstDate, lastDate }: Omit<SeriesInput, "label" | "on">): Recurrence {
  const dateOf = (text: string) => readDateTime(`${text}T00:00`) ?? 0;
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  return {
    unit: rule.unit,
    every: rule.every,
    weekdays: rule.unit === "week" ? rule.weekdays : [],
    dayOfMonth: rule.unit === "month" ? rule.day : null,
    firstDate: dateOf(firstDate),
    lastDate: lastDate === null ? null : dateOf(lastDate),
    time: hours * HOUR + minutes * MINUTE,
  };
}

/** Of a series that was saved, so that it is known. */
export function zoneOf({ id, definition: { zone } }: SeriesRow): TimeZone {
  const found = findTimeZone(zone);
  if (found === null) throw new Error(`series ${id}: this system does not know the time zone ${zone} any more`);
  return found;
}

/** As the API shows them, in the same order. */
export async function presentSeries(db: Queryable, rows: readonly SeriesRow[]): Promise<Series[]> {
  const lastRuns = await findLastRuns(
    db,
    rows.map(({ id }) => id),
  );
  return rows.map((row) => present(row, lastRuns.get(row.id) ?? null));
}

function present(row: SeriesRow, lastRun: SeriesRun | null): Series {
  const { offsetAt } = zoneOf(row);
  const runs = row.next_at === null ? [] : nextRuns(recurrenceOf(row.definition), offsetAt, row.next_at, SHOWN);
  return {
    id: String(row.id),
    label: row.label,
    ...row.definition,
    on: row.is_on,
    sourceLabel: row.source_label,
    savedBy: row.saved_by,
    nextRuns: runs.map((at) => ({ at: formatInstant(at), local: formatLocal(at, offsetAt) })),
    lastRun,
    version: row.version,
    createdAt: formatInstant(row.created_at),
    updatedAt: formatInstant(row.updated_at),
  };
}
