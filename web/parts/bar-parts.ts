/**
 * The stacked bar as numbers: which parts, in which order, how wide. The parts add up to the target by construction of
 * `Indicators` (targeted = excluded + toDeliver; toDeliver = sent + failed + cancelled + pending + inDoubt); nothing is
 * rounded into or out of a part here.
 */
import type { Indicators, MessageStatus } from "../../src/contract/index.ts";
import { STATUS_TONE, type Tone } from "../tones.ts";

export type PartName = "sent" | "retrying" | "waiting" | "inDoubt" | "failed" | "cancelled" | "excluded";

export type BarPart = {
  name: PartName;
  count: number;
  tone: Tone;
  /** What the part is called in the log; null for the excluded, who have no message. */
  status: MessageStatus | null;
};

/** Of copies: they are no messages. */
export type CopyPartName = "archived" | "owed" | "givenUp";

export type AnyPart = { name: PartName | CopyPartName; count: number; tone: Tone };

const ORDER: { name: Exclude<PartName, "excluded">; status: MessageStatus }[] = [
  { name: "sent", status: "sent" },
  { name: "retrying", status: "taken-into-account" },
  { name: "waiting", status: "pending" },
  { name: "inDoubt", status: "in-doubt" },
  { name: "failed", status: "failed" },
  { name: "cancelled", status: "cancelled" },
];

export function barParts(indicators: Indicators): BarPart[] {
  const counts: Record<Exclude<PartName, "excluded">, number> = {
    sent: indicators.sent,
    retrying: indicators.takenIntoAccount,
    waiting: indicators.pending - indicators.takenIntoAccount,
    inDoubt: indicators.inDoubt,
    failed: indicators.failed,
    cancelled: indicators.cancelled,
  };
  const delivered: BarPart[] = ORDER.map(({ name, status }) => ({
    name,
    count: counts[name],
    tone: STATUS_TONE[status],
    status,
  }));
  return [...delivered, { name: "excluded", count: indicators.excluded, tone: "excluded", status: null }];
}

export const totalOf = (parts: readonly { count: number }[]): number =>
  parts.reduce((sum, part) => sum + part.count, 0);
