/**
 * Codes and stage out of a reply that is only text, as in a log line or the diagnostic of a bounce. Cautious: what the text
 * does not say stays unknown. The SMTP client never needs this; it has a `Reply`.
 */
import type { AnswerStage } from "./rule.ts";
import { splitWords } from "./words.ts";

/** Phrases with which sending servers wrap a reply, by the command that was answered. */
const STAGE_PHRASES: readonly (readonly [AnswerStage, RegExp])[] = [
  ["dot", / (?:in reply to|after|sending) (?:pipelined |the )?(?:end of data|message body|final dot) /],
  ["data", / (?:in reply to|after) (?:pipelined )?data /],
  ["rcpt", / (?:in reply to|after|did not like our) (?:pipelined )?rcpt to /],
  ["mail", / (?:in reply to|after|did not like our) (?:pipelined )?mail from /],
  ["ehlo", / (?:in reply to|after|did not like our|performing the) (?:pipelined )?(?:ehlo|helo|lhlo|starttls|auth) /],
  ["mail", / (?:sender was rejected|does not like sender) /],
  ["rcpt", / does not like recipient /],
  [
    "connect",
    / (?:after initial connection|refused to talk to me|greeting failed|in reply to (?:banner|connect|greeting)) /,
  ],
];

/** Sendmail quotes the dialogue: `>>> RCPT To:<kim@example.com>` and `<<< 550 no such user`. */
const TRANSCRIPTS: readonly (readonly [AnswerStage, RegExp])[] = [
  ["dot", />>> \.(?:\s|$)/],
  ["data", />>> DATA\b/i],
  ["rcpt", />>> RCPT\b/i],
  ["mail", />>> MAIL\b/i],
  ["ehlo", />>> (?:EHLO|HELO|STARTTLS|AUTH)\b/i],
];

type ReadReply = {
  readonly code: number | null;
  readonly enhanced: string | null;
  readonly stage: AnswerStage | null;
};

export function readReply(text: string): ReadReply {
  // qmail writes underscores for blanks in its logs and in the diagnostics of its reports.
  const spaced = text.replaceAll("_", " ");
  const head = /^\s*(?:smtp;\s{0,2})?([2-5]\d\d)(?=[\s-]|$)/i.exec(spaced);
  const inner = head ?? /(?:^|[\s:;#('"<])([45]\d\d)[\s-]#?[45]\.\d{1,3}\.\d{1,3}\b/.exec(spaced) ?? innerCode(spaced);
  const code = inner === null ? null : Number(inner[1]);
  return { code, enhanced: parseEnhanced(text), stage: readStage(text, splitWords(text)) };
}

/** The first `class.subject.detail` that is not part of an IP address or a version (RFC 3463 §2). */
function parseEnhanced(text: string): string | null {
  const match = /(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?!\.?\d)/.exec(text);
  return match ? `${match[1]}.${match[2]}.${match[3]}` : null;
}

/** A code without an enhanced one, where a server quotes another: `said: 550 no such user`, `with '550 no'`. */
function innerCode(text: string): RegExpExecArray | null {
  return /(?:[:;]\s{0,2}|<<<\s{1,2}|['"])([45]\d\d)[\s-](?=[^\d\s])/.exec(text);
}

/** The command that a quoted reply answered, by the words around it. */
export function readStage(text: string, words: readonly string[]): AnswerStage | null {
  const spaced = ` ${words.join(" ")} `;
  const phrase = STAGE_PHRASES.find(([, pattern]) => pattern.test(spaced))?.[0];
  return phrase ?? TRANSCRIPTS.find(([, pattern]) => pattern.test(text))?.[0] ?? null;
}
