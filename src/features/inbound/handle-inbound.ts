/** Acts on one received mail: a mail that unsubscribes does so at once. */
import PostalMime from "postal-mime";

import { formatKey, type MessageKey } from "../../core/delivery/status.ts";
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { loadSettings } from "../settings/index.ts";
import type { Tracker } from "../tracking/index.ts";
import { unsubscribe } from "../unsubscribe/index.ts";
import { readInbound, type Envelope, type InboundMail, type Reading } from "./read-inbound.ts";

export type InboundDeps = {
  readonly db: Db;
  readonly now: () => Instant;
  readonly tracker: Pick<Tracker, "readTag" | "recordReaction">;
};

export type Handled =
  | { readonly kind: "unsubscribe"; readonly address: string; readonly messageKey: string }
  | {
      readonly kind: "other";
      readonly why: Extract<Reading, { kind: "other" }>["why"] | "message-unknown" | "unreadable";
    };

/** `raw`: the mail as it came (RFC 5322); its size is the caller's to bound. Mail that says nothing to us changes nothing. */
export async function handleInbound(deps: InboundDeps, raw: Uint8Array, envelope: Envelope): Promise<Handled> {
  const mail = await parse(raw);
  if (mail === null) return { kind: "other", why: "unreadable" };
  const { unsubscribeAddress } = await loadSettings(deps.db);
  const reading = readInbound(mail, envelope, unsubscribeAddress);
  if (reading.kind === "other") return reading;
  const key = await findKey(deps.tracker, reading.tags);
  if (key === null) return { kind: "other", why: "no-tag" };
  const result = await unsubscribe(deps.db, key, "mailto", deps.now());
  if (result.kind === "missing") return { kind: "other", why: "message-unknown" };
  const token = { ...key, deliveryId: result.deliveryId, mark: "live" as const };
  if (result.first) await deps.tracker.recordReaction({ token, kind: "opt-out", request: null, reply: null });
  return { kind: "unsubscribe", address: result.address, messageKey: formatKey(key) };
}

async function findKey(tracker: InboundDeps["tracker"], tags: readonly string[]): Promise<MessageKey | null> {
  for (const tag of tags) {
    const key = await tracker.readTag(tag);
    if (key !== null) return key;
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
