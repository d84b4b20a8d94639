/**
 * Acts on one received mail: one that unsubscribes does so at once, unless an archive sent it; a copy that an archive sends
 * back is given up; a relay's report is the final word about its message.
 */
import type { CompiledRules } from "../../core/bounce/qualify.ts";
import { formatKey } from "../../core/delivery/status.ts";
import type { Envelope } from "../../core/inbound/reading.ts";
import type { Instant } from "../../core/time.ts";
import type { Tagged } from "../../core/tracking/token.ts";
import type { Db } from "../../platform/db.ts";
import { giveUpBounced } from "../archive/index.ts";
import { loadSettings } from "../settings/index.ts";
import type { Tracker } from "../tracking/index.ts";
import { findRecipient, unsubscribe } from "../unsubscribe/index.ts";
import { takeFinalWord, type WordGiven } from "./final-word.ts";
import { parseMail } from "./parse-mail.ts";
import { type Reading, readInbound } from "./read-inbound.ts";

export type InboundDeps = {
  readonly db: Db;
  readonly now: () => Instant;
  /** By which reports of relays are judged. */
  readonly bounceRules: CompiledRules;
  readonly tracker: Pick<Tracker, "readTag" | "recogniseArchive" | "recordReaction">;
};

export type Handled =
  | { readonly kind: "unsubscribe"; readonly address: string; readonly messageKey: string }
  | Extract<WordGiven, { kind: "final-word" }>
  | { readonly kind: "copy-bounced"; readonly messageKey: string; readonly archiveId: string }
  | {
      readonly kind: "other";
      readonly why: Extract<Reading, { kind: "other" }>["why"] | "bounce" | "message-unknown" | "archive";
    };

/** `raw`: the mail as it came (RFC 5322); its size is the caller's to bound. Mail that says nothing to us changes nothing. */
export async function handleInbound(deps: InboundDeps, raw: Uint8Array, envelope: Envelope): Promise<Handled> {
  const mail = await parseMail(raw);
  const { unsubscribeAddress } = await loadSettings(deps.db);
  const reading = readInbound(mail, envelope, unsubscribeAddress);
  if (reading.kind === "other") return reading;
  if (reading.kind === "bounce") return actOnBounce(deps, reading);
  const tagged = await findTag(deps.tracker, reading.tags);
  return tagged === null ? { kind: "other", why: "no-tag" } : act(deps, tagged);
}

async function act({ db, tracker, now }: InboundDeps, { archive: copyOf, partId, seq }: Tagged): Promise<Handled> {
  const key = { partId, seq };
  const recipient = await findRecipient(db, key);
  if (recipient === null) return { kind: "other", why: "message-unknown" };
  const token = { ...key, deliveryId: recipient.deliveryId, mark: copyOf === null ? "live" : "copy" } as const;
  const archive = await tracker.recogniseArchive(token, null);
  const wish = { token, kind: "opt-out", request: null, reply: null, archive } as const;
  if (archive.length > 0) {
    await tracker.recordReaction(wish);
    return { kind: "other", why: "archive" };
  }
  const result = await unsubscribe(db, key, "mailto", now());
  if (result.kind === "missing") return { kind: "other", why: "message-unknown" };
  if (result.first) await tracker.recordReaction(wish);
  return { kind: "unsubscribe", address: result.address, messageKey: formatKey(key) };
}

/**
 * Bounces of recipients are the business of the sender's mailbox, but for what a relay reports of a message that it took;
 * those of copies must not be taken for either.
 */
async function actOnBounce(deps: InboundDeps, bounce: Extract<Reading, { kind: "bounce" }>): Promise<Handled> {
  const { db, tracker, now } = deps;
  const { isFinal, diagnostic, reports } = bounce;
  const inPath = await findTag(tracker, bounce.tags);
  const tagged = inPath ?? (await findTag(tracker, bounce.returnedTags));
  if (tagged === null || tagged.archive === 0) return { kind: "other", why: "bounce" };
  const { partId, seq, archive } = tagged;
  if (archive === null) {
    // The Message-ID is also that of its copies: then the report must name the recipient.
    const given = await takeFinalWord(deps, { partId, seq }, reports, inPath === null);
    if (given.kind === "final-word") return given;
    return { kind: "other", why: given.kind === "missing" ? "message-unknown" : "bounce" };
  }
  if (!isFinal) return { kind: "other", why: "bounce" };
  const known = await giveUpBounced(db, { partId, seq, archive }, diagnostic, now());
  if (!known) return { kind: "other", why: "message-unknown" };
  return { kind: "copy-bounced", messageKey: formatKey({ partId, seq }), archiveId: String(archive) };
}

async function findTag(tracker: InboundDeps["tracker"], tags: readonly string[]): Promise<Tagged | null> {
  for (const tag of tags) {
    const tagged = await tracker.readTag(tag);
    if (tagged !== null) return tagged;
  }
  return null;
}
