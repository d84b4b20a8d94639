/** Acts on one received mail: one that unsubscribes does so at once, unless an archive sent it; a copy that an archive sends back is given up. */
import PostalMime from "postal-mime";

import { formatKey } from "../../core/delivery/status.ts";
import type { Instant } from "../../core/time.ts";
import type { Tagged } from "../../core/tracking/token.ts";
import type { Db } from "../../platform/db.ts";
import { giveUpBounced } from "../archive/index.ts";
import { loadSettings } from "../settings/index.ts";
import type { Tracker } from "../tracking/index.ts";
import { findRecipient, unsubscribe } from "../unsubscribe/index.ts";
import { readInbound, type Envelope, type InboundMail, type Reading } from "./read-inbound.ts";

export type InboundDeps = {
  readonly db: Db;
  readonly now: () => Instant;
  readonly tracker: Pick<Tracker, "readTag" | "recogniseArchive" | "recordReaction">;
};

export type Handled =
  | { readonly kind: "unsubscribe"; readonly address: string; readonly messageKey: string }
  | { readonly kind: "copy-bounced"; readonly messageKey: string; readonly archiveId: string }
  | {
      readonly kind: "other";
      readonly why:
        | Extract<Reading, { kind: "other" }>["why"]
        | "bounce"
        | "message-unknown"
        | "archive"
        | "unreadable";
    };

/** `raw`: the mail as it came (RFC 5322); its size is the caller's to bound. Mail that says nothing to us changes nothing. */
export async function handleInbound(deps: InboundDeps, raw: Uint8Array, envelope: Envelope): Promise<Handled> {
  const mail = await parse(raw);
  if (mail === null) return { kind: "other", why: "unreadable" };
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

/** Bounces of recipients are the business of the sender's mailbox; those of copies must not be taken for them. */
async function actOnBounce(
  { db, tracker, now }: InboundDeps,
  { tags, isFinal, diagnostic }: Extract<Reading, { kind: "bounce" }>,
): Promise<Handled> {
  const tagged = await findTag(tracker, tags);
  if (!isFinal || tagged === null || !tagged.archive) return { kind: "other", why: "bounce" };
  const { partId, seq, archive } = tagged;
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

/** Null: nested or headed beyond what any mail program writes. */
async function parse(raw: Uint8Array): Promise<InboundMail | null> {
  const limits = { maxNestingDepth: 20, maxHeadersSize: 256 * 1024, forceRfc822Attachments: true };
  try {
    const { headers, subject, text, attachments } = await PostalMime.parse(raw, limits);
    const report = attachments.find(({ mimeType }) => mimeType === "message/delivery-status")?.content;
    return {
      headers: headers.map(({ key, value }) => ({ name: key, value })),
      subject: subject ?? "",
      text: text ?? "",
      report: report === undefined ? "" : textOf(report),
    };
  } catch {
    return null;
  }
}

/** Fields of a report are ASCII (RFC 3464 §2.1). */
function textOf(content: ArrayBuffer | Uint8Array | string): string {
  return typeof content === "string"
    ? content
    : Buffer.from(content as Uint8Array)
        .toString("latin1")
        .slice(0, 100_000);
}
