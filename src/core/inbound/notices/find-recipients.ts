/**
 * Which addresses of a notice are the recipients that it is about. Each place where an address stands gets a strength by its
 * surroundings; only the strongest kind that occurs is believed: a line of its own in a list says more than a sentence, a sentence
 * more than a reply that names somebody.
 */
import { splitWords } from "../../bounce/words.ts";
import { type FoundAddress, findAddresses } from "./find-addresses.ts";
import * as words from "./label-words.ts";
import { MAX_RECIPIENTS } from "./notice.ts";
import { phrasesOf } from "./phrases.ts";
import { findReply } from "./read-answer.ts";

/** `lead`: begins a line or stands behind a label. `command`: in `RCPT TO:<…>`. `said`: in a sentence about the failure. `quoted`: in a reply. */
export type Strength = "lead" | "command" | "said" | "quoted" | "other";
const ORDER: readonly Strength[] = ["lead", "command", "said", "quoted", "other"];

export type Mention = {
  readonly address: string;
  readonly strength: Strength;
  readonly line: number;
  /** What stands behind it in its line. */
  readonly rest: string;
};

/** A line that names more is a list of people, no word about one of them. */
const MAX_IN_LINE = 10;
const MAX_MENTIONS = 2 * MAX_RECIPIENTS;

/** `senders` in lower case: they are never meant where a better mention exists. */
export function findMentions(lines: readonly string[], senders: ReadonlySet<string>): Mention[] {
  const mentions: Mention[] = [];
  let paragraph = "";
  let above = "";
  let column = -1;
  for (const [number, line] of lines.entries()) {
    if (line.trim() === "") {
      if (paragraph.trim() !== "") above = paragraph;
      paragraph = "";
      column = -1;
    }
    const found = line.includes("@") ? mentionsInLine(line, number, { paragraph, above }, column, senders) : [];
    if (found[0]?.strength === "lead") column = line.indexOf(found[0].address);
    mentions.push(...found);
    // "Please try …" in a quoted reply leads to nobody.
    paragraph = findReply(line) === null ? `${paragraph} ${line.trim()}`.slice(-400) : "";
    if (mentions.length > MAX_MENTIONS) break;
  }
  return mentions;
}

/** What stands before a line: in its paragraph, and in the one above. */
type Before = { readonly paragraph: string; readonly above: string };

/** `column`: where the last recipient of the list stands; below it every line is one, whatever the line before ends with. */
function mentionsInLine(
  line: string,
  number: number,
  before: Before,
  column: number,
  senders: ReadonlySet<string>,
): Mention[] {
  const mentions: Mention[] = [];
  let leadEnds = -1;
  for (const found of findAddresses(line).slice(0, MAX_IN_LINE)) {
    const alone = strengthOf(line, found, before, senders);
    if (alone === null) continue;
    const follows = leadEnds >= 0 && SEPARATOR.test(line.slice(leadEnds, found.start));
    const strength = follows || (alone === "said" && found.start === column) ? "lead" : alone;
    if (strength === "lead") leadEnds = found.end;
    mentions.push({ address: found.address, strength, line: number, rest: restOf(line, found) });
  }
  return mentions;
}

