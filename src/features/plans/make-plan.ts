/** Makes, keeps and tells the plan of a delivery. */
import type { ChecklistItem } from "../../contract/index.ts";
import type { Plan } from "../../contract/shaping.ts";
import { planDelivery, type PlannedDelivery } from "../../core/shaping/plan.ts";
import { DAY, formatInstant, HOUR, MINUTE, type Duration, type Instant } from "../../core/time.ts";
import type { Db, Queryable, Tx } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { loadGround, type PlanDeps } from "./load-ground.ts";
import * as store from "./store.ts";

/** States in which there is something to plan. */
const PLANNABLE: readonly string[] = ["ready", "start-pending", "scheduled", "in-progress", "pausing", "paused"];

/**
 * A plan of what is left. It is kept unless the delivery has begun: then the plan that it began with stays, to be held against what it
 * becomes.
 */
export async function makePlan(db: Db, id: number, deps: PlanDeps, now: Instant): Promise<Plan> {
  const delivery = await store.findPlanned(db, id);
  if (delivery === null) throw appError("not-found", { what: "delivery", id });
  if (!PLANNABLE.includes(delivery.state)) {
    const { state } = delivery;
    throw appError("action-not-allowed", { id, state, action: "planned", currentState: state });
  }
  const plan = await compute(db, delivery, deps, now);
  const isKept = delivery.started_at === null || (await store.findPlan(db, id)) === null;
  if (isKept) await store.savePlan(db, plan);
  return { ...plan, actual: null };
}

/** As part of the analysis: kept with it, and told in the checklist. A plan that cannot be made spoils no analysis. */
export async function planInAnalysis(
  tx: Tx,
  id: number,
  deps: PlanDeps & { readonly onError: (error: unknown) => void },
  now: Instant,
): Promise<ChecklistItem[]> {
  const delivery = await store.findPlanned(tx, id);
  if (delivery === null) return [];
  await tx.query("savepoint plan");
  try {
    const plan = await compute(tx, delivery, deps, now);
    await store.savePlan(tx, plan);
    await tx.query("release savepoint plan");
    return [itemOf(plan, delivery.settings.approval?.mode ?? "manual")];
  } catch (error) {
    deps.onError(error);
    await tx.query("rollback to savepoint plan");
    return [
      {
        id: "plan",
        level: "info",
        title: "How long it will take is not known",
        detail: "The plan could not be made. Sending does not need it.",
      },
    ];
  }
}

async function compute(
  db: Queryable,
  delivery: store.PlannedDeliveryRow,
  deps: PlanDeps,
  now: Instant,
): Promise<Omit<Plan, "actual">> {
  return present(delivery.id, planDelivery(await loadGround(db, delivery, deps, now)), now);
}

function present(id: number, planned: PlannedDelivery, now: Instant): Omit<Plan, "actual"> {
  return {
    deliveryId: String(id),
    at: formatInstant(now),
    startAt: formatInstant(planned.startAt),
    endAt: instantOrNull(planned.endAt),
    messages: planned.messages,
    late: planned.late,
    rows: planned.rows.map((row) => ({
      ...row,
      startAt: instantOrNull(row.startAt),
      endAt: instantOrNull(row.endAt),
    })),
  };
}

function instantOrNull(at: Instant | null): string | null {
  return at === null ? null : formatInstant(at);
}

/** The plan in two lines. Late messages are a warning: somebody wanted them sent. `mode`: whether it starts by itself, and nobody looks before. */
function itemOf({ startAt, endAt, messages, late, rows }: Omit<Plan, "actual">, mode: string): ChecklistItem {
  const [last] = rows;
  const ends = mode === "manual" || endAt === null ? "" : ` It starts by itself; begun now, it ends ${endAt}.`;
  const detail = last ? `${last.provider} ends last. ${last.why}.${ends}` : "";
  if (endAt === null) return { id: "plan", level: "warning", title: "Nothing can leave", detail };
  if (late > 0) {
    const title = `${late} of ${messages} messages will not leave before the end of the validity period`;
    return { id: "plan", level: "warning", title, detail };
  }
  const time = Date.parse(endAt) - Date.parse(startAt);
  return { id: "plan", level: "info", title: `Sending takes ${about(time)}`, detail };
}

function about(time: Duration): string {
  if (time < MINUTE) return "less than a minute";
  const [size, unit] =
    time < 2 * HOUR
      ? ([MINUTE, "minutes"] as const)
      : time < 2 * DAY
        ? ([HOUR, "hours"] as const)
        : ([DAY, "days"] as const);
  const count = Math.round(time / size);
  return `about ${count === 1 ? `1 ${unit.slice(0, -1)}` : `${count} ${unit}`}`;
}
