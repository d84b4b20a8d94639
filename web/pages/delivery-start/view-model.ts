/** What starting a delivery decides without a DOM: whether the number must be typed, what is left of a countdown, what waits for whom. */
import type { Approval, Delivery, DeliveryWave } from "../../../src/contract/index.ts";
import type { Tone } from "../../tones.ts";

/** `above`: from the settings; null: nobody is asked. */
export const asksForNumber = (people: number, above: number | null | undefined): boolean =>
  above !== null && above !== undefined && people > above;

/** Digits as people write them: `95 188`, `95,188`, `95.188`. */
export const readNumber = (text: string): number | null => {
  const digits = text.replaceAll(/[\s.,'’\u00a0\u202f]/g, "");
  return /^\d{1,12}$/.test(digits) ? Number(digits) : null;
};

/** Never below zero: what is over is about to begin. */
export const secondsUntil = (iso: string, now: number): number =>
  Math.max(0, Math.ceil((Date.parse(iso) - now) / 1000));

/** Those that keep it from starting. */
export const openApprovals = ({ approvals = [] }: Delivery): Approval[] =>
  approvals.filter(({ state }) => state !== "approved");

export const APPROVAL_TONE: Record<Approval["state"], Tone> = {
  pending: "waiting",
  approved: "sent",
  rejected: "failed",
};

export const WAVE_TONE: Record<DeliveryWave["state"], Tone> = {
  planned: "waiting",
  waiting: "waiting",
  begun: "retry",
  done: "sent",
  cancelled: "excluded",
};

/** One address a line, or parted by commas. */
export const addressesIn = (text: string): string[] =>
  text
    .split(/[\n,;]+/)
    .map((each) => each.trim())
    .filter((each) => each !== "");

/** Names of whoever may decide; an id that nobody has any more is left out. */
export function reviewerNames(
  { reviewers }: Approval,
  known: { operators: { id: string; name: string }[]; groups: { id: string; name: string }[] } | undefined,
): string[] {
  const named = (ids: string[], people: { id: string; name: string }[] = []) =>
    ids.flatMap((id) => people.find((each) => each.id === id)?.name ?? []);
  return [...named(reviewers.operators, known?.operators), ...named(reviewers.groups, known?.groups)];
}

/** All zones that the browser knows, the own one first. */
export function timeZones(own: string): string[] {
  return [own, ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== own)];
}

/** `2026-11-27T09:00`, an hour from now at the full hour, by the clock of the browser: what a date field starts with. */
export function firstDate(now: number): string {
  const at = new Date(now + 3_600_000);
  at.setMinutes(0, 0, 0);
  const two = (n: number) => String(n).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:00`;
}
