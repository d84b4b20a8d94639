/** What the pages of the quarantine decide: filters, tones, which acts an address offers, a bulk release as the API takes it. */
import type { FailureReason, QuarantineEntry } from "../../../src/contract/index.ts";
import { oneOf, text } from "../../search.ts";
import type { QuarantineFilter } from "../../queries-quarantine.ts";
import type { Tone } from "../../tones.ts";

type Status = QuarantineEntry["status"];
export type ShownStatus = Status | "held";

/** What the list can be filtered by; those that are valid are not in it. */
export const STATUSES = ["with-errors", "held", "quarantined", "denylisted"] as const satisfies readonly ShownStatus[];

/** Reasons that can stand against an address. */
export const REASONS = [
  "user-unknown",
  "invalid-domain",
  "unreachable",
  "account-disabled",
  "mailbox-full",
  "refused",
  "not-defined",
] as const satisfies readonly FailureReason[];
export type Reason = (typeof REASONS)[number];

export type QuarantineSearch = {
  address?: string | undefined;
  status?: (typeof STATUSES)[number] | undefined;
  reason?: Reason | undefined;
  provider?: string | undefined;
  domain?: string | undefined;
  text?: string | undefined;
  since?: string | undefined;
};

/** A time as the API takes it; anything else in the address is no filter rather than a refusal. */
const time = (value: unknown): string | undefined => {
  const word = text(value);
  return word === undefined || Number.isNaN(Date.parse(word)) ? undefined : new Date(word).toISOString();
};

export const addressSearch = (search: Record<string, unknown>): { address?: string | undefined } => ({
  address: text(search["address"]),
});

export const quarantineSearch = (search: Record<string, unknown>): QuarantineSearch => ({
  ...addressSearch(search),
  status: oneOf(STATUSES, search["status"]),
  reason: oneOf(REASONS, search["reason"]),
  provider: text(search["provider"]),
  domain: text(search["domain"]),
  text: text(search["text"]),
  since: time(search["since"]),
});

/** The address is looked up, not filtered by. */
export const filterOf = ({ address: _address, ...filter }: QuarantineSearch): QuarantineFilter => filter;

export const NO_FILTER = {
  status: undefined,
  reason: undefined,
  provider: undefined,
  domain: undefined,
  text: undefined,
  since: undefined,
} satisfies QuarantineFilter;

export const isFiltered = (search: QuarantineSearch): boolean =>
  Object.values(filterOf(search)).some((value) => value !== undefined);

/** Half an address is a search in progress, not yet an address to look up. */
export const isAddress = (value: string | undefined): value is string =>
  value !== undefined && /^.+@[^@]+\.[^@]+$/.test(value);

export const QUARANTINE_TONE: Record<ShownStatus, Tone> = {
  valid: "sent",
  "with-errors": "retry",
  held: "doubt",
  quarantined: "failed",
  denylisted: "excluded",
};

/** Held is a kind of "with errors" that somebody has to look at. */
export const shownStatus = ({ status, held }: Pick<QuarantineEntry, "status" | "held">): ShownStatus =>
  held && status === "with-errors" ? "held" : status;

export type AddressAct = "release" | "undeny" | "put-in" | "allow";

/** What would change nothing is not offered. On the denylist an address may only be taken off it: what servers say matters no more. */
export function actsOf(status: Status): AddressAct[] {
  switch (status) {
    case "valid":
      return ["put-in", "allow"];
    case "with-errors":
    case "quarantined":
      return ["release", "put-in", "allow"];
    case "denylisted":
      return ["undeny"];
  }
}
