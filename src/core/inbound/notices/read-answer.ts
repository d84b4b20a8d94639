/**
 * The answer that a piece of a notice quotes: where the reply of the refusing server begins and ends in it, its codes, and which
 * host gave it. Without a reply the notice's own words are the answer.
 */
import { replaceAddresses } from "../../bounce/words.ts";
import { readReply } from "../../bounce/read-reply.ts";
import type { Answer } from "../../bounce/verdict.ts";
import { MAX_ANSWER } from "./notice.ts";
import { phrasesOf } from "./phrases.ts";

type FoundReply = { readonly at: number; readonly code: number };

/** A code that begins a line or comes after what introduces it: `said: 550 …`, `(550 …`, `smtp;550 …`, `[550 5.1.1`, `'550-`. */
const INTRODUCED =
  /(?:^[ \t>*•-]{0,12}|[:;,('"[<>=#|»„：]\s{0,8}|\b(?:said|error|code|reply|response|returned|status|with|fehler|erreur|reason|was|message)\s{1,3}[:=]?\s{0,3})([45][0-7]\d)(?=[\s\-:;,.#)\]]|$)/im;
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
  return !/(?:\bport|:25|\bline|\bsize|\blimit|\bid|\bqueue|\bip)\s{0,2}[:=]?\s{0,2}$/i.test(
    text.slice(Math.max(0, at - 8), at),
  );
}

/** What programs say of the command that was answered, before they quote the answer; others say it as `readReply` knows. */
const STAGES: readonly (readonly [Answer["stage"], RegExp])[] = [
  ["rcpt", /does not like recipient|rejected (?:the )?recipient|\brcpt (?:to )?command|rcpt to:/i],
  ["dot", /after i sent the message|\b(?:text|dot) command|(?:end|rest) of data|message body/i],
  ["mail", /sender was rejected|\bmail (?:from )?command|mail from:/i],
  ["ehlo", /\b(?:ehlo|helo|starttls) (?:command|failed)|tls negotiation/i],
  ["connect", /greeting failed|initial connection|refused to talk/i],
];

function stageOf(text: string, at: number): Answer["stage"] | null {
  const before = text.slice(Math.max(0, at - 400), at);
  return (
    readReply(before).stage ??
    STAGES.find(([, said]) => said.test(before))?.[0] ??
    readReply(text.slice(at, at + 1000)).stage
  );
}

/** Reads one block of lines. `stage` is `async` where nothing says which command was answered. */
export function readAnswer(block: string, mx: string | null = null): Answer | null {
  const text = withoutRules(block.slice(0, 4 * MAX_ANSWER));
  const reply = findReply(text);
  const words = reply === null ? ownWords(text) : oneLine(replyFrom(text.slice(reply.at)));
  if (words === "" || !/[\p{L}\d]/u.test(words)) return null;
  const read = readReply(words);
  return {
    stage: stageOf(text, reply?.at ?? text.length) ?? "async",
    code: reply?.code ?? null,
    enhanced: read.enhanced ?? readReply(text).enhanced ?? null,
    text: words,
    mx: findHost(reply === null ? text : text.slice(0, reply.at)) ?? mx,
  };
}

const SUMMARY_FIELD =
  /^[ \t>]{0,12}(?:(?:mail |original )?(?:from|to|cc|subject|date|sent|created date|message-id|sender(?: address)?)|betreff|gesendet am|von|an|absender|objet|envoyé|de|date d'envoi|expéditeur|asunto|fecha|remitente|oggetto|mittente|data|assunto|remetente|enviado|onderwerp|verzonden|afzender|тема|дата|отправитель|temat|nadawca) ?: .*$/gim;

/** `--- The error was ---` begins something, `Subject: …` is of the message; they are no part of an answer. */
export function withoutRules(text: string): string {
  return text.replace(/^[ \t]*\|?[-=*_#~+]{3,}.*$/gm, "").replace(SUMMARY_FIELD, "");
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
  return kept.join(" ").replace(/>?\s{0,3}#SMTP#.*$/, "");
}

/** What programs write behind the reply they quote. */
function isAfterReply(line: string): boolean {
  return (
    /^(?:giving up on|i'm not going to try|>>>|<<<|\.\.\. while|-{3,}|={3,}|_{3,}|\*{3,}|\[?message body|this is a permanent error|no further)/i.test(
      line,
    ) ||
    /^(?:remote (?:system|mta)|last-attempt-date|remote-mta|final-log-id|reporting-mta|action|status|original message|x-\w+|diagnostic-code) ?:/i.test(
      line,
    )
  );
}

export function oneLine(text: string): string {
  return text
    .replace(/\s+/g, " ")
    .trim()
    .replace(/^["'([<{}\])>:;,.\s-]+(?=[\p{L}\d])/u, "")
    .slice(0, MAX_ANSWER)
    .replace(/[\]>]{1,3}$/, "")
    .replace(/^([^"]*)"$|^([^']*)'$/, "$1$2")
    .replace(/^([^(]*)\)$/, "$1")
    .trim();
}

/** How much a piece of text tells: 3 a reply, 2 why, 1 something, less that it failed or what every notice says. */
export function worthOf(text: string): number {
  if (findReply(text) !== null) return 3;
  if (!/\p{L}{2}/u.test(text)) return 0;
  if (/(?<![\d.])[45]\.\d{1,3}\.\d{1,3}(?![\d.])/.test(text)) return 2;
  return Math.max(0, ...sentencesOf(text).map(worthOfSentence));
}

function worthOfSentence(sentence: string): number {
  if (!/\p{L}{2}/u.test(replaceAddresses(sentence, ""))) return 0;
  const said = phrasesOf(sentence);
  if (said.has("contact") && !said.has("failed")) return said.has("reason") && !sentence.includes("@") ? 1 : 0;
  const isHeading = /[:：]-?$/.test(sentence);
  if (said.has("reason") && !(isHeading && sentence.length < 30)) return 2;
  if (isHeading || said.has("intro") || said.has("boiler")) return 0;
  return said.has("failed") || said.has("delayed") ? 0.5 : 1;
}

/** The sentences that tell most, in their order; when none tells anything they all have to do. */
function ownWords(text: string): string {
  const sentences = sentencesOf(text);
  const worth = sentences.map(worthOfSentence);
  const least = Math.min(1, Math.max(0, ...worth));
  return sentences
    .filter((_, i) => (worth[i] ?? 0) >= least)
    .join(" ")
    .slice(0, MAX_ANSWER);
}

function sentencesOf(text: string): string[] {
  return text
    .slice(0, 2 * MAX_ANSWER)
    .split(/\n\s*\n|(?<=[.!?])\s+(?=["'(<[*-]?[\p{Lu}\p{Lo}])|(?<=[。！？])|(?<=[:：.])[ \t]*\n/u)
    .map(oneLine)
    .filter((sentence) => /[\p{L}\d]/u.test(sentence));
}

const HOST = String.raw`(?<![\w.-])([A-Za-z0-9_][A-Za-z0-9_-]{0,62}(?:\.[A-Za-z0-9_][A-Za-z0-9_-]{0,62}){1,9})`;
const HOST_BEFORE_IP = new RegExp(String.raw`${HOST}\.?\s{0,2}[[(](?:\d{1,3}\.){3}\d{1,3}[\])]`, "g");
/** Exchange: `mx.one.example #<mx.one.example #5.1.1 smtp;550 …>`. */
const HOST_BEFORE_STATUS = new RegExp(String.raw`${HOST} ?#`, "g");
const NAMED_HOST = new RegExp(
  String.raw`\b(?:while talking to|host(?:name)?|(?:the|smtp|mail|remote) server|mx|remote-mta: ?dns;|connect(?:ed|ing)? to|remote host) ?[:=]? ?[<"'([]?${HOST}`,
  "gi",
);

/** The last one named before the reply. */
export function findHost(text: string): string | null {
  const near = text.slice(-1500);
  const host =
    [...near.matchAll(HOST_BEFORE_IP)].at(-1)?.[1] ??
    [...near.matchAll(HOST_BEFORE_STATUS)].at(-1)?.[1] ??
    [...near.matchAll(NAMED_HOST)].at(-1)?.[1];
  if (host === undefined || /^[\d.]+$/.test(host) || near.includes(`@${host}`)) return null;
  return host.toLowerCase();
}
