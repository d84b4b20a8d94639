/** Mail about messages in which nothing is signed: good for a note, and for knowing what servers say. */
import { parseAddress } from "../../core/address/parse-address.ts";
import type { InboundReading } from "../../core/inbound/reading.ts";
import type { NotedReply } from "../reply-texts/index.ts";
import { type Acted, type InboundDeps, NOTHING, type Opened, told } from "./acted.ts";
import { saidOf, wordOf } from "./decide-word.ts";
import { guessMessage } from "./guess-store.ts";

/** Recipients of one mail that are looked at. */
const RECIPIENTS_MAX = 100;
/** Anybody can write such mail: under a name of its own it uses up nobody else's share of new texts. */
const UNSIGNED = "unsigned";

/**
 * Nothing in it is signed by us: at most it is noted which message it may be about. `isTagged`: it came to an address with a tag that
 * is none of ours, so it is another installation's or made up, and nobody is to look at it.
 */
export async function guess(deps: InboundDeps, opened: Opened, isTagged: boolean): Promise<Acted> {
  if (isTagged) return told("bounce", { ...NOTHING, outcome: "not-ours" });
  const { reading, receivedAt } = opened;
  const said = saidIn(opened, deps.bounceRules);
  const named = reading.recipients.flatMap(({ address, original }) => [address, original]);
  const matchKeys = [...new Set(named.flatMap(matchKeysOf))].slice(0, RECIPIENTS_MAX);
  const found = await guessMessage(deps.db, matchKeys, deliveryOf(reading), receivedAt);
  if (found === null) return { ...told("bounce", { ...NOTHING, outcome: "not-found" }, true), said };
  const { address, ...message } = found;
  return { ...told("bounce", { ...NOTHING, message, address, outcome: "not-signed" }, true), said };
}

function saidIn(
  { reading: { kind, recipients }, receivedAt }: Opened,
  rules: InboundDeps["bounceRules"],
): NotedReply[] {
  if (kind !== "bounce" && kind !== "delayed") return [];
  const worded = recipients.slice(0, RECIPIENTS_MAX).filter(({ answer }) => answer.text !== "");
  return worded.flatMap((report) => saidOf(wordOf(report, rules), UNSIGNED, receivedAt));
}

/** None: it is no address, and may hold what the database does not take. */
function matchKeysOf(address: string | null): string[] {
  const parsed = parseAddress(address ?? "");
  return parsed.kind === "valid" ? [parsed.matchKey] : [];
}

/** The first field of our Feedback-ID. */
function deliveryOf({ returned }: InboundReading): number | null {
  const value = returned?.headers.find(({ name }) => name === "feedback-id")?.value ?? "";
  const id = /^\s{0,10}([1-9]\d{0,14}):/.exec(value)?.[1];
  return id === undefined ? null : Number(id);
}
