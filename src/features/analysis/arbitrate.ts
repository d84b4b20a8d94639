/**
 * Arbitration anew: a delivery was just analysed, and goes before others that are planned for the same people. Whoever of them has too many
 * messages by the pressure rules of those others is taken out of them, as `excluded-by-arbitration`: as if they had been analysed after it.
 * The incumbent does so at night; here it is part of the analysis, in its transaction. Nobody comes back by it: that takes an analysis.
 */
import type { ChecklistItem, Settings } from "../../contract/index.ts";
import { goesFirst, pressureSpan } from "../../core/population/pressure.ts";
import type { Instant } from "../../core/time.ts";
import type { Tx } from "../../platform/db.ts";
import { recordEvent } from "../../platform/events.ts";
import { appendItem } from "./add-store.ts";
import * as store from "./arbitrate-store.ts";
import { applyPressure, weighingOf, type Pressed } from "./pressure-store.ts";
import { loadPopulationRules, type PopulationRules } from "./rules-store.ts";

type Other = store.PlannedRow & { readonly pressed: Pressed; readonly rules: PopulationRules["pressure"] };

/** When it is ready in `deliveries`, its messages are there, and `target` is of no more use. Answers what its checklist says of it. */
export async function arbitrateAgain(
  tx: Tx,
  mine: { readonly id: number; readonly label: string; readonly settings: Settings },
  now: Instant,
): Promise<ChecklistItem[]> {
  if ((mine.settings.mode ?? "live") !== "live") return [];
  const planned = await store.listPlanned(tx);
  const own = planned.find(({ id }) => id === mine.id);
  if (own === undefined) return [];
  const first = pressedOf(own, mine.id);
  const items: ChecklistItem[] = [];
  for (const other of await findContested(tx, planned, first, mine.settings)) {
    if (!(await store.lockPlanned(tx, other))) continue;
    const lost = await arbitrate(tx, other, mine.id, now);
    if (lost.messages > 0) items.push(await note(tx, mine, other, lost, now));
  }
  return items;
}

function pressedOf({ id, at, analysed_at: analysed, settings }: store.PlannedRow, last: number): Pressed {
  return { id, at, analysed: id === last ? Number.POSITIVE_INFINITY : analysed, ...weighingOf(settings) };
}

/** Those that may have to give way, with their rules that count the first; whoever goes first among them is first in the list. */
async function findContested(
  tx: Tx,
  planned: readonly store.PlannedRow[],
  first: Pressed,
  { nature }: Pick<Settings, "nature">,
): Promise<Other[]> {
  const found: Other[] = [];
  for (const row of planned) {
    const pressed = pressedOf(row, first.id);
    const isWeighed = pressed.weights !== undefined || first.weights !== undefined;
    if (row.id === first.id || (!isWeighed && !goesFirst(first, pressed))) continue;
    const rules = (await loadPopulationRules(tx, row.settings)).pressure.filter(({ definition }) => {
      const span = pressureSpan(pressed.at, definition.days, definition.grouping);
      const isCounted = definition.natures?.includes(nature) ?? true;
      return definition.planned && isCounted && first.at >= span.from && first.at < span.to;
    });
    if (rules.length > 0) found.push({ ...row, pressed, rules });
  }
  return found.sort((a, b) => (goesFirst(a.pressed, b.pressed) ? -1 : 1));
}

/** Applies the rules of the other delivery to the people of both. */
async function arbitrate(tx: Tx, { pressed, rules }: Other, first: number, now: Instant): Promise<store.Lost> {
  if ((await store.retarget(tx, first, pressed.id)) === 0) return { messages: 0, left: 0 };
  for (const rule of rules) await applyPressure(tx, rule, pressed, now, first);
  return store.giveWay(tx, pressed.id, now);
}

/** Both deliveries say it, in their logs and in their checklists. */
async function note(
  tx: Tx,
  mine: { readonly id: number; readonly label: string },
  other: Other,
  { messages, left }: store.Lost,
  now: Instant,
): Promise<ChecklistItem> {
  const rules = other.rules.map(({ name }) => name).join(", ");
  await appendItem(
    tx,
    other.id,
    {
      id: "gave-way",
      level: left === 0 ? "warning" : "info",
      title: `${messages} messages gave way to another delivery`,
      detail: `Delivery ${mine.id} ("${mine.label}") was analysed later and goes before this one. By ${rules} its people are excluded here; ${left} messages are left.`,
    },
    now,
  );
  const detail = { messages, rules };
  const event = { actor: "analysis", at: now };
  await recordEvent(tx, {
    ...event,
    deliveryId: other.id,
    kind: "analysis.gave-way",
    detail: { ...detail, to: String(mine.id) },
  });
  await recordEvent(tx, {
    ...event,
    deliveryId: mine.id,
    kind: "analysis.went-first",
    detail: { ...detail, before: String(other.id) },
  });
  return {
    id: "went-first",
    level: "info",
    title: `${messages} messages of another delivery gave way`,
    detail: `Delivery ${other.id} ("${other.label}") is planned for the same people, and this one goes before it: by ${rules} they are excluded there.`,
  };
}
