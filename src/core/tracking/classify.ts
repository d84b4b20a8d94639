/**
 * Who reacted to a message: its reader, a proxy that fetches pictures for the reader, a program that looks at links for
 * safety, or whoever reads its copy in an archive. Nothing is dropped: the answer comes with the signals that led to it and is stored with the reaction.
 */
import type { Duration } from "../time.ts";
import { SECOND } from "../time.ts";

export type ReactionKind = "open" | "click" | "mirror" | "opt-out";

export type ReactionClass = "person" | "privacy-proxy" | "mail-proxy" | "scanner" | "archive";

/**
 * By what a reaction to a copy is known, the surest first: its token is a copy's, it came from an archive's network, or with the
 * user agent of what reads the archive, or at a time when there was nothing but the copy.
 */
export type ArchiveSignal = "archive-token" | "archive-network" | "archive-user-agent" | "archive-time";

export type ReactionFacts = {
  readonly kind: ReactionKind;
  readonly userAgent: string;
  /** The user agent is one of a known program. */
  readonly bot: boolean;
  /** By POST: somebody pressed a button; programs that follow links do not. */
  readonly posted: boolean;
  /** The rule of `rules/scanners` that matches address or user agent. */
  readonly rule: { readonly name: string; readonly class: Exclude<ReactionClass, "person" | "archive"> } | null;
  /** The link that nobody can see. */
  readonly honeypot: boolean;
  /** The same address took the bait of this message shortly before or after. */
  readonly baited: boolean;
  /** Different links of this message that were followed within a second of this one, itself included. */
  readonly linksAtOnce: number;
  /** Since the receiving server took the message; negative: before. Null: not known. */
  readonly sinceSent: Duration | null;
  /** None: nothing says that it is a reaction to a copy. */
  readonly archive: readonly ArchiveSignal[];
};

export type Classified = { readonly class: ReactionClass; readonly signals: readonly string[] };

/** Nobody follows three different links within a second. */
const LINKS_AT_ONCE = 3;
/** Nobody has read a message this soon after its last byte left. */
const TOO_SOON: Duration = 2 * SECOND;

export function classify(facts: ReactionFacts): Classified {
  const signals = signalsOf(facts);
  // Whoever it was, and whatever they pressed, it was not the message that they had.
  if (facts.archive.length > 0) return { class: "archive", signals: [...facts.archive, ...signals] };
  // A button was pressed: whatever carried the request, a person wanted it.
  if (facts.posted) return { class: "person", signals: ["posted", ...signals] };
  if (facts.rule !== null && facts.rule.class !== "scanner") return { class: facts.rule.class, signals };
  return { class: signals.length > 0 ? "scanner" : "person", signals };
}

/** Each of them is reason enough, but for the class of a rule that knows better. */
function signalsOf(facts: ReactionFacts): string[] {
  const signals: string[] = [];
  if (facts.rule !== null) signals.push(`rule:${facts.rule.name}`);
  if (facts.honeypot) signals.push("honeypot");
  if (facts.baited) signals.push("honeypot-nearby");
  if (facts.bot) signals.push("user-agent");
  if (facts.userAgent === "") signals.push("no-user-agent");
  if (facts.linksAtOnce >= LINKS_AT_ONCE) signals.push("links-at-once");
  // Pictures may well be fetched at once, by a mailbox that is open on a screen.
  if (facts.kind !== "open" && facts.sinceSent !== null && facts.sinceSent < TOO_SOON) signals.push("too-soon");
  return signals;
}
