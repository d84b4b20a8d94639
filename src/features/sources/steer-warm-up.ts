/** An operator's word on the warm-up of a source at a provider. In normal life nobody needs one. */
import { stepOf, utcDate, type WarmUpStep, type WarmUpWord } from "../../core/shaping/warm-up.ts";
import type { Instant } from "../../core/time.ts";
import type { Db, Tx } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { stepOfDay, sumOf } from "./reserve-warm-up.ts";
import { notifySenders } from "./store.ts";
import {
  changeDay,
  type DayRow,
  findDay,
  findSendingDayBefore,
  type Pair,
  saveWord,
  takePair,
} from "./warm-up-store.ts";

export type WarmUpAction =
  /** The step is had again every day, until it is released. */
  | { readonly kind: "hold" }
  /** Takes back a hold; where the step is had again because of how it went, the next one begins now. */
  | { readonly kind: "release" }
  /** The provider knows the source: no limit any more. */
  | { readonly kind: "finish" }
  | { readonly kind: "restart" }
  | { readonly kind: "set-day"; readonly day: number };

/** Throws `not-found`, and `invalid-input` for a day that the curve does not have. Senders act on it at once. */
export async function steerWarmUp(
  db: Db,
  { curve, ...pair }: Pair & { readonly curve: readonly number[] },
  action: WarmUpAction,
  now: Instant,
): Promise<void> {
  await db.transaction(async (tx) => {
    const date = utcDate(now);
    const taken = await takePair(tx, pair, date, now);
    if (taken.kind !== "word") throw taken.kind === "off" ? noWarmUp(pair) : noSource(pair);
    const today = await findDay(tx, pair, date);
    const step = today
      ? stepOfDay(today, taken.word)
      : stepOf(curve, taken.word, await findSendingDayBefore(tx, pair, date), date);
    await apply(tx, { pair, curve, word: taken.word, today, step, date, now }, action);
    await notifySenders(tx);
  });
}

type Standing = {
  readonly pair: Pair;
  readonly curve: readonly number[];
  readonly word: WarmUpWord;
  readonly today: DayRow | null;
  readonly step: WarmUpStep;
  readonly date: number;
  readonly now: Instant;
};

async function apply(tx: Tx, standing: Standing, action: WarmUpAction): Promise<void> {
  const { pair, curve, word, step, date, now } = standing;
  switch (action.kind) {
    case "hold":
      return saveWord(tx, pair, { state: "held", nextDay: step.day, since: date }, now);
    case "release":
      if (word.state === "held") return saveWord(tx, pair, { ...word, state: "warming" }, now);
      return step.state === "held" ? setDay(tx, standing, Math.min(step.day + 1, curve.length)) : undefined;
    case "finish":
      return saveWord(tx, pair, { ...word, state: "done" }, now);
    case "restart":
      return setDay(tx, standing, 1);
    case "set-day":
      if (action.day > curve.length) throw unknownDay(action.day, curve.length);
      return setDay(tx, standing, action.day);
  }
}

/**
 * What has left today counts against the new allowance. Going back, today counts no more: else what left at the higher step
 * would be the sending day of the lower one.
 */
async function setDay(tx: Tx, { pair, curve, word, today, date, now }: Standing, day: number): Promise<void> {
  const isBack =
    today !== null && hadMail(today) && (word.state === "done" || today.allowance === 0 || day < today.day);
  await saveWord(tx, pair, { state: "warming", nextDay: day, since: isBack ? date + 1 : date }, now);
  if (today) await changeDay(tx, pair, date, day, curve[day - 1] ?? 0);
}

function hadMail({ reserved, accepted, deferred, refused }: DayRow): boolean {
  return sumOf(reserved) + accepted + deferred + refused > 0;
}

function noSource({ sourceId }: Pair) {
  return appError("not-found", { what: "source", id: sourceId });
}

function noWarmUp({ sourceId }: Pair) {
  const detail = `Source ${sourceId} has its warm-up switched off; set its warmUp to "automatic" first.`;
  return appError("invalid-input", { detail });
}

function unknownDay(day: number, length: number) {
  const message = `There is no day ${day}: the curve of this provider has ${length}. After the last one it is done`;
  return appError("invalid-input", { detail: `/day: ${message}` }, [{ pointer: "/day", code: "too-big", message }]);
}
