/** Addresses in the cache: the quarantine, those that are held, the allowlist. */
import type { QuarantineEntry } from "../src/contract/index.ts";
import type { AllowedAddress, HeldGroup } from "../src/contract/quarantine.ts";
import { apiUrl, query } from "./api.ts";
import { one, pages } from "./queries.ts";

export type QuarantineRow = Omit<QuarantineEntry, "history">;
export type QuarantineFilter = {
  status?: string | undefined;
  reason?: string | undefined;
  provider?: string | undefined;
  domain?: string | undefined;
  text?: string | undefined;
  since?: string | undefined;
};

/** All of them: an act on one address may change lists, held ones and its history. */
export const QUARANTINE_KEY = ["quarantine"] as const;

export const quarantineQuery = (filter: QuarantineFilter) =>
  pages<QuarantineRow>([...QUARANTINE_KEY, "list"], "/quarantine", filter);
export const quarantinePath = (address: string) => `/quarantine/${encodeURIComponent(address)}`;
export const quarantineEntryQuery = (address: string) =>
  one<QuarantineEntry>([...QUARANTINE_KEY, "entry", address], quarantinePath(address));
export const quarantineExportUrl = (filter: QuarantineFilter) => apiUrl(`/quarantine/export${query(filter)}`);

export const heldQuery = one<{ data: HeldGroup[] }>([...QUARANTINE_KEY, "held"], "/quarantine/held");
export const heldPath = (provider: string) => `/quarantine/held/${encodeURIComponent(provider)}`;

export const ALLOWLIST_KEY = ["allowlist"] as const;
export const allowlistQuery = pages<AllowedAddress>(ALLOWLIST_KEY, "/allowlist");
export const allowedPath = (address: string) => `/allowlist/${encodeURIComponent(address)}`;
