/** A copy on its way to one archive, for as long as it is in memory. */
import type { CopyKey } from "../core/archive/archive.ts";
import type { Instant } from "../core/time.ts";
import type { CopyLease, CopyRecord } from "./copy-record.ts";
import type { MadeBytes } from "./make-message.ts";
import type { SendableDelivery } from "./sendable-delivery.ts";

export type CopyTask = {
  readonly key: CopyKey;
  readonly delivery: SendableDelivery;
  /** Recipient and values that the bytes are made of. */
  readonly address: string;
  readonly vars: Readonly<Record<string, unknown>>;
  /** Attempts that ended before this one. */
  readonly attempts: number;
  /** When the copy was first due. */
  readonly dueSince: Instant;
  /** Digest that the copy's bytes must have, base64; null: not known. */
  readonly digest: string | null;
  /** Name under which an earlier attempt may have left it. */
  readonly location: string | null;
  /** Whether its original had left when the copy was made: names of files say so. */
  readonly isSent: boolean;
  /** Not begun by then, it is somebody else's. */
  readonly startBy: Instant;
  /** Is it still to be sent, by us? */
  readonly isWanted: () => boolean;
  /** The bytes of its original, made now or kept; null when they cannot be made (and that was dealt with). */
  readonly make: () => Promise<MadeBytes | null>;
  /** The copy's own bytes are made: from now on it waits for the archive. */
  readonly onMade?: () => void;
  /** Under which lease its outcome is recorded. */
  readonly lease: CopyLease;
  /** Whether an archive that takes nothing at all counts as an attempt. */
  readonly isCharged: boolean;
  /** Exactly once; the record is to be journalled and committed. */
  readonly onEnd: (result: CopyResult, record: CopyRecord | null) => void;
};

export type CopyResult =
  | { readonly kind: "archived" }
  /** Attempted; the ledger has it as owed (or given up). */
  | { readonly kind: "failed"; readonly reply: string }
  /** Not attempted. */
  | { readonly kind: "later"; readonly until: Instant; readonly reason: string };
