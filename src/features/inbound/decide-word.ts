/** What a report does to the message that it is about. A relay's is its final word; of what a server had taken it is a late answer. */
import { matchKeyOf } from "../../core/address/match-key.ts";
import type { CompiledRules } from "../../core/bounce/qualify.ts";
import type { FailureReason, FailureType, Verdict } from "../../core/bounce/verdict.ts";
import { afterWord, type Change, type Word } from "../../core/delivery/final-word.ts";
import { formatKey, type MessageKey, type MessageStatus } from "../../core/delivery/status.ts";
import { afterLateAnswer } from "../../core/inbound/late-answer.ts";
import { DELAYED_WITHOUT_CAUSE, qualifyReport } from "../../core/inbound/qualify-report.ts";
import type { InboundReading, RecipientReport, ReportAction } from "../../core/inbound/reading.ts";
import type { Instant } from "../../core/time.ts";
import { storable } from "../../platform/db.ts";
import type { NotedReply } from "../reply-texts/index.ts";
import { type Acted, NOTHING, type Opened, type ReportStep, told } from "./acted.ts";

/** A message, as far as reports change it. */
export type MessageRow = MessageKey & {
  readonly deliveryId: number;
  readonly address: string;
  /** A seed address: in no figure. */
  readonly seed: boolean;
  readonly status: MessageStatus;
  readonly attempts: number;
  readonly type: FailureType | null;
  readonly reason: FailureReason | null;
  /** A relay took it that reports what became of it. */
  readonly relayed: boolean;
  /** A sender holds it and has not said yet what became of it. */
  readonly onItsWay: boolean;
  /** Of its sender; null: nobody tried. */
  readonly lastAttemptAt: Instant | null;
};

export type GivenWord = {
  readonly word: Word;
  readonly verdict: Verdict;
  readonly code: number | null;
  readonly enhanced: string | null;
  /** Fits into the database. */
  readonly reply: string;
  readonly mx: string | null;
};

/** A change to be written down. `bounce`: of a message that its recipient's server had taken. */
export type Written = {
  readonly kind: "final-word" | "bounce";
  readonly before: MessageRow;
  readonly after: MessageRow;
  readonly change: Change;
  readonly given: GivenWord;
};

export type Decided = { readonly acted: Acted; readonly written: Written | null };

const REPLY_MAX = 2000;

/** `early`: its sender has not written down yet what became of it; the mail is to be looked at again. */
export function decideWord(row: MessageRow, step: ReportStep, rules: CompiledRules): Decided | "early" {
  const { opened, mustName, reports } = step;
  const ofRelay = row.relayed ? chooseReport(reports, row.address, mustName) : null;
  if (ofRelay !== null) return decideFinalWord(row, ofRelay, rules, opened.receivedAt);
  const report = reportOf(opened.reading, opened.mail.headers, row.address, mustName);
  if (report === null)
    return { acted: told("bounce", { ...notedOf(row), outcome: "unreadable" }, true), written: null };
  return row.onItsWay ? "early" : decideLateAnswer(row, report, rules, opened.receivedAt);
}

function decideFinalWord(row: MessageRow, report: RecipientReport, rules: CompiledRules, receivedAt: Instant): Decided {
  const given = wordOf(report, rules);
  const written = writtenOf("final-word", row, given, afterWord(row.status, given.word, given.verdict));
  const status = written?.after.status ?? row.status;
  const answer = { kind: "final-word", messageKey: formatKey(row), status, changed: written !== null } as const;
  const noted = { ...notedOf(row, given), outcome: written === null ? "unchanged" : "final-word" };
  const said = written === null ? [] : saidOf(given, null, receivedAt);
  return { acted: { answer, noted, isUnreadable: false, said }, written };
}

/** Of what was handed over once. */
const DONE: ReadonlySet<string> = new Set(["sent", "failed", "in-doubt"]);

