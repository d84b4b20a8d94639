/** What a notice about delivery says when it brings no part for machines (RFC 3464), and what its readers share. */
import type { RecipientReport } from "../reading.ts";

export type NoticeKind = "bounce" | "delayed" | "success";

export type Notice = {
  /** Who writes like this: `qmail`, `exim` …; `generic` when it is nobody known. For logs and scores only. */
  readonly format: string;
  readonly kind: NoticeKind;
  /** Empty when it names nobody. */
  readonly reports: readonly RecipientReport[];
  /** Header of the message that it quotes or attaches, lines end with LF; "" when there is none. */
  readonly returned: string;
};

/** Longer notices are cut: what they say stands at their beginning, the rest is the message that comes back. */
export const MAX_CHARS = 100_000;
/** One notice names at most this many recipients; mailing servers split long before. */
export const MAX_RECIPIENTS = 500;
/** An answer is cut here: eight lines of a reply (RFC 5321 §4.5.3.1.5) and what stands around it. */
export const MAX_ANSWER = 2000;
