/** What the quarantine page decides. */
import type { QuarantineEntry } from "../../../src/contract/index.ts";
import { text } from "../../search.ts";
import type { Tone } from "../../tones.ts";

export type QuarantineSearch = { address?: string | undefined };

export const quarantineSearch = (search: Record<string, unknown>): QuarantineSearch => ({
  address: text(search["address"]),
});

/** Half an address is a search in progress, not yet an address to look up. */
export const isAddress = (value: string | undefined): value is string =>
  value !== undefined && /^.+@[^@]+\.[^@]+$/.test(value);

export const QUARANTINE_TONE: Record<QuarantineEntry["status"], Tone> = {
  valid: "sent",
  "with-errors": "retry",
  quarantined: "failed",
  denylisted: "excluded",
};
