/** What recipients did, as figures: people first, machines beside them, and words where nothing was counted. */
import type { Delivery, ReactionCount, TrackingIndicators } from "../../../src/contract/index.ts";

export type ReactionName = "opens" | "clicks" | "mirrorViews" | "optOuts";

export type ReactionFigure = {
  name: ReactionName;
  count: ReactionCount;
  /** Scaled to all messages, where some had no HTML and so could not tell. */
  estimated: ReactionCount | null;
  /** Nobody was asked to count: a zero would be invented. */
  counted: boolean;
};

const NAMES: readonly ReactionName[] = ["opens", "clicks", "mirrorViews", "optOuts"];

export function reactionFigures(delivery: Delivery, tracking: TrackingIndicators): ReactionFigure[] {
  const { settings } = delivery;
  const counted: Record<ReactionName, boolean> = {
    opens: settings.tracking.opens,
    clicks: settings.tracking.clicks,
    // Without a public page there is nothing to visit.
    mirrorViews: settings.mirror === "default" || settings.mirror === "force",
    optOuts: true,
  };
  const { opens, estimatedOpens } = tracking;
  const estimated = estimatedOpens.recipients === opens.recipients ? null : estimatedOpens;
  return NAMES.map((name) => ({
    name,
    count: tracking[name],
    estimated: name === "opens" ? estimated : null,
    counted: counted[name] || tracking[name].total > 0,
  }));
}

/** By whoever reads the archive, as events; null where there is nothing to say: no copies, and nobody who read one. */
export function archiveReactions(
  { settings }: Delivery,
  { archive }: TrackingIndicators,
): { name: ReactionName; count: number }[] | null {
  const seen = NAMES.some((name) => archive[name] > 0);
  return seen || settings.archive.on ? NAMES.map((name) => ({ name, count: archive[name] })) : null;
}

/** Reactivity needs both: clicks over opens. */
export const hasReactivity = ({ settings }: Delivery): boolean => settings.tracking.opens && settings.tracking.clicks;
