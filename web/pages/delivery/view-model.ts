/** What the frame of a delivery decides: which acts are possible, and what each question must tell. */
import type { DeliveryState, Indicators, LiveIndicators, Settings } from "../../../src/contract/index.ts";

export type Act = "pause" | "resume" | "stop" | PlainAct;
/** Takes back what has done nothing yet: nobody is asked. */
export type PlainAct = "unschedule" | "cancel-confirm";

export const isPlain = (act: Act): act is PlainAct => act === "unschedule" || act === "cancel-confirm";

const ACTS: Record<DeliveryState, readonly Act[]> = {
  editing: [],
  analysing: [],
  ready: [],
  scheduled: ["unschedule"],
  "start-pending": ["cancel-confirm"],
  "in-progress": ["stop", "pause"],
  pausing: ["stop"],
  paused: ["stop", "resume"],
  stopping: [],
  stopped: [],
  finished: [],
};

/** In reading order; the last one is the primary. */
export const actsOf = (state: DeliveryState): readonly Act[] => ACTS[state];

/** Lowest first, as one reads a scale. */
export const PRIORITIES = [
  "very-low",
  "low",
  "normal",
  "high",
  "very-high",
] as const satisfies readonly Settings["priority"][];

export const isPreparing = (state: DeliveryState): boolean =>
  state === "editing" || state === "analysing" || state === "ready";

export const isOver = (state: DeliveryState): boolean => state === "stopped" || state === "finished";

/** `/indicators` answers the plain figures, the stream the live ones: both lie in one place of the cache. */
export const asLive = (figures: Indicators | LiveIndicators | undefined): LiveIndicators | null =>
  figures !== undefined && "onWire" in figures ? figures : null;

/** What an act leaves behind: messages on the wire finish whatever is pressed, the others are what the act is about. */
export function consequence(figures: Indicators | LiveIndicators | undefined): { wire: number; stay: number } {
  const wire = asLive(figures)?.onWire ?? 0;
  return { wire, stay: Math.max(0, (figures?.pending ?? 0) - wire) };
}
