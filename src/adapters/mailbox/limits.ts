/** What all readers of archives agree on. */
import type { NamedCopy } from "../../core/archive/match-copy-key.ts";

/** Bytes of one copy; what is larger is reported, not read. */
export const MAX_COPY_BYTES = 100 * 1024 * 1024;

export const TOO_LARGE = "larger than 100 MB";

export type ReadOptions = {
  /** Says no to copies of other deliveries, so that files that are named after them need not be read. */
  readonly isWanted: (named: NamedCopy) => boolean;
};
