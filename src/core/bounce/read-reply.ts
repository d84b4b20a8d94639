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
  ["connect", / (?:after initial connection|refused to talk to me|in reply to (?:banner|connect|greeting)) /],
];

type ReadReply = {
  readonly code: number | null;
  readonly enhanced: string | null;
  readonly stage: AnswerStage | null;
};

export function readReply(text: string): ReadReply {
  const head = /^\s*([2-5]\d\d)(?=[\s-]|$)/.exec(text);
  const inner = head ?? /(?:^|[\s:('"<])([45]\d\d)[\s-]#?[45]\.\d{1,3}\.\d{1,3}\b/.exec(text) ?? innerCode(text);
  const code = inner === null ? null : Number(inner[1]);
  return { code, enhanced: parseEnhanced(text), stage: readStage(text) };
}

/** The first `class.subject.detail` that is not part of an IP address or a version (RFC 3463 §2). */
function parseEnhanced(text: string): string | null {
  const match = /(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?!\.?\d)/.exec(text);
  return match ? `${match[1]}.${match[2]}.${match[3]}` : null;
}

/** A code without an enhanced one, where a server quotes another: `said: 550 no such user`, `with '550 no'`. */
function innerCode(text: string): RegExpExecArray | null {
  return /(?::\s{0,2}|['"])([45]\d\d)[\s-](?=[^\d\s])/.exec(text);
}

function readStage(text: string): AnswerStage | null {
  const words = ` ${splitWords(text).join(" ")} `;
  return STAGE_PHRASES.find(([, phrase]) => phrase.test(words))?.[0] ?? null;
}