/** Between recipients in one line. */
const SEPARATOR = /^[\s,;<>"'()]{1,8}(?:and|und|et|y|e|en)?[\s<"']{0,3}$/;

/** The mentions of the strongest kind. */
export function strongest(mentions: readonly Mention[]): Mention[] {
  for (const strength of ORDER) {
    const best = mentions.filter((mention) => mention.strength === strength);
    if (best.length > 0) return best;
  }
  return [];
}

function restOf(line: string, found: FoundAddress): string {
  return line.slice(found.end).replace(/^["'>)\]\s]{0,4}(?:\.{3}|[:;,.=-](?!\d))?["'>)\]]{0,2}\s*/, "");
}

function strengthOf(line: string, found: FoundAddress, text: Before, senders: ReadonlySet<string>): Strength | null {
  const before = text.paragraph;
  const head = line.slice(0, found.start);
  const tail = line.slice(found.end);
  if (/(?:expanded|generated|forwarded|redirected|aliased|derived) from:? ?<?$/i.test(head.trimEnd())) return null;
  if (/https?:\/\/\S*$/i.test(head) || /message-id\s?[:=]?\s?<?$/i.test(head)) return null;
  if (/\b(?:mail\s+from|from|sender|return-path|reply-to)\s?[:=]\s?[<"']?$/i.test(head)) return null;
  const isSender = senders.has(found.address.toLowerCase());
  const local = found.address.slice(0, found.address.lastIndexOf("@")).toLowerCase();
  const isRole = words.ROLES.has(local) || /-(?:owner|request|admin|bounces)$/.test(local);
  const strength = strengthByPlace(line, head, tail, before);
  if (strength === null || strength === "lead")
    return isSender && strength === "lead"
      ? "other"
      : demoted(strength, isRole, before.trim() === "" ? text.above : before);
  return isSender || isRole ? null : strength;
}

/** A help desk's address may stand in a line of its own too. */
function demoted(strength: Strength | null, isRole: boolean, before: string): Strength | null {
  if (strength === null || !isRole) return strength;
  return phrasesOf(before.slice(-200)).has("contact") ? null : "said";
}

function strengthByPlace(line: string, head: string, tail: string, before: string): Strength | null {
  const opening = head.replace(/^[\s>*•·|#–-]{0,12}(?:\d{1,3}[.)]\s)?/, "").replace(/[<"'([„“]{1,2}$/, "");
  if (opening === "" || /^(?:smtp|mailto|rfc822|internet) ?[:;]? ?<?$/i.test(opening)) return leadByTail(tail, before);
  if (/(?:rcpt\s+to|rcpt)\s?:\s?<?$/i.test(head)) return "command";
  const label = labelOf(opening);
  if (label === "summary") return "said";
  if (label !== null) return label === "recipient" ? "lead" : null;
  return inSentence(line, head, before);
}

/** An address at the beginning of a line leads its answer, unless the line only goes on with the sentence before. */
function leadByTail(tail: string, before: string): Strength | null {
  const rest = tail.replace(/^["'>)\]]{1,2}/, "").trimStart();
  if (/^(?:wrote|writes|schrieb|a écrit|escribió|ha scritto)\b/i.test(rest)) return null;
  if (rest === "") return isNamedForHelp(before) ? null : "lead";
  const isCut = before !== "" && !/[:.!?)\]>=_*#-]\s*$/.test(before) && !before.trimEnd().endsWith("：");
  const goesOn = isCut ? sentenceStrength(before) : "lead";
  if (goesOn !== "lead") return goesOn;
  if (rest === "" || /^(?:[:;,.([=<-]|\.{3}|on\b)/.test(rest)) {
    return phrasesOf(before.slice(-160)).has("contact") && !saysFailed(before) ? null : "lead";
  }
  return saysFailed(rest) || findReply(rest) !== null || /^\s{2,}|\t/.test(tail) ? "lead" : "said";
}

/** `please write to` at the end of the line before. */
function isNamedForHelp(before: string): boolean {
  const said = phrasesOf(before.slice(-160));
  return said.has("contact") && !said.has("failed") && !said.has("delayed") && !said.has("intro");
}

/** The sentence so far leads to a recipient, to somebody else, or is a list that goes on. */
function sentenceStrength(before: string): Strength | null {
  const last = splitWords(before.slice(-60)).at(-1) ?? "";
  const said = phrasesOf(before);
  if (words.BEFORE_OTHERS.has(last)) return null;
  if (words.BEFORE_RECIPIENT.has(last)) return saysFailed(before) ? "lead" : said.has("contact") ? null : "said";
  return said.has("contact") && !said.has("failed") ? null : "lead";
}

/** `summary`: the `To:` of the message, as notices repeat it; it may name more recipients than those that failed. */
function labelOf(opening: string): "recipient" | "summary" | "sender" | null {
  const label =
    /^([^:：=@]{1,60})[:：=]\s{0,20}(?:["'][^"'@]{0,60}["']\s{0,3})?(?:[^<@:]{0,60}<)?(?:(?:smtp|rfc822|mailto) ?[:;] ?<?)?$/i.exec(
      opening,
    )?.[1];
  if (label === undefined) return null;
  if (words.SENDER_SIGNS.test(label)) return "sender";
  if (words.RECIPIENT_SIGNS.test(label)) return "recipient";
  const parts = splitWords(label);
  if (parts.length === 0 || parts.length > 6) return null;
  const isMailbox = parts.some((word) => words.MAILBOX.has(word));
  const isKnown = parts.every(
    (word) => words.RECIPIENT.has(word) || words.MAILBOX.has(word) || words.QUALIFIER.has(word),
  );
  if (parts.length === 1 && words.SUMMARY.has(parts[0] ?? "")) return "summary";
  if (parts.some((word) => words.RECIPIENT.has(word)) && isKnown) return "recipient";
  const isOther = parts.some((word) => words.SENDER.has(word));
  if (
    isOther &&
    (parts.length <= 2 ||
      parts.every((word) => words.SENDER.has(word) || words.QUALIFIER.has(word) || words.MAILBOX.has(word)))
  )
    return "sender";
  return isMailbox && isKnown ? "recipient" : null;
}

function inSentence(line: string, head: string, before: string): Strength | null {
  const lead = `${before} ${head}`.slice(-300);
  const parts = splitWords(lead.slice(-60));
  const last = parts.at(-1) ?? "";
  if (words.BEFORE_OTHERS.has(last)) return null;
  const reply = findReply(line);
  if (reply !== null && reply.at < head.length) return "quoted";
  const said = phrasesOf(`${before.slice(-200)} ${line}`);
  if (said.has("failed") || said.has("delayed") || said.has("final") || said.has("success")) {
    if (words.BEFORE_RECIPIENT.has(last)) return "said";
    return said.has("contact") ? null : "said";
  }
  if (said.has("contact")) return null;
  return words.BEFORE_RECIPIENT.has(last) ? "said" : "other";
}

function saysFailed(text: string): boolean {
  const said = phrasesOf(text);
  return said.has("failed") || said.has("delayed") || said.has("final") || said.has("intro");
}
