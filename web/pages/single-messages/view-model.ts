/** What the list of single messages decides: which filters an address holds, and what a status looks like. */
import { SINGLE_STATUSES, type SingleStatus } from "../../../src/contract/messages.ts";
import { oneOf, text } from "../../search.ts";
import type { Tone } from "../../tones.ts";

export type SingleSearch = {
  status?: SingleStatus | undefined;
  recipient?: string | undefined;
  externalId?: string | undefined;
  /** Id of the message in the drawer. */
  message?: string | undefined;
};

export function singleSearch(search: Record<string, unknown>): SingleSearch {
  return {
    status: oneOf(SINGLE_STATUSES, search["status"]),
    recipient: text(search["recipient"]),
    externalId: text(search["externalId"]),
    message: text(search["message"]),
  };
}

export const filterOf = ({ status, recipient, externalId }: SingleSearch) => ({ status, recipient, externalId });

export const isFiltered = (search: SingleSearch): boolean =>
  Object.values(filterOf(search)).some((value) => value !== undefined);

export const SINGLE_TONE: Record<SingleStatus, Tone> = {
  scheduled: "waiting",
  queued: "waiting",
  paused: "paused",
  retrying: "retry",
  sent: "sent",
  failed: "failed",
  expired: "failed",
  ignored: "excluded",
  cancelled: "excluded",
  "in-doubt": "doubt",
};

/** It waits, and can be taken back. */
export const mayCancel = (status: SingleStatus): boolean =>
  status === "scheduled" || status === "queued" || status === "paused" || status === "retrying";
