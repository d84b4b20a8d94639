/** The words between those who act on a mail that came in. */
import type { CompiledRules } from "../../core/bounce/qualify.ts";
import type { MessageKey, MessageStatus } from "../../core/delivery/status.ts";
import type { Envelope, InboundMail, InboundReading, RecipientReport } from "../../core/inbound/reading.ts";
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import type { NotedReply } from "../reply-texts/index.ts";
import type { Tracker } from "../tracking/index.ts";
import type { Done } from "./mail-store.ts";
import type { Reading } from "./read-inbound.ts";

export type InboundDeps = {
  readonly db: Db;
  readonly now: () => Instant;
  /** By which reports are judged. */
  readonly bounceRules: CompiledRules;
  readonly tracker: Pick<Tracker, "readTag" | "recogniseArchive" | "recordReaction">;
};

export type Handled =
  | { readonly kind: "unsubscribe"; readonly address: string; readonly messageKey: string }
  | {
      readonly kind: "final-word" | "bounce";
      readonly messageKey: string;
      readonly status: MessageStatus;
      readonly changed: boolean;
    }
  | { readonly kind: "copy-bounced"; readonly messageKey: string; readonly archiveId: string }
  | { readonly kind: "complaint"; readonly messageKey: string; readonly address: string; readonly changed: boolean }
  | { readonly kind: "other"; readonly why: OtherWhy };

export type OtherWhy = Extract<Reading, { kind: "other" }>["why"] | "bounce" | "message-unknown" | "archive" | "late";

/** What is known of a mail beside what was done: everything but who gets a copy of it. */
export type Noted = Omit<Done, "kind" | "format" | "forwardTo">;
export type Acted = {
  readonly answer: Handled;
  readonly noted: Noted;
  /** A person should look at it. */
  readonly isUnreadable: boolean;
  /** What servers said in it: noted when the mail is done. */
  readonly said?: readonly NotedReply[];
};

export const NOTHING: Omit<Noted, "outcome"> = { message: null, address: null, type: null, reason: null, rule: null };

/** Nothing was changed. */
export function told(why: OtherWhy, noted: Noted, isUnreadable = false): Acted {
  return { answer: { kind: "other", why }, noted, isUnreadable };
}

/** A mail taken apart. */
export type Opened = {
  readonly mail: InboundMail;
  readonly envelope: Envelope;
  readonly reading: InboundReading;
  readonly receivedAt: Instant;
};

/** What a mail says of the message whose signed tag it carries. Those of a batch are written down together. */
export type ReportStep = {
  readonly kind: "report";
  readonly opened: Opened;
  readonly key: MessageKey;
  /** Only what is said of the message's own recipient counts. */
  readonly mustName: boolean;
  /** What a report for machines says of each recipient. */
  readonly reports: readonly RecipientReport[];
};

/** `other`: by itself and at once; done twice it changes nothing. */
export type Step = ReportStep | { readonly kind: "other"; readonly act: () => Promise<Acted> };
