/**
 * Acts on one received mail: one that unsubscribes does so at once, unless an archive sent it; a copy that an archive sends
 * back is given up; a relay's report is the final word about its message; a bounce or complaint changes the message whose signed
 * tag it carries. Whatever is done twice changes nothing, so a mail may be handed in again.
 */
import { formatKey } from "../../core/delivery/status.ts";
import { readMail } from "../../core/inbound/read-mail.ts";
import type { Envelope } from "../../core/inbound/reading.ts";
import type { Instant } from "../../core/time.ts";
import type { Tagged } from "../../core/tracking/token.ts";
import { giveUpBounced } from "../archive/index.ts";
import { loadSettings } from "../settings/index.ts";
import { findRecipient, unsubscribe } from "../unsubscribe/index.ts";
import { actOnComplaint, actOnReport, guess } from "./act-on-report.ts";
import { type Acted, type Handled, type InboundDeps, NOTHING, type Opened } from "./acted.ts";
import { takeFinalWord } from "./final-word.ts";
import { copiesFor } from "./forward.ts";
import type { Done } from "./mail-store.ts";
import { parseMail } from "./parse-mail.ts";
import { type Reading, readInbound, returnedTags, tagsOf } from "./read-inbound.ts";

/**
 * `raw`: the mail as it came (RFC 5322); its size is the caller's to bound. Mail that says nothing to us changes nothing. Throws
 * `final-word-early` while a sender may be writing down what the mail is about.
 */
export async function handleInbound(
  deps: InboundDeps,
  raw: Uint8Array,
  envelope: Envelope,
  receivedAt: Instant,
): Promise<{ readonly answer: Handled; readonly done: Done }> {
  const mail = await parseMail(raw);
  const settings = await loadSettings(deps.db);
  const reading = readMail(mail, envelope);
  const opened = { mail, envelope, reading, receivedAt };
  const asked = readInbound(mail, envelope, settings.unsubscribeAddress, reading);
  const { answer, noted, isUnreadable } = await act(deps, opened, asked);
  const forwardTo = copiesFor(mail, settings, isUnreadable);
  return { answer, done: { ...noted, kind: reading.kind, format: reading.format, forwardTo } };
}

async function act(deps: InboundDeps, opened: Opened, asked: Reading): Promise<Acted> {
  // Many programs answer with the null return path.
  if (opened.reading.kind === "auto-reply") return note(deps, opened, asked.kind === "bounce" ? "bounce" : "automatic");
  if (asked.kind === "bounce") {
    return opened.reading.kind === "complaint" ? complain(deps, opened) : actOnBounce(deps, opened, asked);
  }
  if (asked.kind === "other") return nothing(asked.why);
  const tagged = await findTag(deps.tracker, asked.tags);
  return tagged === null ? nothing("no-tag") : unsubscribeBy(deps, tagged);
}

function nothing(why: Extract<Handled, { kind: "other" }>["why"], isUnreadable = false): Acted {
  return { answer: { kind: "other", why }, noted: { ...NOTHING, outcome: why }, isUnreadable };
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

type Bounce = Extract<Reading, { kind: "bounce" }>;

/** What a relay reports of a message that it took is its final word; what comes of a copy must not be taken for the message's. */
async function actOnBounce(deps: InboundDeps, opened: Opened, bounce: Bounce): Promise<Acted> {
  const { db, tracker, now } = deps;
  const { isFinal, diagnostic } = bounce;
  const inPath = await findTag(tracker, bounce.tags);
  const tagged = inPath ?? (await findTag(tracker, bounce.returnedTags));
  if (tagged === null) return guess(deps, opened, bounce.tags.length > 0);
  const { partId, seq, archive } = tagged;
  if (archive === 0) return nothing("bounce");
  // The Message-ID is also that of its copies: then the report must name the recipient.
  if (archive === null) return ofMessage(deps, opened, bounce, { partId, seq }, inPath === null);
  if (!isFinal) return nothing("bounce");
  const known = await giveUpBounced(db, { partId, seq, archive }, diagnostic, now());
  if (!known) return nothing("message-unknown");
  return {
    answer: { kind: "copy-bounced", messageKey: formatKey({ partId, seq }), archiveId: String(archive) },
    noted: { ...NOTHING, outcome: "copy-bounced" },
    isUnreadable: false,
  };
}

async function ofMessage(
  deps: InboundDeps,
  opened: Opened,
  { reports }: Bounce,
  key: { readonly partId: number; readonly seq: number },
  mustName: boolean,
): Promise<Acted> {
  const given = await takeFinalWord(deps, key, reports, mustName);
  if (given.kind === "missing") return nothing("message-unknown");
  if (given.kind !== "final-word") return actOnReport(deps, opened, key, mustName);
  const recipient = await findRecipient(deps.db, key);
  const message = recipient === null ? null : { ...key, deliveryId: recipient.deliveryId };
  const outcome = given.changed ? "final-word" : "unchanged";
  const address = recipient?.address ?? null;
  return { answer: given, noted: { ...NOTHING, message, address, outcome }, isUnreadable: false };
}

async function findTag(tracker: InboundDeps["tracker"], tags: readonly string[]): Promise<Tagged | null> {
  for (const tag of tags) {
    const tagged = await tracker.readTag(tag);
    if (tagged !== null) return tagged;
  }
  return null;
}
