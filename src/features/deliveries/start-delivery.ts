/**
 * How a delivery that is ready gets under way: at once, after a while in which it can be called back, or at a date. What
 * waits begins by itself when it is time, but not later than it may: a system that was down for long, or a copy that was
 * restored, leaves it to a person.
 */
import type { Person } from "../../core/delivery/approvals.ts";
import { formatDuration } from "../../core/delivery/validity.ts";
import { formatLocal, readSchedule, type WantedSchedule } from "../../core/delivery/schedule.ts";
import { formatInstant, parseDuration, SECOND, type Duration, type Instant } from "../../core/time.ts";
import { timestamp, type Db, type Tx } from "../../platform/db.ts";
import { AppError, appError } from "../../platform/errors.ts";
import { findTimeZone } from "../../platform/time-zone.ts";
import { loadSettings } from "../settings/index.ts";
import { requireApprovals, requireStarter } from "./approvals.ts";
import { beginSending, requireSender, requireTime } from "./begin-sending.ts";
import { beginDueWaves } from "./begin-waves.ts";
import { refuseField } from "./check-delivery.ts";
import { chooseCopies, whyMissing } from "./copies.ts";
import { announce, lockFor, lockRow, setHoldReason, setState, type LockedDelivery } from "./transition.ts";
import { nextStart } from "./waves-store.ts";

export type Confirmation = {
  /** To how many people, in the words of whoever confirms; absent: they have not said. */
  readonly toDeliver?: number | undefined;
  /** So long it can be called back; absent: on the screens what the settings say, else not at all. */
  readonly undo?: Duration | undefined;
  /** Whether a person confirms on the screens. */
  readonly onScreen?: boolean;
  /** Who confirms; absent: a program of Envoi itself. */
  readonly person?: Person;
};

/** Starts sending, or the time in which that can be called back. Throws `delivery-changed`, `not-a-starter`, `approval-missing`, `confirm-count`, `archive-missing`, `sender-outside-masks`. */
export async function confirmDelivery(
  db: Db,
  id: number,
  actor: string,
  now: Instant,
  wish: Confirmation = {},
): Promise<void> {
  await db.transaction(async (tx) => {
    const { start } = await loadSettings(tx);
    const undo = wish.undo ?? (wish.onScreen ? Number.parseInt(start.undo, 10) * SECOND : 0);
    const delivery = await lockFor(tx, id, undo > 0 ? "confirm-later" : "confirm");
    await checkConfirmation(tx, id, delivery, wish, wish.onScreen ? start.countAbove : null);
    if (undo === 0) {
      const detail = await beginSending(tx, id, delivery, "confirm", now);
      await announce(tx, id, "delivery.confirmed", actor, now, detail);
      return;
    }
    await requireCopies(tx, id, delivery);
    await requireSender(tx, id);
    await requireTime(tx, id, delivery, now + undo);
    const tolerance = parseDuration(start.tolerance) ?? 0;
    const planned = { at: now + undo, notAfter: now + undo + tolerance, zone: null, by: actor };
    await setState(tx, id, delivery.state, "confirm-later", now, planned);
    await setHoldReason(tx, id, null);
    await announce(tx, id, "delivery.confirmed", actor, now, { undo: formatDuration(undo) });
  });
}

/** Starts what was just made, in the transaction that made it. */
export async function startNow(tx: Tx, id: number, actor: string, now: Instant): Promise<void> {
  const delivery = await lockFor(tx, id, "confirm");
  await announce(tx, id, "delivery.confirmed", actor, now, await beginSending(tx, id, delivery, "confirm", now));
}

/** Takes a confirmation back, as long as the delivery has not begun. */
export async function cancelConfirmation(db: Db, id: number, actor: string, now: Instant): Promise<void> {
  await db.transaction(async (tx) => {
    const delivery = await lockFor(tx, id, "cancel-confirm");
    await setState(tx, id, delivery.state, "cancel-confirm", now);
    await announce(tx, id, "delivery.called-back", actor, now);
  });
}

export type Schedule = WantedSchedule &
  Pick<Confirmation, "toDeliver" | "onScreen" | "person"> & { readonly zone: string };

