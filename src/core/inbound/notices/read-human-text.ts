/**
 * Reads the words of a notice whoever wrote it: finds the recipients by where their addresses stand, gives to each the lines that
 * belong to it, and in those the answer of the server that refused. Everything that is special to one program is only a hint.
 */
import type { Answer } from "../../bounce/verdict.ts";
import type { RecipientReport, ReportAction } from "../reading.ts";
import { findAddresses } from "./find-addresses.ts";
import { findMentions, type Mention, strongest } from "./find-recipients.ts";
import { readMachineFields } from "./machine-fields.ts";
import { MAX_CHARS, MAX_LINES, MAX_RECIPIENTS, type NoticeKind } from "./notice.ts";
import { findReply, oneLine, readAnswer } from "./read-answer.ts";
import { readTranscript, type Transcript } from "./read-transcript.ts";
import { splitOriginal } from "./split-original.ts";
import { phrasesOf } from "./phrases.ts";

export type HumanReading = {
  readonly reports: readonly RecipientReport[];
  /** How surely the recipients are named: in a list, a label or fields; somehow; not at all. */
  readonly isNamed: "surely" | "somehow" | "not";
  readonly returned: string;
};

/** `failed`: whom the notice names elsewhere (`X-Failed-Recipients`), for sure. `senders`: who cannot be meant. */
export type Known = {
  readonly failed?: readonly string[];
  readonly senders?: readonly string[];
  readonly kind?: NoticeKind;
};

/** The reports that the human part of any notice contains, in its order; also of a report whose part for machines is poor. */
export function readHumanText(text: string, senders: readonly string[] = []): RecipientReport[] {
  return [...readNoticeText(text, { senders }).reports];
}

export function linesOf(text: string): string[] {
  return text.slice(0, MAX_CHARS).replace(/\r\n?/g, "\n").split("\n", MAX_LINES);
}

export function readNoticeText(text: string, known: Known): HumanReading {
  const { notice, returned } = splitOriginal(linesOf(text));
  const action = actionOf(known.kind);
  const fields = readMachineFields(notice);
  if (fields.length > 0) return { reports: unique(fields), isNamed: "surely", returned };
  const transcript = readTranscript(notice);
  const senders = new Set((known.senders ?? []).map((address) => address.toLowerCase()));
  const mentions = findMentions(notice, senders);
  const leads = chooseRecipients(mentions, transcript, known.failed ?? [], senders);
  const blocks = leads.map((lead, i) => blockOf(notice, lead, leads[i + 1]));
  const own = leads.map((lead, i) => answerInBlock(blocks[i] ?? "", lead));
  const shared = sharedAnswers(own, blocks);
  const whole = wholeAnswer(notice);
  const reports = leads.map((lead, i): RecipientReport => {
    const answer =
      answerFor(lead, own[i] ?? null, notice, transcript) ?? shared[i] ?? answerBefore(lead, notice) ?? whole;
    return { address: lead.address, original: originalOf(blocks[i] ?? "", lead.address), action, answer };
  });
  const isSure = leads.some(({ strength }) => strength === "lead" || strength === "command");
  return { reports: unique(reports), isNamed: leads.length === 0 ? "not" : isSure ? "surely" : "somehow", returned };
}

export function actionOf(kind: NoticeKind | undefined): ReportAction {
  if (kind === "delayed") return "delayed";
  return kind === "success" ? "delivered" : "failed";
}

/** One mention for each recipient, in the order of the lines: the first that has an answer of its own next to it. */
function chooseRecipients(
  mentions: readonly Mention[],
  transcript: Transcript,
  failed: readonly string[],
  senders: ReadonlySet<string>,
): Mention[] {
  const wanted = new Set(failed.map((address) => address.toLowerCase()));
  const sure = mentions.filter(({ address }) => wanted.has(address.toLowerCase()));
  if (wanted.size > 0) return onePerAddress([...sure, ...failed.map((address) => mentionOf(address, -1))]);
  const named = transcript.named.filter((address) => !senders.has(address.toLowerCase()));
  const best = strongest(mentions);
  if (named.length > 0 && best[0]?.strength !== "lead")
    return onePerAddress(named.map((address) => mentionOf(address, -1)));
  return onePerAddress(best);
}

function mentionOf(address: string, line: number): Mention {
  return { address, strength: "command", line, rest: "" };
}

function onePerAddress(mentions: readonly Mention[]): Mention[] {
  const chosen = new Map<string, Mention>();
  for (const mention of mentions) {
    const key = mention.address.toLowerCase();
    const other = chosen.get(key);
    if (other === undefined || (other.rest === "" && mention.rest !== "" && mention.strength === other.strength)) {
      chosen.set(key, mention);
    }
  }
  return [...chosen.values()].sort((a, b) => a.line - b.line).slice(0, MAX_RECIPIENTS);
}