function decideLateAnswer(
  row: MessageRow,
  report: RecipientReport,
  rules: CompiledRules,
  receivedAt: Instant,
): Decided {
  const given = wordOf(report, rules);
  const isUnreadable = given.word !== "delivered" && given.verdict.type === "not-defined";
  const next = afterLateAnswer(row.status, row.lastAttemptAt, { ...given, receivedAt });
  const noted = notedOf(row, given);
  const said = saidOf(given, null, receivedAt);
  if (next === "late") {
    return { acted: { ...told("late", { ...noted, outcome: "late" }, isUnreadable), said }, written: null };
  }
  const written = writtenOf("bounce", row, given, next);
  const outcome = written === null ? "unchanged" : written.change.kind === "final" ? "failed" : "reason";
  const status = written?.after.status ?? row.status;
  if (!DONE.has(status)) return { acted: told("bounce", { ...noted, outcome }, isUnreadable), written };
  const answer = { kind: "bounce", messageKey: formatKey(row), status, changed: written !== null } as const;
  const acted = { answer, noted: { ...noted, outcome }, isUnreadable, ...(written !== null && { said }) };
  return { acted, written };
}

/** As it is kept among the texts of replies; nothing of one that says no cause. `provider` null: none that has a name. */
export function saidOf(given: GivenWord, provider: string | null, at: Instant): NotedReply[] {
  const { verdict, code, enhanced, mx, reply: text, word } = given;
  if (word === "delivered" || verdict.rule === DELAYED_WITHOUT_CAUSE) return [];
  return [{ ...verdict, text, stage: "async", code, enhanced, mx, provider, at }];
}

export function wordOf(report: RecipientReport, rules: CompiledRules): GivenWord {
  const { code, enhanced, text, mx } = report.answer;
  const word = WORDS[report.action];
  const reply = storable(text || word, REPLY_MAX);
  return { word, verdict: qualifyReport(rules, report), code, enhanced, reply, mx };
}

/** What is known already is no change, and a notice that says no cause does not take away one that was said. */
function writtenOf(kind: Written["kind"], before: MessageRow, given: GivenWord, change: Change | null): Written | null {
  if (change === null) return null;
  const { type, reason } = change;
  if (change.kind === "final") {
    return {
      kind,
      before,
      given,
      change,
      after: { ...before, type, reason, status: change.status, attempts: before.attempts + 1 },
    };
  }
  const isKnown = type === before.type && reason === before.reason;
  if (isKnown || (before.reason !== null && saysNothing(given))) return null;
  return { kind, before, given, change, after: { ...before, type, reason } };
}

/** A notice that something waits, and no server's code for why. */
function saysNothing({ word, code, enhanced, verdict }: GivenWord): boolean {
  return word === "delayed" && code === null && enhanced === null && verdict.reason === "unreachable";
}

function notedOf({ partId, seq, deliveryId, address }: MessageRow, given: GivenWord | null = null) {
  const message = { partId, seq, deliveryId };
  if (given === null || given.word === "delivered") return { ...NOTHING, message, address };
  const { type, reason, rule } = given.verdict;
  return { message, address, type, reason, rule };
}

/** `relayed`: to a system that reports no more; `expanded`: to a list. Both are the last that will be heard of success. */
const WORDS: Readonly<Record<ReportAction, Word>> = {
  delivered: "delivered",
  relayed: "delivered",
  expanded: "delivered",
  failed: "failed",
  delayed: "delayed",
};

/** A notice that surely is one and names nobody is about whom the message went to, whose tag it carries. */
function reportOf(
  { kind, recipients }: InboundReading,
  headers: Opened["mail"]["headers"],
  address: string,
  mustName: boolean,
): RecipientReport | null {
  if (kind !== "bounce" && kind !== "delayed" && kind !== "success") return null;
  if (recipients.length > 0 || mustName) return chooseReport(recipients, address, mustName);
  const text = headers.find(({ name }) => name === "subject")?.value.slice(0, 500) ?? "";
  const action = kind === "bounce" ? "failed" : kind === "delayed" ? "delayed" : "delivered";
  return { address, original: null, action, answer: { stage: "async", code: null, enhanced: null, text, mx: null } };
}

/** A message has one recipient; where that led to several, what reached anybody has been delivered. */
function chooseReport(
  reports: readonly RecipientReport[],
  recipient: string,
  mustName: boolean,
): RecipientReport | null {
  const key = matchKeyOf(recipient);
  const own = reports.filter(({ address, original }) =>
    [address, original].some((given) => given !== null && matchKeyOf(given) === key),
  );
  const candidates = own.length > 0 || mustName ? own : reports;
  for (const word of ["delivered", "failed", "delayed"]) {
    const found = candidates.find(({ action }) => WORDS[action] === word);
    if (found) return found;
  }
  return null;
}