/** Confirms the delivery for a date, or changes the date. Throws `invalid-input` and what confirming throws. */
export async function scheduleDelivery(
  db: Db,
  id: number,
  actor: string,
  now: Instant,
  wish: Schedule,
): Promise<{ readonly startAt: Instant }> {
  const zone = findTimeZone(wish.zone);
  if (zone === null) refuseField("/zone", "unknown-zone", `"${wish.zone}" is no time zone; Europe/Paris is one`);
  return db.transaction(async (tx) => {
    const { start } = await loadSettings(tx);
    const delivery = await lockFor(tx, id, "schedule");
    const read = readSchedule(wish, zone.offsetAt, parseDuration(start.tolerance) ?? 0, now);
    if (read.kind === "invalid") refuseField(`/${read.field}`, read.code, read.message);
    await checkConfirmation(tx, id, delivery, wish, wish.onScreen ? start.countAbove : null);
    await requireCopies(tx, id, delivery);
    await requireSender(tx, id);
    await requireTime(tx, id, delivery, read.at);
    await setState(tx, id, delivery.state, "schedule", now, { ...read, zone: zone.name, by: actor });
    await setHoldReason(tx, id, null);
    await announce(tx, id, "delivery.scheduled", actor, now, {
      at: formatInstant(read.at),
      local: formatLocal(read.at, zone.offsetAt),
      zone: zone.name,
      notLaterThan: formatInstant(read.notAfter),
    });
    return { startAt: read.at };
  });
}

/** The delivery is ready again; it does not start by itself. */
export async function unscheduleDelivery(db: Db, id: number, actor: string, now: Instant): Promise<void> {
  await db.transaction(async (tx) => {
    const delivery = await lockFor(tx, id, "unschedule");
    await setState(tx, id, delivery.state, "unschedule", now);
    await announce(tx, id, "delivery.unscheduled", actor, now);
  });
}

/** Starts all deliveries and waves whose time has come; answers when the next one is due, null when none waits. */
export async function startDue(db: Db, now: Instant): Promise<Instant | null> {
  const due = await db.query<{ id: number }>(
    "select id from deliveries where start_at <= $1 and state in ('scheduled', 'start-pending') order by start_at, id",
    [timestamp(now)],
  );
  for (const { id } of due) await startOne(db, id, now);
  await beginDueWaves(db, now);
  return nextStart(db, null);
}

async function startOne(db: Db, id: number, now: Instant): Promise<void> {
  try {
    await db.transaction(async (tx) => {
      const delivery = await lockDue(tx, id, now);
      if (delivery === null) return;
      const { start_at: at, start_not_after: notAfter } = delivery;
      if (notAfter !== null && now > notAfter) {
        const was = formatInstant(at ?? now);
        await miss(tx, id, delivery, `It was to start at ${was}, not later than ${formatInstant(notAfter)}`, now);
        return;
      }
      const detail = await beginSending(tx, id, delivery, "start", now);
      await announce(tx, id, "delivery.started", delivery.start_by ?? "", now, detail);
    });
  } catch (error) {
    // What speaks against it needs a person; anything else is tried again as long as it may start.
    if (!(error instanceof AppError)) throw error;
    await db.transaction(async (tx) => {
      const delivery = await lockDue(tx, id, now);
      if (delivery !== null) await miss(tx, id, delivery, error.message, now);
    });
  }
}

/** Null: somebody was faster, or it is not its time any more. */
async function lockDue(tx: Tx, id: number, now: Instant): Promise<LockedDelivery | null> {
  const delivery = await lockRow(tx, id);
  return delivery !== null && delivery.start_at !== null && delivery.start_at <= now ? delivery : null;
}

async function miss(tx: Tx, id: number, delivery: LockedDelivery, reason: string, now: Instant): Promise<void> {
  await setState(tx, id, delivery.state, "miss", now);
  await setHoldReason(tx, id, reason);
  await announce(tx, id, "delivery.missed", "worker", now, { reason });
}

async function checkConfirmation(
  tx: Tx,
  id: number,
  delivery: LockedDelivery,
  { toDeliver: said, person }: Pick<Confirmation, "toDeliver" | "person">,
  countAbove: number | null,
): Promise<void> {
  if (delivery.version !== delivery.analysed_version) throw appError("delivery-changed", { id });
  await requireStarter(tx, id, person ?? null);
  await requireApprovals(tx, id);
  const { to_deliver: toDeliver } = delivery;
  if (said === toDeliver) return;
  if (said !== undefined) throw appError("confirm-count", { id, toDeliver, given: `${said} was confirmed` });
  if (countAbove !== null && toDeliver > countAbove) {
    throw appError("confirm-count", { id, toDeliver, given: `above ${countAbove} the number must be said` });
  }
}

/** Said when somebody is there to hear it, not when it is time. */
async function requireCopies(tx: Tx, id: number, delivery: LockedDelivery): Promise<void> {
  const chosen = await chooseCopies(tx, { ...delivery, senderAddress: delivery.sender_address });
  if (chosen.kind === "none") throw appError("archive-missing", { id, why: whyMissing(chosen.unknown) });
}
