/** What the live page computes: figures, pace, the parts of each destination. */
import type { Delivery, Destination, Indicators, LiveIndicators } from "../../../src/contract/index.ts";
import { type BarPart, barParts } from "../../parts/bar-parts.ts";
import { asLive, isOver } from "../delivery/view-model.ts";

/** The figures under the bar. `cancelled` appears only where something is or will be cancelled. */
export function figuresOf(indicators: Indicators, state: Delivery["state"]): BarPart[] {
  const stops = state === "stopping" || state === "stopped";
  return barParts(indicators).filter((part) => part.name !== "cancelled" || part.count > 0 || stops);
}

export type Pace =
  /** Still going: what the last ten seconds say. */
  | { kind: "going"; rate: number | null; etaSeconds: number | null; onWire: number | null }
  /** Nothing leaves: there is no rate to know. */
  | { kind: "paused"; onWire: number | null }
  /** Over: how long it took and the mean over all of it. */
  | { kind: "over"; tookSeconds: number | null; meanRate: number | null };

export function paceOf(delivery: Delivery, figures: Indicators | LiveIndicators): Pace {
  if (isOver(delivery.state)) {
    if (delivery.startedAt === null || delivery.finishedAt === null)
      return { kind: "over", tookSeconds: null, meanRate: null };
    const tookSeconds = (Date.parse(delivery.finishedAt) - Date.parse(delivery.startedAt)) / 1000;
    const final = figures.sent + figures.failed;
    return { kind: "over", tookSeconds, meanRate: tookSeconds > 0 ? final / tookSeconds : null };
  }
  const live = asLive(figures);
  if (delivery.state === "paused") return { kind: "paused", onWire: live?.onWire ?? null };
  return {
    kind: "going",
    rate: live?.rate ?? null,
    etaSeconds: live?.etaSeconds ?? null,
    onWire: live?.onWire ?? null,
  };
}

/** `pending` of a destination includes what is retried, as in `Indicators`. */
export const waitingOf = (row: Destination): number => Math.max(0, row.pending - row.retrying);

/** What is in none of the other counts was cancelled: a destination has nothing else (contract: `Destination`). */
const cancelledOf = (row: Destination): number => Math.max(0, row.toDeliver - row.sent - row.failed - row.pending);

export const destinationParts = (row: Destination): BarPart[] => [
  { name: "sent", count: row.sent, tone: "sent", status: "sent" },
  { name: "retrying", count: row.retrying, tone: "retry", status: "taken-into-account" },
  { name: "waiting", count: waitingOf(row), tone: "waiting", status: "pending" },
  { name: "failed", count: row.failed, tone: "failed", status: "failed" },
  { name: "cancelled", count: cancelledOf(row), tone: "excluded", status: "cancelled" },
];

/** The words of an event that are worth a line: plain values only, in the order in which they came. */
export function eventDetail(detail: Record<string, unknown>): { name: string; value: string | number }[] {
  return Object.entries(detail)
    .filter(([, value]) => ["string", "number", "boolean"].includes(typeof value) && value !== "")
    .map(([name, value]) => ({ name: spaced(name), value: typeof value === "number" ? value : String(value) }));
}

/** `toDeliver` → `to deliver`. */
const spaced = (name: string): string => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

/** `delivery.created` and `created` are one kind; dots would be a path in the catalogue. */
export const eventKey = (kind: string): string => kind.replace(/^delivery\./, "").replaceAll(".", "-");
