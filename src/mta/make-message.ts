/**
 * The bytes of one message: rendered, composed, signed. A pure function of delivery, message row and key, so that every
 * attempt, `envoi source` and an audit years later get the same bytes.
 */
import type { KeyObject } from "node:crypto";

import { finishSignature, prepareSigning } from "../core/dkim/signature.ts";
import { composeMessage } from "../core/message/compose-message.ts";
import type { SendableDelivery } from "./sendable-delivery.ts";

/** Key operations, handed in by the composition root. Strings are byte strings. */
export type Crypto = {
  readonly sha256Base64: (bytes: string) => string;
  readonly signRsaSha256: (key: KeyObject, bytes: string) => Promise<string>;
};

export type Made =
  | { readonly kind: "made"; readonly bytes: string; readonly needsSmtpUtf8: boolean }
  | { readonly kind: "error"; readonly message: string };

export async function makeMessage(
  crypto: Crypto,
  delivery: SendableDelivery,
  key: string,
  address: string,
  vars: Readonly<Record<string, unknown>>,
): Promise<Made> {
  const composed = composeMessage(
    delivery.content,
    { ...vars, email: address },
    { key, deliveryId: String(delivery.id), deliveryLabel: delivery.label, at: delivery.at, recipient: address },
  );
  if (composed.kind === "error") return { kind: "error", message: `${composed.part}: ${composed.message}` };
  let head = "";
  for (const header of composed.headers) head += header.text;
  if (delivery.signing) {
    const input = prepareSigning(delivery.signing, composed.headers, crypto.sha256Base64(composed.body), delivery.at);
    const signature = await crypto.signRsaSha256(delivery.signing.key, input.data);
    head = finishSignature(input, signature).text + head;
  }
  return { kind: "made", bytes: `${head}\r\n${composed.body}`, needsSmtpUtf8: composed.needsSmtpUtf8 };
}
