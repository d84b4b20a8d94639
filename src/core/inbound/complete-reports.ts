/**
 * Makes up for poor parts for machines by the words for people in the same mail: gateways write `5.0.0` or nothing into the one and
 * the answer of the server into the other, or name only a host where the recipient belongs.
 */
import { splitWords } from "../bounce/words.ts";
import { fieldOf, readHeaderBlock } from "./mime/header-block.ts";
import { findAddresses } from "./notices/find-addresses.ts";
import type { HumanText } from "./notices/human-text.ts";
import { readHumanText } from "./notices/index.ts";
import type { InboundMail, RecipientReport } from "./reading.ts";

/** Beyond this no words are looked up: a report about so many is one of a list. */
const MAX_COMPLETED = 200;
const MAX_TEXT = 2000;
/** Characters before and behind an address that are about it. */
const MAX_AROUND = 500;

export function completeReports(
  mail: InboundMail,
  human: HumanText,
  reports: readonly RecipientReport[],
): RecipientReport[] {
  const isNeeded = reports.some((report) => report.address === null || isPoor(report.answer.text));
  if (!isNeeded || reports.length > MAX_COMPLETED) return withoutRepeats(reports);
  const told = readHumanText(human.text, sendersOf(mail, human));
  const completed = reports.map((report, i) => {
    const named = report.address === null ? nameless(mail, human, reports, told, i) : report;
    const words = wordsFor(named, reports.length, told);
    if (!isPoor(named.answer.text)) return named;
    const others = reports.flatMap(({ address }) => (address === null || address === named.address ? [] : [address]));
    const paragraph = paragraphOf(human.text, named.address, others);
    return withWords(named, words, reports.length > 1 ? paragraph : `${paragraph} ${sessionOf(human.text)}`.trim());
  });
  return withoutRepeats(completed);
}

/** Codes and names of protocols alone say too little. */
function isPoor(text: string): boolean {
  const words = splitWords(text).filter(
    (word) => !/^(?:\d+|smtp|dns|host|said|error|failed|failure|permanent)$/.test(word),
  );
  return words.length < 2;
}

function wordsFor(report: RecipientReport, count: number, told: readonly RecipientReport[]): RecipientReport | null {
  const key = report.address?.toLowerCase();
  const own = told.find(({ address }) => key !== undefined && address?.toLowerCase() === key);
  if (own !== undefined) return own;
  const [only] = told;
  return count === 1 && told.length === 1 && only !== undefined ? only : null;
}

/** What the part for machines said stays, in front. */
function withWords(report: RecipientReport, told: RecipientReport | null, paragraph: string): RecipientReport {
  const { answer } = report;
  const words = told?.answer ?? { code: null, enhanced: null, text: "", mx: null };
  const pieces = [answer.text, paragraph, words.text];
  const own = pieces.filter(
    (piece, i) => piece !== "" && !pieces.some((other, j) => i !== j && holds(other, piece, i > j)),
  );
  const isVague = answer.enhanced === null || answer.enhanced.endsWith(".0.0");
  return {
    ...report,
    answer: {
      ...answer,
      code: answer.code ?? words.code,
      enhanced: isVague ? (words.enhanced ?? answer.enhanced) : answer.enhanced,
      text: own.join(" ").slice(0, MAX_TEXT),
      mx: answer.mx ?? words.mx,
    },
  };
}

function holds(text: string, piece: string, orIsSame: boolean): boolean {
  return text.includes(piece) && (orIsSame || text !== piece);
}

/** What the words say around the address, up to `others`; where it stands alone, what comes after it too. One line. */
function paragraphOf(text: string, address: string | null, others: readonly string[]): string {
  const at = address === null ? -1 : text.toLowerCase().indexOf(address.toLowerCase());
  if (at < 0 || address === null) return "";
  const before = text.slice(Math.max(0, at - MAX_AROUND), at);
  const after = beforeFirst(text.slice(at, at + MAX_AROUND + address.length), address.length, others);
  const start = unlessNamed(before.slice(before.lastIndexOf("\n\n") + 1), others);
  const isAlone = start.trim().length < 3 && /^[^\n]{0,3}\n\n/.test(after.slice(address.length));
  const [own = "", next = ""] = after.split(/\n[ \t]{0,8}\n/, 2);
  return `${start}${own}${isAlone ? ` ${next}` : ""}`.replace(/\s+/g, " ").trim();
}

/** What a program printed of its doings; for one recipient it is all about that one. */
function sessionOf(text: string): string {
  const heading = /transcript of (?:the )?session follows[^\n]{0,40}\n/i.exec(text);
  if (heading === null) return "";
  const rest = text.slice(heading.index + heading[0].length, heading.index + heading[0].length + MAX_AROUND);
  return (rest.split(/\n[ \t]{0,8}\n/, 1)[0] ?? "").replace(/\s+/g, " ").trim();
}

/** Nothing where another recipient stands in it: what is said there is about that one. */
function unlessNamed(text: string, others: readonly string[]): string {
  const lower = text.toLowerCase();
  return others.some((other) => lower.includes(other.toLowerCase())) ? "" : text;
}

function beforeFirst(text: string, from: number, others: readonly string[]): string {
  const lower = text.toLowerCase();
  const places = others.map((other) => lower.indexOf(other.toLowerCase(), from)).filter((place) => place >= 0);
  return text.slice(0, Math.min(text.length, ...places));
}

/** Whom a group without an address is about: the words name as many as there are groups, or only one can be meant. */
function nameless(
  mail: InboundMail,
  { returned }: HumanText,
  reports: readonly RecipientReport[],
  told: readonly RecipientReport[],
  i: number,
): RecipientReport {
  const report = reports[i] as RecipientReport;
  const same = told.length === reports.length ? (told[i]?.address ?? null) : null;
  if (same !== null) return { ...report, address: same };
  if (reports.length > 1) return report;
  const { fields } = readHeaderBlock(returned, 0, returned.length);
  for (const value of [
    headerOf(mail, "x-failed-recipients"),
    fieldOf(fields, "x-original-to"),
    fieldOf(fields, "to"),
  ]) {
    const found = findAddresses((value ?? "").slice(0, 2000));
    if (found.length === 1) return { ...report, address: found[0]?.address ?? null };
  }
  return report;
}

/** Who cannot be meant: to whom the report came, and who wrote the message. */
function sendersOf(mail: InboundMail, { returned }: HumanText): string[] {
  const { fields } = readHeaderBlock(returned, 0, returned.length);
  const texts = [
    headerOf(mail, "to"),
    headerOf(mail, "from"),
    fieldOf(fields, "from"),
    fieldOf(fields, "return-path"),
    fieldOf(fields, "sender"),
  ];
  return texts.flatMap((text) => findAddresses((text ?? "").slice(0, 2000)).map(({ address }) => address));
}

function headerOf(mail: InboundMail, name: string): string | null {
  return mail.headers.find((header) => header.name === name)?.value ?? null;
}

/** A recipient that is named twice with the same fate is one; the fuller words stay. */
function withoutRepeats(reports: readonly RecipientReport[]): RecipientReport[] {
  const kept = new Map<string, RecipientReport>();
  for (const [i, report] of reports.entries()) {
    const key = report.address === null ? `#${i}` : `${report.address.toLowerCase()} ${report.action}`;
    const before = kept.get(key);
    if (before === undefined || (isPoor(before.answer.text) && !isPoor(report.answer.text))) kept.set(key, report);
  }
  return [...kept.values()];
}
