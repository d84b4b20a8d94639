/** Opens, clicks and visits, one by one and counted. */
import type { Link } from "../core/message/manifest.ts";
import type { Timestamp } from "./basics.ts";

/** Who opened or clicked, as far as it can be known. Nothing is dropped; figures are given with and without machines. */
export type ReactionClass = "person" | "privacy-proxy" | "mail-proxy" | "scanner" | "archive";

export type Reaction = {
  at: Timestamp;
  kind: "open" | "click" | "mirror" | "opt-out";
  class: ReactionClass;
  /** Of a click. */
  link: { number: number; label: string; url: string } | null;
  userAgent: string;
};

/** Counted twice: all, and what is left without scanners and proxies. */
export type ReactionCount = {
  /** Recipients with at least one. */
  recipients: number;
  recipientsHuman: number;
  /** All of them, the same recipient again included. */
  total: number;
  totalHuman: number;
};

export type TrackingIndicators = {
  opens: ReactionCount;
  /** Scaled to all messages: of those without HTML nobody can see whether they are opened. */
  estimatedOpens: ReactionCount;
  /** Persons: browsers, as far as cookies tell them apart. */
  clicks: ReactionCount & { persons: number; personsHuman: number };
  mirrorViews: ReactionCount;
  optOuts: ReactionCount;
  /** Recipients who called it spam. */
  complaints: number;
  /** Clicking recipients / opening recipients; null when nobody opened. */
  reactivity: number | null;
  reactivityHuman: number | null;
  /** Persons who clicked beyond the recipients themselves. */
  estimatedForwards: number;
  estimatedForwardsHuman: number;
  /** Reactions to copies in the archive, by whoever reads it: events, in none of the other figures. */
  archive: { opens: number; clicks: number; mirrorViews: number; optOuts: number };
  byLink: (Pick<Link, "number" | "label" | "category" | "url" | "mode"> & ReactionCount)[];
};
