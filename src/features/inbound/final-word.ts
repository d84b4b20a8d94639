/**
 * The final word about a message that a relay took (profile `confirmed`): read from the relay's report, judged by the bounce
 * rules, and written where a sender would have written it.
 */
import { parseAddress } from "../../core/address/parse-address.ts";
import { type CompiledRules, qualify } from "../../core/bounce/qualify.ts";
import { readReply } from "../../core/bounce/read-reply.ts";
import { formatKey, type MessageKey, type MessageStatus } from "../../core/delivery/status.ts";
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { settleDelivery } from "../deliveries/index.ts";
import { applyWord, findRelayed } from "./final-word-store.ts";
import type { RecipientReport } from "./read-report.ts";

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
  const report = choose(reports, message.address, mustName);
  if (report === null || report.word === null) return { kind: "unreadable" };
  const { diagnostic: reply, mx, word } = report;
  const { code, enhanced: quoted } = readReply(reply);
  const enhanced = report.status ?? quoted;
  const verdict = qualify(bounceRules, { stage: "async", code, enhanced, text: reply, mx });
  const given = { word, verdict, code, enhanced, reply: reply || word, mx };
  const { deliveryId, status, changed } = await db.transaction((tx) => applyWord(tx, key, given, now()));
  // It may have been the last message that was open.
  if (changed) await settleDelivery(db, deliveryId, now());
  return { kind: "final-word", messageKey: formatKey(key), status, changed };
}

/** A message has one recipient; where that led to several, what reached anybody has been delivered. */
function choose(reports: readonly RecipientReport[], address: string, mustName: boolean): RecipientReport | null {
  const key = matchKeyOf(address);
  const own = reports.filter(({ recipients }) => recipients.some((given) => matchKeyOf(given) === key));
  const candidates = own.length > 0 || mustName ? own : reports;
  for (const word of ["delivered", "failed", "delayed"]) {
    const found = candidates.find((report) => report.word === word);
    if (found) return found;
  }
  return null;
}

function matchKeyOf(address: string): string | null {
  const parsed = parseAddress(address);
  return parsed.kind === "valid" ? parsed.matchKey : null;
}