/** What stands behind the recipient up to the next one. */
function blockOf(lines: readonly string[], lead: Mention, next: Mention | undefined): string {
  if (lead.line < 0) return "";
  const end = next === undefined || next.line <= lead.line ? lines.length : next.line;
  return [lead.rest, ...lines.slice(lead.line + 1, Math.min(end, lead.line + 60))].join("\n");
}

function answerFor(lead: Mention, own: Answer | null, lines: readonly string[], transcript: Transcript): Answer | null {
  const said = transcript.replies.get(lead.address.toLowerCase());
  if (own !== null && own.code !== null) return { ...own, mx: own.mx ?? said?.mx ?? transcript.common?.mx ?? null };
  const dialogue = said ?? transcript.common;
  const spoken = dialogue === null ? null : readAnswer(dialogue.text, dialogue.mx);
  return spoken ?? (lead.line < 0 ? null : answerInLine(lines[lead.line] ?? "", lead)) ?? own;
}

/** The first paragraph with a reply, else the first that says more than every notice does. */
function answerInBlock(block: string, lead: Mention): Answer | null {
  const paragraphs = block.split(/\n[ \t]*\n/, 12).filter((paragraph) => paragraph.trim() !== "");
  const isDirect = block.trimStart() === block || /^[ \t]*\n?[ \t]*\S/.test(block);
  for (const [i, paragraph] of paragraphs.entries()) {
    if (findReply(paragraph) !== null)
      return readAnswer(paragraphs.slice(i).join("\n\n"), hostIn(paragraphs.slice(0, i)));
  }
  const telling = paragraphs.find((paragraph) => isTelling(paragraph, lead.address));
  if (telling !== undefined) return readAnswer(telling);
  return isDirect && paragraphs.length > 0 && lead.rest !== "" ? readAnswer(paragraphs[0] ?? "") : null;
}

function hostIn(paragraphs: readonly string[]): string | null {
  return paragraphs.length === 0 ? null : (readAnswer(paragraphs.join("\n"))?.mx ?? null);
}

/** Says why, not only that. */
function isTelling(paragraph: string, address: string): boolean {
  const text = oneLine(paragraph.replaceAll(address, ""));
  if (!/\p{L}{2}/u.test(text)) return false;
  const phrases = phrasesOf(text);
  return !phrases.has("boiler") && !phrases.has("contact") && !phrases.has("intro");
}

/** The line may say it before the address: `550 no such user <ada@one.example>`, `Mailbox full: ada@one.example`. */
function answerInLine(line: string, lead: Mention): Answer | null {
  if (findReply(line) !== null) return readAnswer(line);
  const text = oneLine(line.replaceAll(lead.address, ""));
  return splitsInto(text) && isTelling(line, lead.address) && lead.strength !== "lead" ? readAnswer(line) : null;
}

function splitsInto(text: string): boolean {
  return (text.match(/\p{L}{2,}/gu) ?? []).length >= 3;
}

/** Recipients in a row share what stands behind the last of them. */
function sharedAnswers(own: readonly (Answer | null)[], blocks: readonly string[]): (Answer | null)[] {
  const shared: (Answer | null)[] = [];
  let below: Answer | null = null;
  for (let i = blocks.length - 1; i >= 0; i--) {
    below = own[i] ?? ((blocks[i] ?? "").trim() === "" ? below : null);
    shared[i] = below;
  }
  return shared;
}

/** Some say first why and then for whom. */
function answerBefore(lead: Mention, lines: readonly string[]): Answer | null {
  const before: string[] = [];
  for (let i = lead.line - 1; i >= 0 && before.length < 12; i--) before.unshift(lines[i] ?? "");
  const paragraphs = before
    .join("\n")
    .split(/\n[ \t]*\n/)
    .filter((each) => each.trim() !== "");
  const withReply = paragraphs.findLast((paragraph) => findReply(paragraph) !== null);
  const telling = withReply ?? paragraphs.findLast((each) => isTelling(each, lead.address) && !/^\W*$/.test(each));
  return telling === undefined ? null : readAnswer(telling);
}

/** Nothing belongs to anybody: the first reply of the whole notice, or all of its words. */
function wholeAnswer(lines: readonly string[]): Answer {
  const text = lines.join("\n");
  return readAnswer(text) ?? { stage: "async", code: null, enhanced: null, text: "", mx: null };
}

/** `(expanded from: <list@one.example>)`, `(generated from ada@two.example)`. */
function originalOf(block: string, address: string): string | null {
  const match = /\b(?:expanded|generated|forwarded|redirected|aliased|derived) from:?\s/i.exec(block.slice(0, 2000));
  if (match === null) return null;
  const found = findAddresses(block.slice(match.index, match.index + 400))[0]?.address ?? null;
  return found !== null && found.toLowerCase() !== address.toLowerCase() ? found : null;
}

function unique(reports: readonly RecipientReport[]): RecipientReport[] {
  const seen = new Map<string, RecipientReport>();
  for (const report of reports) {
    const key = (report.address ?? "").toLowerCase();
    if (!seen.has(key)) seen.set(key, report);
  }
  return [...seen.values()];
}
