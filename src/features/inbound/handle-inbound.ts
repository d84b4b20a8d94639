/** Acts on one received mail: a mail that unsubscribes does so at once, unless an archive sent it. */
import PostalMime from "postal-mime";

import { formatKey } from "../../core/delivery/status.ts";
import type { Instant } from "../../core/time.ts";
import type { Tagged } from "../../core/tracking/token.ts";
import type { Db } from "../../platform/db.ts";
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
  | {
      readonly kind: "other";
      readonly why: Extract<Reading, { kind: "other" }>["why"] | "message-unknown" | "archive" | "unreadable";
    };

/** `raw`: the mail as it came (RFC 5322); its size is the caller's to bound. Mail that says nothing to us changes nothing. */
export async function handleInbound(deps: InboundDeps, raw: Uint8Array, envelope: Envelope): Promise<Handled> {
  const mail = await parse(raw);
  if (mail === null) return { kind: "other", why: "unreadable" };
  const { unsubscribeAddress } = await loadSettings(deps.db);
  const reading = readInbound(mail, envelope, unsubscribeAddress);
  if (reading.kind === "other") return reading;
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
    const { headers, subject, text } = await PostalMime.parse(raw, limits);
    return {
      headers: headers.map(({ key, value }) => ({ name: key, value })),
      subject: subject ?? "",
      text: text ?? "",
    };
  } catch {
    return null;
  }
}
