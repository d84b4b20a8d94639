/** What a bounce, a notice or a complaint does to the message that it is about. */
import { parseAddress } from "../../core/address/parse-address.ts";
import type { Verdict } from "../../core/bounce/verdict.ts";
import { formatKey, type MessageKey } from "../../core/delivery/status.ts";
import { isComplaintOfPerson, readFeedback } from "../../core/inbound/feedback.ts";
import { qualifyReport } from "../../core/inbound/qualify-report.ts";
import type { InboundReading, RecipientReport } from "../../core/inbound/reading.ts";
import { appError } from "../../platform/errors.ts";
import { settleDelivery } from "../deliveries/index.ts";
import { findRecipient } from "../unsubscribe/index.ts";
import { chooseReport, WORDS } from "./final-word.ts";
import { type Acted, type InboundDeps, NOTHING, type Opened } from "./acted.ts";
import { applyComplaint, applyLateAnswer, guessMessage } from "./late-answer-store.ts";

/** `mustName`: only what is said of the message's own recipient counts. Throws `final-word-early`. */
export async function actOnReport(
  deps: InboundDeps,
  { mail, reading, receivedAt }: Opened,
  key: MessageKey,
  mustName: boolean,
): Promise<Acted> {
  const { db, now, bounceRules } = deps;
  const recipient = await findRecipient(db, key);
  if (recipient === null) return told("message-unknown", { ...NOTHING, outcome: "message-unknown" });
  const { address, deliveryId } = recipient;
  const message = { ...key, deliveryId };
  const report = reportOf(reading, mail.headers, address, mustName);
  if (report === null) return told("bounce", { ...NOTHING, message, address, outcome: "unreadable" }, true);
  const verdict = qualifyReport(bounceRules, report);
  const { code, enhanced, text, mx } = report.answer;
  const word = WORDS[report.action];
  const given = { word, verdict, code, enhanced, reply: text || word, mx };
  const applied = await db.transaction((tx) => applyLateAnswer(tx, key, given, receivedAt, now()));
  if (applied.outcome === "early") throw appError("final-word-early", { key: formatKey(key) });
  if (applied.outcome === "failed") await settleDelivery(db, deliveryId, now());
  const { type, reason, rule } = word === "delivered" ? NOTHING : verdict;
  const noted = { message, address, type, reason, rule, outcome: applied.outcome };
  const isUnreadable = word !== "delivered" && isUnqualified(verdict);
  if (applied.outcome === "late") return told("late", noted, isUnreadable);
  if (applied.status === null || !DONE.has(applied.status)) return told("bounce", noted, isUnreadable);
  const changed = applied.outcome !== "unchanged";
  const answer = { kind: "bounce", messageKey: formatKey(key), status: applied.status, changed } as const;
  return { answer, noted, isUnreadable };
}

/** Of what was handed over once. */
const DONE: ReadonlySet<string> = new Set(["sent", "failed", "in-doubt"]);

type OtherWhy = Extract<Acted["answer"], { kind: "other" }>["why"];

function told(why: OtherWhy, noted: Acted["noted"], isUnreadable = false): Acted {
  return { answer: { kind: "other", why }, noted, isUnreadable };
}

function isUnqualified({ type }: Verdict): boolean {
  return type === "not-defined";
}

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

/** Reports that a program made for its own ends are only noted. */
export async function actOnComplaint({ db, now }: InboundDeps, { mail }: Opened, key: MessageKey): Promise<Acted> {
  // Not by the recipients that it names: many name none.
  const isOfPerson = isComplaintOfPerson(readFeedback(mail)?.type ?? "abuse");
  const recipient = await findRecipient(db, key);
  if (recipient === null) return told("message-unknown", { ...NOTHING, outcome: "message-unknown" });
  const { address, deliveryId } = recipient;
  const message = { ...key, deliveryId };
  if (!isOfPerson) return told("automatic", { ...NOTHING, message, address, outcome: "noted" });
  const complained = await db.transaction((tx) => applyComplaint(tx, key, now()));
  const changed = complained?.first ?? false;
  return {
    answer: { kind: "complaint", messageKey: formatKey(key), address, changed },
    noted: { ...NOTHING, message, address, outcome: changed ? "complained" : "unchanged" },
    isUnreadable: false,
  };
}

/**
 * Nothing in it is signed by us: at most it is noted which message it may be about. `isTagged`: it came to an address with a tag that
 * is none of ours, so it is another installation's or made up, and nobody is to look at it.
 */
export async function guess({ db }: InboundDeps, { reading, receivedAt }: Opened, isTagged: boolean): Promise<Acted> {
  if (isTagged) return told("bounce", { ...NOTHING, outcome: "not-ours" });
  const named = reading.recipients.flatMap(({ address, original }) => [address, original]);
  const matchKeys = [...new Set(named.flatMap(matchKeyOf))].slice(0, 100);
  const found = await guessMessage(db, matchKeys, deliveryOf(reading), receivedAt);
  if (found === null) return told("bounce", { ...NOTHING, outcome: "not-found" }, true);
  const { address, ...message } = found;
  return told("bounce", { ...NOTHING, message, address, outcome: "not-signed" }, true);
}

function matchKeyOf(address: string | null): string[] {
  const parsed = parseAddress(address ?? "");
  return parsed.kind === "valid" ? [parsed.matchKey] : [];
}

/** The first field of our Feedback-ID. */
function deliveryOf({ returned }: InboundReading): number | null {
  const value = returned?.headers.find(({ name }) => name === "feedback-id")?.value ?? "";
  const id = /^\s{0,10}([1-9]\d{0,14}):/.exec(value)?.[1];
  return id === undefined ? null : Number(id);
}
