/** What the page of inbound mail decides: its filters, and how each kind and outcome looks. */
import type { InboundMailEntry } from "../../../src/contract/inbound.ts";
import { oneOf, text } from "../../search.ts";
import type { Tone } from "../../tones.ts";

export type Kind = NonNullable<InboundMailEntry["kind"]>;
export const KINDS = [
  "bounce",
  "delayed",
  "success",
  "complaint",
  "auto-reply",
  "unsubscribe",
  "other",
] as const satisfies readonly Kind[];

export const STATES = ["waiting", "done", "failed"] as const satisfies readonly InboundMailEntry["state"][];

/** What a mail did: first those that changed something, then notes, then nothing. */
export const OUTCOMES = [
  "failed",
  "reason",
  "complained",
  "unsubscribed",
  "final-word",
  "copy-bounced",
  "unchanged",
  "late",
  "noted",
  "not-signed",
  "not-ours",
  "not-found",
  "unreadable",
  "message-unknown",
  "bounce",
  "automatic",
  "archive",
  "no-tag",
  "no-wish",
] as const;
export type Outcome = (typeof OUTCOMES)[number];

const TONE: Partial<Record<Outcome, Tone>> = {
  failed: "failed",
  "copy-bounced": "failed",
  complained: "failed",
  reason: "retry",
  unsubscribed: "excluded",
  "final-word": "sent",
};

/** null: nothing changed, so there is no state to colour. */
export const outcomeTone = (outcome: string): Tone | null => TONE[outcome as Outcome] ?? null;

export type InboundSearch = {
  mail?: string | undefined;
  kind?: Kind | undefined;
  outcome?: Outcome | undefined;
  state?: InboundMailEntry["state"] | undefined;
  delivery?: string | undefined;
  message?: string | undefined;
  address?: string | undefined;
};

export const inboundSearch = (search: Record<string, unknown>): InboundSearch => ({
  mail: text(search["mail"]),
  kind: oneOf(KINDS, search["kind"]),
  outcome: oneOf(OUTCOMES, search["outcome"]),
  state: oneOf(STATES, search["state"]),
  delivery: text(search["delivery"]),
  message: text(search["message"]),
  address: text(search["address"]),
});

export const NO_FILTER = {
  kind: undefined,
  outcome: undefined,
  state: undefined,
  delivery: undefined,
  message: undefined,
  address: undefined,
} satisfies InboundSearch;

/** The mail that is open is no filter. */
export const filterOf = ({ mail: _mail, ...filter }: InboundSearch): Omit<InboundSearch, "mail"> => filter;

export const isFiltered = (search: InboundSearch): boolean =>
  Object.values(filterOf(search)).some((value) => value !== undefined);

/** Whom it is about, else to whom it came; null: not even that is known. */
export const subjectOf = ({ address, recipient }: Pick<InboundMailEntry, "address" | "recipient">): string | null =>
  address ?? (recipient === "" ? null : recipient);
