/**
 * Reads the words of a notice whoever wrote it: finds the recipients by where their addresses stand, gives to each the lines that
 * belong to it, and in those the answer of the server that refused. Everything that is special to one program is only a hint.
 */
import type { Answer } from "../../bounce/verdict.ts";
import type { RecipientReport, ReportAction } from "../reading.ts";
import { findAddresses } from "./find-addresses.ts";
import { findMentions, type Mention, strongest } from "./find-recipients.ts";
import { readMachineFields } from "./machine-fields.ts";
import { linesOf } from "./lines.ts";
import { MAX_RECIPIENTS, type NoticeKind } from "./notice.ts";
import { findHost, readAnswer, withoutRules, worthOf } from "./read-answer.ts";
import { readTranscript, type Transcript } from "./read-transcript.ts";
import { splitOriginal } from "./split-original.ts";

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

export function readNoticeText(text: string, known: Known): HumanReading {
  const { notice, returned } = splitOriginal(linesOf(text));
  const action = actionOf(known.kind);
  const fields = readMachineFields(notice);
  if (fields.length > 0) return { reports: fields, isNamed: "surely", returned };
  const transcript = readTranscript(notice);
  const senders = new Set((known.senders ?? []).map((address) => address.toLowerCase()));
  const mentions = findMentions(notice, senders);
  const leads = chooseRecipients(mentions, transcript, known.failed ?? [], senders);
  const places = leads.map(({ mentions: own }) => own).flat();
  const isDialogueRead = transcript.common !== null || transcript.replies.size > 0;
  const byPlace = answersByPlace(places, notice, isDialogueRead);
  const whole = wholeAnswer(notice);
  const reports = leads.map((lead): RecipientReport => {
    const found = lead.mentions.map((mention) => byPlace.get(mention)).filter((each) => each !== undefined);
    const said = transcript.replies.get(lead.address.toLowerCase()) ?? transcript.common;
    const spoken = said === null ? null : readAnswer(said.text, said.mx);
    const near = [
      ...found.flatMap(({ near }) => near[0] ?? []),
      ...(spoken === null ? [] : [spoken]),
      ...found.flatMap(({ near }) => near.slice(1)),
    ];
    const answer =
      bestAnswer(
        near,
        found.flatMap(({ before }) => before ?? []),
      ) ?? whole;
    const original = found.map(({ block }) => originalOf(block, lead.address)).find((each) => each !== null) ?? null;
    return { address: lead.address, original, action, answer };
  });
  const isSure = leads.some(({ mentions: [first] }) => first?.strength === "lead" || first?.strength === "command");
  return { reports, isNamed: leads.length === 0 ? "not" : isSure ? "surely" : "somehow", returned };
}

/** What is told most; of equals the first. What stands before the recipient counts when nothing behind says why. */
function bestAnswer(behind: readonly Answer[], before: readonly Answer[]): Answer | null {
  const ranked = (answers: readonly Answer[]) =>
    answers
      .map((answer) => ({ answer, worth: answer.code === null ? worthOf(answer.text) : 3 }))
      .sort((a, b) => b.worth - a.worth);
  const [first] = ranked(behind);
  const [best] = first !== undefined && first.worth >= 2 ? [first] : ranked([...behind, ...before]);
  if (best === undefined) return null;
  const same = [...behind, ...before].find(({ code, mx }) => code === best.answer.code && mx !== null);
  return { ...best.answer, mx: best.answer.mx ?? same?.mx ?? null };
}

export function actionOf(kind: NoticeKind | undefined): ReportAction {
  if (kind === "delayed") return "delayed";
  return kind === "success" ? "delivered" : "failed";
}

type Lead = { readonly address: string; readonly mentions: readonly Mention[] };

/** The recipients in the order of the lines, each with the places where it stands that way. */
function chooseRecipients(
  mentions: readonly Mention[],
  transcript: Transcript,
  failed: readonly string[],
  senders: ReadonlySet<string>,
): Lead[] {
  if (failed.length > 0) return byAddress([...mentions, ...failed.map(namedElsewhere)], new Set(failed.map(lower)));
  const named = transcript.named.filter((address) => !senders.has(lower(address)));
  const best = strongest(mentions);
  if (named.length > 0 && best[0]?.strength !== "lead") return byAddress(named.map(namedElsewhere), null);
  return byAddress(best, null);
}

function byAddress(mentions: readonly Mention[], wanted: ReadonlySet<string> | null): Lead[] {
  const leads = new Map<string, { address: string; mentions: Mention[] }>();
  for (const mention of mentions) {
    const key = lower(mention.address);
    if (wanted !== null && !wanted.has(key)) continue;
    const known = leads.get(key);
    if (known === undefined) {
      if (leads.size < MAX_RECIPIENTS) leads.set(key, { address: mention.address, mentions: [mention] });
    } else if (known.mentions.length < 8 && mention.line >= 0) known.mentions.push(mention);
  }
  return [...leads.values()];
}

function namedElsewhere(address: string): Mention {
  return { address, strength: "command", line: -1, rest: "" };
}

function lower(address: string): string {
  return address.toLowerCase();
}

/** `near`: right behind the recipient or, where nothing is there, shared with the next one; further behind; in the same line. */
type Place = { readonly block: string; readonly near: readonly Answer[]; readonly before: Answer | null };

