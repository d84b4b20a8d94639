/**
 * The answer that a piece of a notice quotes: where the reply of the refusing server begins and ends in it, its codes, and which
 * host gave it. Without a reply the notice's own words are the answer.
 */
import { readReply } from "../../bounce/read-reply.ts";
import type { Answer } from "../../bounce/verdict.ts";
import { MAX_ANSWER } from "./notice.ts";
import { phrasesOf } from "./phrases.ts";

type FoundReply = { readonly at: number; readonly code: number };

/** A code that begins a line or comes after what introduces it: `said: 550 …`, `(550 …`, `smtp;550 …`, `[550 5.1.1`, `'550-`. */
const INTRODUCED =
  /(?:^[ \t]*|[:;('"[<>=#|»„]\s{0,3}|\b(?:said|error|code|reply|response|returned|status|with|fehler|erreur|reason|was|message)\s{1,3}[:=]?\s{0,3})([45][0-7]\d)(?=[\s\-:;,.#)\]]|$)/im;
/** With the enhanced code behind it a code needs no introduction. */
const WITH_ENHANCED = /(?<![\d.])([45][0-7]\d)[ \-:]{1,3}[#(]{0,2}[45]\.\d{1,3}\.\d{1,3}\b/;

export function findReply(text: string): FoundReply | null {
  const introduced = firstPlausible(text);
  const sure = WITH_ENHANCED.exec(text);
  const at = sure === null ? null : { at: sure.index, code: Number(sure[1]) };
  if (at === null || introduced === null) return at ?? introduced;
  return at.at <= introduced.at + 4 ? at : introduced;
}

function firstPlausible(text: string): FoundReply | null {
  const pattern = new RegExp(INTRODUCED.source, "gim");
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const at = match.index + match[0].length - (match[1] ?? "").length;
    if (isPlausible(text, at)) return { at, code: Number(match[1]) };
  }
  return null;
}

/** Not `:450 seconds`, `[550.1.2.3]`, `size: 500 KB`: a reply goes on with words, an enhanced code or an address, or is alone. */
function isPlausible(text: string, at: number): boolean {
  const rest = text.slice(at + 3, at + 43);
  if (
    /^\s{1,3}(?:seconds?|minutes?|hours?|days?|bytes|[kmg]b\b|messages|recipients|times|sekunden|secondes|jours|tage|von|of|to)\b/i.test(
      rest,
    )
  )
    return false;
  if (/^\.\d/.test(rest) || /^[:-]\d{1,2}\b(?!\.\d)/.test(rest)) return false;
  return !/(?:port|:25|line|size|limit|id|queue|ip)\s{0,2}[:=]?\s{0,2}$/i.test(text.slice(Math.max(0, at - 8), at));
}

/** Reads one block of lines. `stage` is always `async`: that a dialogue failed is known from its report only. */
export function readAnswer(block: string, mx: string | null = null): Answer | null {
  const text = block.slice(0, 4 * MAX_ANSWER);
  const reply = findReply(text);
  const words = reply === null ? ownWords(text) : oneLine(replyFrom(text.slice(reply.at)));
  if (words === "" || !/[\p{L}\d]/u.test(words)) return null;
  const read = readReply(words);
  return {
    stage: "async",
    code: reply?.code ?? read.code ?? null,
    enhanced: read.enhanced ?? readReply(text).enhanced ?? null,
    text: words,
    mx: findHost(reply === null ? text : text.slice(0, reply.at)) ?? mx,
  };
}

/** To the end of the paragraph; `550-…` goes on over blank lines up to the line that begins `550 `. */
function replyFrom(text: string): string {
  const lines = text.split("\n");
  const code = text.slice(0, 3);
  const kept: string[] = [];
  let isOpen = false;
  for (const [i, line] of lines.entries()) {
    const trimmed = line.trim();
    if (trimmed === "" && !isOpen) break;
    if (i > 0 && isAfterReply(trimmed)) break;
    if (trimmed !== "") kept.push(trimmed);
    if (trimmed.startsWith(`${code}-`)) isOpen = true;
    else if (trimmed.startsWith(code)) isOpen = false;
  }
  return kept.join(" ");
}

/** What programs write behind the reply they quote. */
function isAfterReply(line: string): boolean {
  return (
    /^(?:giving up on|i'm not going to try|>>>|<<<|\.\.\. while|-{3,}|={3,}|_{3,}|\*{3,}|\[?message body|this is a permanent error|no further)/i.test(
      line,
    ) ||
    /^(?:last-attempt-date|remote-mta|final-log-id|reporting-mta|action|status|original message|x-\w+|diagnostic-code) ?:/i.test(
      line,
    )
  );
}

export function oneLine(text: string): string {
  return text
    .replace(/\s+/g, " ")
    .trim()
    .replace(/^["'([<]+(?=[\p{L}\d])/u, "")
    .slice(0, MAX_ANSWER)
    .replace(/["'\]>]{1,3}$/, "")
    .replace(/^([^(]*)\)$/, "$1")
    .trim();
}

/** Sentences that every notice has say nothing about this message; when nothing else is there they have to do. */
function ownWords(text: string): string {
  const sentences = text
    .split(/\n\s*\n|(?<=[.!?。！？])\s+/)
    .map(oneLine)
    .filter((sentence) => /[\p{L}\d]/u.test(sentence));
  const telling = sentences.filter((sentence) => !isEmptyTalk(sentence));
  return (telling.length > 0 ? telling : sentences.slice(0, 3)).join(" ").slice(0, MAX_ANSWER);
}

function isEmptyTalk(sentence: string): boolean {
  const phrases = phrasesOf(sentence);
  return phrases.has("boiler") || phrases.has("contact") || phrases.has("intro");
}

const HOST = String.raw`([A-Za-z0-9_][A-Za-z0-9_-]{0,62}(?:\.[A-Za-z0-9_][A-Za-z0-9_-]{0,62}){1,9})`;
const HOST_BEFORE_IP = new RegExp(String.raw`${HOST}\.?\s{0,2}[[(](?:\d{1,3}\.){3}\d{1,3}[\])]`, "g");
const NAMED_HOST = new RegExp(
  String.raw`\b(?:while talking to|host(?:name)?|server|mx|remote-mta: ?dns;|connect(?:ed|ing)? to|remote (?:host|server)|by|from|at|serveur|servidor|von|hosts?) ?[:=]? ?[<"'([]?${HOST}`,
  "gi",
);

/** The last one named before the reply. */
export function findHost(text: string): string | null {
  const near = text.slice(-1500);
  const host = [...near.matchAll(HOST_BEFORE_IP)].at(-1)?.[1] ?? [...near.matchAll(NAMED_HOST)].at(-1)?.[1];
  if (host === undefined || /^[\d.]+$/.test(host) || near.includes(`@${host}`)) return null;
  return host.toLowerCase();
}
