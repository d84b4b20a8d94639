/**
 * The bytes of one message: rendered, composed, signed. A pure function of delivery, message row and keys, so that every
 * attempt, `envoi source` and an audit years later get the same bytes.
 */
import type { KeyObject } from "node:crypto";

import { formatKey, type MessageKey } from "../core/delivery/status.ts";
import { finishSignature, prepareSigning, type SigningAlgorithm } from "../core/dkim/signature.ts";
import { composeMessage } from "../core/message/compose-message.ts";
import type { HeaderField } from "../core/message/header-field.ts";
import type { MessageFacts } from "../core/message/message-facts.ts";
import { messageUrls } from "../core/tracking/message-urls.ts";
import type { SendableDelivery } from "./sendable-delivery.ts";
import { seenBySingle } from "./single-content.ts";

/** Key operations, handed in by the composition root. Strings are byte strings. */
export type Crypto = {
  /** Base64; of ASCII, or of bytes. */
  readonly sha256Base64: (data: string | Uint8Array) => string;
  /** Base64. */
  readonly sign: (algorithm: SigningAlgorithm, key: KeyObject, bytes: string) => Promise<string> | string;
};

export type MadeBytes = {
  /**
   * Headers and body, ending in CRLF, without the final dot. As bytes, because a string of this size would be copied by the collector
   * again and again until the message has gone.
   */
  readonly bytes: Uint8Array;
  /** Return path of the envelope (RFC 5321 §4.4). */
  readonly mailFrom: string;
  readonly needsSmtpUtf8: boolean;
  /** SHA-256 of the bytes, base64. */
  readonly digest: string;
};

export type Made = ({ readonly kind: "made" } & MadeBytes) | { readonly kind: "error"; readonly message: string };

type Delivery = Pick<SendableDelivery, "id" | "label" | "content" | "at" | "signing" | "tokens" | "loadContent">;

export async function makeMessage(
  crypto: Crypto,
  shared: Delivery,
  key: MessageKey,
  address: string,
  vars: Readonly<Record<string, unknown>>,
): Promise<Made> {
  const delivery = shared.loadContent === null ? shared : await seenBySingle(shared, vars);
  const composed = composeMessage(delivery.content, { ...vars, email: address }, factsOf(delivery, key, address));
  if (composed.kind === "error") return { kind: "error", message: `${composed.part}: ${composed.message}` };
  const { headers, body, mailFrom, needsSmtpUtf8 } = composed;
  const bytes = await signed(crypto, delivery, headers, body);
  return { kind: "made", bytes, mailFrom, needsSmtpUtf8, digest: crypto.sha256Base64(bytes) };
}

/** What a signature field may take; RSA with 4096 bits needs half of it. */
const SIGNATURE_ROOM = 2048;

/** The whole message, written once: the signatures come before the rest, into room that is kept for them. */
async function signed(
  crypto: Crypto,
  delivery: Delivery,
  headers: readonly HeaderField[],
  body: string,
): Promise<Uint8Array> {
  let head = "";
  for (const header of headers) head += header.text;
  head += "\r\n";
  const room = delivery.signing.length * SIGNATURE_ROOM;
  const all = Buffer.allocUnsafe(room + head.length + body.length);
  all.write(head + body, room, "latin1");
  if (room === 0) return all;
  const fields = await signatures(crypto, delivery, headers, all.subarray(room + head.length));
  if (fields.length > room) return Buffer.concat([Buffer.from(fields, "latin1"), all.subarray(room)]);
  all.write(fields, room - fields.length, "latin1");
  return all.subarray(room - fields.length);
}

export function factsOf(delivery: Delivery, key: MessageKey, recipient: string): MessageFacts {
  const { id, label, at, tokens } = delivery;
  const urls = messageUrls({ ...tokens, ...key, deliveryId: id });
  return { key: formatKey(key), deliveryId: String(id), deliveryLabel: label, at, recipient, urls };
}

/** The signature fields, in the order of the keys; none signs another. */
async function signatures(
  crypto: Crypto,
  { signing, at }: Delivery,
  headers: readonly HeaderField[],
  body: Uint8Array,
): Promise<string> {
  const bodyHash = crypto.sha256Base64(body);
  const fields = await Promise.all(
    signing.map(async (identity) => {
      const input = prepareSigning(identity, headers, bodyHash, at);
      return finishSignature(input, await crypto.sign(identity.algorithm, identity.key, input.data)).text;
    }),
  );
  return fields.join("");
}
