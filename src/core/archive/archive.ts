/** The words of the archive: where copies go, when, and what is recorded of them. */
import type { MessageKey } from "../delivery/status.ts";

/** `before`: the archive has the copy before the original leaves; `after`: only what the receiving server accepted is copied. */
export type CopyTiming = "before" | "after";

/** `exact`: the very bytes; `inert`: links and pixel of the copy count nothing, so it differs in its tokens and signatures. */
export type CopyKind = "exact" | "inert";

export type CopyState = "owed" | "archived" | "given-up";

export type ArchiveKind = "smtp" | "files" | "s3";

/** Of one delivery, frozen when it is confirmed. */
export type DeliveryArchive = {
  readonly timing: CopyTiming;
  /** With `before`: no message leaves unless its copies were accepted. */
  readonly strict: boolean;
  readonly copy: CopyKind;
  /** Ids of archives; each takes one copy of each message. */
  readonly archives: readonly number[];
};

/** What an archive takes copies of; an empty list: all. */
export type ArchiveRule = {
  /** ASCII domains of the sender address. */
  readonly senderDomains: readonly string[];
  readonly natures: readonly ("marketing" | "service")[];
  /** Only deliveries that name the archive. */
  readonly onlyNamed: boolean;
};

/** Key of a copy in the ledger. */
export type CopyKey = MessageKey & { readonly archive: number };
