/**
 * What is to be done about one received mail: one that unsubscribes does so at once, unless an archive sent it; a copy that an archive
 * sends back is given up; what is said of a message counts where it carries the message's signed tag. Whatever is done twice changes
 * nothing, so a mail may be handed in again.
 */
import { formatKey, type MessageKey } from "../../core/delivery/status.ts";
import { readMail } from "../../core/inbound/read-mail.ts";
import type { Envelope } from "../../core/inbound/reading.ts";
import type { PlatformSettings } from "../../contract/index.ts";
import type { Instant } from "../../core/time.ts";
import type { Tagged } from "../../core/tracking/token.ts";
import { giveUpBounced } from "../archive/index.ts";
import { findRecipient, unsubscribe } from "../unsubscribe/index.ts";
import { actOnComplaint } from "./act-on-complaint.ts";
import { type Acted, type InboundDeps, NOTHING, type Opened, type OtherWhy, type Step, told } from "./acted.ts";
import { copiesFor } from "./forward.ts";
import { guess } from "./guess.ts";
import type { DoneOf } from "./finish-mails.ts";
import { parseMail } from "./parse-mail.ts";
import { type Reading, readInbound, returnedTags, tagsOf } from "./read-inbound.ts";

export type Plan = {
  readonly step: Step;
  /** What is written down of the mail when that is done. */
  readonly doneOf: DoneOf;
};

/** `raw`: the mail as it came (RFC 5322); its size is the caller's to bound. Mail that says nothing to us changes nothing. */
export async function planMail(
  deps: InboundDeps,
  settings: PlatformSettings,
  raw: Uint8Array,
  envelope: Envelope,
  receivedAt: Instant,
): Promise<Plan> {
  const mail = await parseMail(raw);
  const reading = readMail(mail, envelope);
  const opened = { mail, envelope, reading, receivedAt };
  const asked = readInbound(mail, envelope, settings.unsubscribeAddress, reading);
  const { kind, format } = reading;
  return {
    step: await stepFor(deps, opened, asked),
    doneOf: ({ noted, isUnreadable }, unqualifiedAddress) => {
      return { ...noted, kind, format, forwardTo: copiesFor(mail, settings, isUnreadable, unqualifiedAddress) };
    },
  };
}

async function stepFor(deps: InboundDeps, opened: Opened, asked: Reading): Promise<Step> {
  const other = (act: () => Promise<Acted>): Step => ({ kind: "other", act });
  // Many programs answer with the null return path.
  if (opened.reading.kind === "auto-reply") {
    return other(() => note(deps, opened, asked.kind === "bounce" ? "bounce" : "automatic"));
  }
  if (asked.kind === "bounce") {
    return opened.reading.kind === "complaint"
      ? other(() => complain(deps, opened))
      : stepForBounce(deps, opened, asked);
  }
  if (asked.kind === "other") return other(() => Promise.resolve(nothing(asked.why)));
  const tagged = await findTag(deps.tracker, asked.tags);
  return other(() => (tagged === null ? Promise.resolve(nothing("no-tag")) : unsubscribeBy(deps, tagged)));
}

type Bounce = Extract<Reading, { kind: "bounce" }>;

/** What comes of a copy must not be taken for the message's. */
async function stepForBounce(deps: InboundDeps, opened: Opened, bounce: Bounce): Promise<Step> {
  const inPath = await findTag(deps.tracker, bounce.tags);
  const tagged = inPath ?? (await findTag(deps.tracker, bounce.returnedTags));
  if (tagged === null) return { kind: "other", act: () => guess(deps, opened, bounce.tags.length > 0) };
  const { partId, seq, archive } = tagged;
  const key = { partId, seq };
  // The Message-ID is also that of its copies: then the report must name the recipient.
  if (archive === null) {
    return { kind: "report", opened, key, mustName: inPath === null, reports: bounce.reports };
  }
  return { kind: "other", act: () => giveUpCopy(deps, bounce, key, archive) };
}

async function giveUpCopy(
  { db, now }: InboundDeps,
  { isFinal, diagnostic }: Bounce,
  key: MessageKey,
  archive: number,
): Promise<Acted> {
  if (archive === 0 || !isFinal) return nothing("bounce");
  const known = await giveUpBounced(db, { ...key, archive }, diagnostic, now());
  if (!known) return nothing("message-unknown");
  return {
    answer: { kind: "copy-bounced", messageKey: formatKey(key), archiveId: String(archive) },
    noted: { ...NOTHING, outcome: "copy-bounced" },
    isUnreadable: false,
  };
}

function nothing(why: OtherWhy): Acted {
  return told(why, { ...NOTHING, outcome: why });
}

/** Of an answer that a program gave it is written down which message it is about, and that is all. */
async function note(deps: InboundDeps, opened: Opened, why: "automatic" | "bounce"): Promise<Acted> {
  const acted = nothing(why);
  const tagged = await findTag(deps.tracker, tagsOf(opened.mail, opened.envelope));
  const recipient = tagged === null ? null : await findRecipient(deps.db, tagged);
  if (tagged === null || recipient === null) return acted;
  const message = { partId: tagged.partId, seq: tagged.seq, deliveryId: recipient.deliveryId };
  return { ...acted, noted: { ...acted.noted, message, address: recipient.address, outcome: "noted" } };
}

async function unsubscribeBy(
  { db, tracker, now }: InboundDeps,
  { archive: copyOf, partId, seq }: Tagged,
): Promise<Acted> {
  const key = { partId, seq };
  const recipient = await findRecipient(db, key);
  if (recipient === null) return nothing("message-unknown");
  const { address, deliveryId } = recipient;
  const token = { ...key, deliveryId, mark: copyOf === null ? "live" : "copy" } as const;
  const archive = await tracker.recogniseArchive(token, null);
  const wish = { token, kind: "opt-out", request: null, reply: null, archive } as const;
  if (archive.length > 0) {
    await tracker.recordReaction(wish);
    return nothing("archive");
  }
  const result = await unsubscribe(db, key, "mailto", now());
  if (result.kind === "missing") return nothing("message-unknown");
  if (result.first) await tracker.recordReaction(wish);
  return {
    answer: { kind: "unsubscribe", address: result.address, messageKey: formatKey(key) },
    noted: { ...NOTHING, message: { ...key, deliveryId }, address, outcome: "unsubscribed" },
    isUnreadable: false,
  };
}

async function complain(deps: InboundDeps, opened: Opened): Promise<Acted> {
  const tags = [...tagsOf(opened.mail, opened.envelope), ...returnedTags(opened.reading.returned)];
  const tagged = await findTag(deps.tracker, tags);
  if (tagged === null || tagged.archive !== null) return guess(deps, opened, tags.length > 0);
  return actOnComplaint(deps, opened, { partId: tagged.partId, seq: tagged.seq });
}

async function findTag(tracker: InboundDeps["tracker"], tags: readonly string[]): Promise<Tagged | null> {
  for (const tag of tags) {
    const tagged = await tracker.readTag(tag);
    if (tagged !== null) return tagged;
  }
  return null;
}