function answersByPlace(
  mentions: readonly Mention[],
  lines: readonly string[],
  isDialogueRead: boolean,
): ReadonlyMap<Mention, Place> {
  const sorted = mentions.filter(({ line }) => line >= 0).sort((a, b) => a.line - b.line);
  const places = new Map<Mention, Place>();
  let below: readonly Answer[] = [];
  let next: Mention | undefined;
  for (let i = sorted.length - 1; i >= 0; i--) {
    const mention = sorted[i];
    if (mention === undefined) continue;
    if (sorted[i + 1] !== undefined && sorted[i + 1]?.address !== mention.address) next = sorted[i + 1];
    const block = blockOf(lines, mention, next, isDialogueRead);
    if (block.trim() !== "") below = answersInBlock(block, mention);
    const line = answerInLine(lines[mention.line] ?? "", mention);
    const previous = sorted[i - 1]?.address === mention.address ? sorted[i - 2] : sorted[i - 1];
    const isOpen = previous === undefined || block.trim() === "";
    const before = isOpen ? answerBefore(mention, previous, lines) : null;
    places.set(mention, { block, near: line === null ? below : [...below, line], before });
  }
  return places;
}

/** Where the dialogue with a server is printed; what was answered is read from there. One that never began may hold the only reason. */
const DIALOGUE = /transcript of (?:the )?session|session transcript|^\W*while talking to/i;

/** What stands behind the recipient up to the next one. */
function blockOf(
  lines: readonly string[],
  mention: Mention,
  next: Mention | undefined,
  isDialogueRead: boolean,
): string {
  const end = Math.min(lines.length, mention.line + 60, next === undefined ? lines.length : next.line);
  const block = lines.slice(mention.line + 1, Math.max(mention.line + 1, end));
  const dialogue = block.findIndex((line) => DIALOGUE.test(line));
  const words = dialogue < 0 ? block : block.slice(0, dialogue);
  const isTold = isDialogueRead || worthOf([mention.rest, ...words].join("\n")) >= 1;
  const own = next?.line === mention.line ? "" : sentenceOf(lines[mention.line] ?? "", mention);
  return [own, ...(isTold ? words : block)].join("\n");
}

/** `The subscriber ada@one.example has been suspended`: what stands behind the address means nothing without what stands before it. */
function sentenceOf(line: string, { address, strength, rest }: Mention): string {
  const at = line.indexOf(address);
  if (strength === "lead" || at < 0) return rest;
  const isInside = /\p{L}{2}[^.:;]*$/u.test(line.slice(0, at)) && GOES_ON.test(line.slice(at + address.length));
  return isInside && worthOf(line.replaceAll(address, "")) >= worthOf(rest) ? line : rest;
}

/** A small letter, or one of a script without capitals. */
const GOES_ON = /^[>"')\]]{0,3}\s{1,3}[\p{Ll}\p{Lo}]/u;

/** What stands right behind, then what tells most. */
function answersInBlock(block: string, mention: Mention): Answer[] {
  const paragraphs = withoutRules(block)
    .split(/\n[ \t]*\n/, 12)
    .filter((paragraph) => paragraph.trim() !== "");
  const stands = mention.strength === "lead" && (mention.rest.trim() !== "" || /^[ \t]*\n[ \t]*\S/.test(block));
  const worth: number[] = paragraphs.map((paragraph) => worthOf(paragraph.replaceAll(mention.address, "")));
  const best = Math.max(...worth, 0);
  const at = worth.indexOf(best);
  const first = stands && (worth[0] ?? 0) >= 1 && (best < 3 || worth[0] === 3) ? readAnswer(paragraphs[0] ?? "") : null;
  const direct = mention.rest.trim() === "" ? first : withSubject(first, mention.address);
  const host = at <= 0 ? null : findHost(paragraphs.slice(0, at).join("\n"));
  const telling =
    best === 0 ? null : readAnswer(best === 3 ? paragraphs.slice(at).join("\n\n") : (paragraphs[at] ?? ""), host);
  return [direct, telling].filter((each) => each !== null);
}

/** `<ada@one.example>: unknown` says of whom only before the colon. */
function withSubject(answer: Answer | null, address: string): Answer | null {
  if (answer === null || answer.code !== null || answer.text.includes("@")) return answer;
  return { ...answer, text: `${address}: ${answer.text}` };
}

/** The line may say it before the address: `550 no such user <ada@one.example>`, `Mailbox full: ada@one.example`. */
function answerInLine(line: string, mention: Mention): Answer | null {
  if (mention.strength === "lead" || worthOf(line.replaceAll(mention.address, "")) < 2) return null;
  return readAnswer(line);
}

/** Some say first why and then for whom; behind another recipient only what stands without a blank line above. */
function answerBefore(mention: Mention, previous: Mention | undefined, lines: readonly string[]): Answer | null {
  const from = Math.max(mention.line - 12, previous === undefined ? 0 : previous.line + 1);
  const text = withoutRules(lines.slice(Math.max(0, from), mention.line).join("\n"));
  const all = text.split(/\n[ \t]*\n/);
  const paragraphs = previous === undefined ? all : all.slice(-1);
  const worth: number[] = paragraphs.map(worthOf);
  const best = Math.max(1, ...worth);
  const at = worth.findLastIndex((each) => each === best);
  return at < 0 ? null : readAnswer(paragraphs[at] ?? "", findHost(paragraphs.slice(0, at).join("\n")));
}

/** Nothing belongs to anybody: the first reply of the whole notice, or all of its words. */
function wholeAnswer(lines: readonly string[]): Answer {
  return readAnswer(lines.join("\n")) ?? { stage: "async", code: null, enhanced: null, text: "", mx: null };
}

/** `(expanded from: <list@one.example>)`, `(generated from ada@two.example)`. */
function originalOf(block: string, address: string): string | null {
  const match = /\b(?:expanded|generated|forwarded|redirected|aliased|derived) from:?\s/i.exec(block.slice(0, 2000));
  if (match === null) return null;
  const found = findAddresses(block.slice(match.index, match.index + 400))[0]?.address ?? null;
  return found !== null && found.toLowerCase() !== address.toLowerCase() ? found : null;
}
