/** A bulk release as a form, and as the API takes it: what is counted is what is released. */
import type { z } from "zod";

import type { bulkReleaseSchema } from "../../../src/contract/quarantine.ts";
import { endOfMinute, fromLocalField, toLocalField } from "./local-time.ts";
import type { QuarantineSearch, Reason } from "./view-model.ts";

export type BulkRelease = z.input<typeof bulkReleaseSchema>;

export type ReleaseDraft = {
  provider: string;
  domain: string;
  reason: Reason | "";
  text: string;
  /** As the fields have them: local, to the minute. */
  since: string;
  until: string;
  note: string;
};

const DAY = 86_400_000;

/** What the list shows is most likely what is meant. */
export const releaseDraft = (search: QuarantineSearch, now: number): ReleaseDraft => ({
  provider: search.provider ?? "",
  domain: search.domain ?? "",
  reason: search.reason ?? "",
  text: search.text ?? "",
  since: toLocalField(search.since ?? new Date(now - DAY).toISOString()),
  until: toLocalField(endOfMinute(now)),
  note: "",
});

/** null: the window of time is not one. */
export function releaseRequest(draft: ReleaseDraft, dryRun: boolean): BulkRelease | null {
  const since = fromLocalField(draft.since);
  const until = fromLocalField(draft.until);
  if (since === undefined || until === undefined || since > until) return null;
  const given = { provider: draft.provider.trim(), domain: draft.domain.trim(), text: draft.text.trim() };
  return {
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== "")),
    ...(draft.reason === "" ? {} : { reason: draft.reason }),
    since,
    until,
    note: draft.note.trim(),
    dryRun,
  };
}

/** Whether a count still speaks of what the form says; the note does not matter to it. */
export const isSameChoice = (left: ReleaseDraft, right: ReleaseDraft): boolean =>
  JSON.stringify({ ...left, note: "" }) === JSON.stringify({ ...right, note: "" });
