/**
 * What a received mail says of messages that were sent: the words in which every later answer is read, whoever wrote it.
 * Nothing here is believed yet: whose message it is decides its signed tag, what it means decide the rules for replies.
 */
import type { Answer } from "../bounce/verdict.ts";

export type Header = {
  /** Lower case. */
  readonly name: string;
  /** Unfolded, encoded words decoded (RFC 2047). */
  readonly value: string;
};

/** A leaf of the MIME tree, in the order of the mail; a mail inside a mail is one leaf and is not taken apart. */
export type MailPart = {
  /** Media type in lower case, without parameters. */
  readonly type: string;
  /** Decoded to text by its charset; lines end with LF. Cut at a bound that the reader states. */
  readonly text: string;
};

/** A mail after parsing. A mail that is no MIME has one part, `text/plain`. */
export type InboundMail = {
  readonly headers: readonly Header[];
  readonly parts: readonly MailPart[];
};

/** What the server that took the mail knows; null where it came through a pipe that does not say. */
export type Envelope = { readonly recipient: string | null; readonly returnPath: string | null };

/**
 * `bounce`: somebody gave up on a message. `delayed`: somebody still tries. `success`: it arrived, or went to a system that reports
 * no more. `complaint`: a recipient called it spam (RFC 5965). `auto-reply`: a program answered for a person (RFC 3834).
 * `unsubscribe`: a recipient asks to be left alone. `other`: everything else, which changes nothing.
 */
export type MailKind = "bounce" | "delayed" | "success" | "complaint" | "auto-reply" | "unsubscribe" | "other";

/** RFC 3464 §2.3.3. */
export type ReportAction = "failed" | "delayed" | "delivered" | "relayed" | "expanded";

export type RecipientReport = {
  /** Where it led at last, as the report writes it, without `<>`; null when it names nobody. */
  readonly address: string | null;
  /** Whom the message was addressed to, when the report says so and it differs (RFC 3461 ORCPT, a forwarding address). */
  readonly original: string | null;
  readonly action: ReportAction;
  /** The answer that it quotes, stage `async`; `text` in the words of the server that refused, one line. */
  readonly answer: Answer;
};

/** The message that a mail gives back or quotes, as far as its header can be read. */
export type Returned = {
  /** Message-ID without `<>`, as written. */
  readonly messageId: string | null;
  /** Unfolded; encoded words as they are: what is looked for in them is ASCII. */
  readonly headers: readonly Header[];
};

export type InboundReading = {
  readonly kind: MailKind;
  /**
   * For complaints one for each recipient named, action `failed`, answer text the feedback type: `isComplaintOfPerson` knows which
   * types are wishes of somebody. For auto-replies and unsubscriptions who wrote, action `delayed`. Empty for `other`.
   */
  readonly recipients: readonly RecipientReport[];
  /** RFC 3461 ENVID as given back, xtext decoded. */
  readonly envelopeId: string | null;
  readonly returned: Returned | null;
  /** Which way of reading it was, for logs and scores: `rfc3464`, `qmail`, `exim` …, `arf`, `jmrp`, `vacation`. */
  readonly format: string | null;
};
