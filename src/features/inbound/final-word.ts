/**
 * The final word about a message that a relay took (profile `confirmed`): read from the relay's report, judged by the bounce
 * rules, and written where a sender would have written it.
 */
import { parseAddress } from "../../core/address/parse-address.ts";
import type { CompiledRules } from "../../core/bounce/qualify.ts";
import type { Word } from "../../core/delivery/final-word.ts";
import { formatKey, type MessageKey, type MessageStatus } from "../../core/delivery/status.ts";
import { qualifyReport } from "../../core/inbound/qualify-report.ts";
import type { RecipientReport, ReportAction } from "../../core/inbound/reading.ts";
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { settleDelivery } from "../deliveries/index.ts";
import { applyWord, findRelayed } from "./final-word-store.ts";

type Deps = { readonly db: Db; readonly now: () => Instant; readonly bounceRules: CompiledRules };

/** `not-relayed`: the message is nobody's to report about. `unreadable`: the report does not say what became of it. */
export type WordGiven =
  | {
      readonly kind: "final-word";
      readonly messageKey: string;
      readonly status: MessageStatus;
      readonly changed: boolean;
    }
  | { readonly kind: "not-relayed" | "unreadable" | "missing" };

/**
 * `mustName`: only what is reported of the message's own recipient counts. Throws `final-word-early` while a sender may be
 * writing down that the relay has the message.
 */
export async function takeFinalWord(
  { db, now, bounceRules }: Deps,
  key: MessageKey,
  reports: readonly RecipientReport[],
  mustName: boolean,
): Promise<WordGiven> {
  const message = await findRelayed(db, key);
  if (message === null) return { kind: "missing" };
  if (!message.relayed) {
    if (message.onItsWay && reports.length > 0) throw appError("final-word-early", { key: formatKey(key) });
    return { kind: "not-relayed" };
  }
  const report = chooseReport(reports, message.address, mustName);
  if (report === null) return { kind: "unreadable" };
  const { code, enhanced, text: reply, mx } = report.answer;
  const word = WORDS[report.action];
  const given = { word, verdict: qualifyReport(bounceRules, report), code, enhanced, reply: reply || word, mx };
  const { deliveryId, status, changed } = await db.transaction((tx) => applyWord(tx, key, given, now()));
  // It may have been the last message that was open.
  if (changed) await settleDelivery(db, deliveryId, now());
  return { kind: "final-word", messageKey: formatKey(key), status, changed };
}

/** `relayed`: to a system that reports no more; `expanded`: to a list. Both are the last that will be heard of success. */
export const WORDS: Readonly<Record<ReportAction, Word>> = {
  delivered: "delivered",
  relayed: "delivered",
  expanded: "delivered",
  failed: "failed",
  delayed: "delayed",
};

/** A message has one recipient; where that led to several, what reached anybody has been delivered. */
export function chooseReport(
  reports: readonly RecipientReport[],
  recipient: string,
  mustName: boolean,
): RecipientReport | null {
  const key = matchKeyOf(recipient);
  const own = reports.filter(({ address, original }) => [address, original].some((given) => matchKeyOf(given) === key));
  const candidates = own.length > 0 || mustName ? own : reports;
  for (const word of ["delivered", "failed", "delayed"]) {
    const found = candidates.find(({ action }) => WORDS[action] === word);
    if (found) return found;
  }
  return null;
}

/** Null: no address, which matches no message's. */
function matchKeyOf(address: string | null): string | null {
  const parsed = parseAddress(address ?? "");
  return parsed.kind === "valid" ? parsed.matchKey : null;
}
