/**
 * The moment in which a delivery begins: its validity period starts, keys and archives are settled, its parts are due, or those of
 * its first wave.
 */
import { parseAddress } from "../../core/address/parse-address.ts";
import { outsideMasks } from "../../core/delivery/sender.ts";
import type { Act } from "../../core/delivery/lifecycle.ts";
import { formatDuration } from "../../core/delivery/validity.ts";
import type { Duration, Instant } from "../../core/time.ts";
import { signingKeysFor } from "../domains/index.ts";
import { loadSettings } from "../settings/index.ts";
import { timestamp, type Tx } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { putOutbox } from "../../platform/outbox.ts";
import { beginFirstWave } from "./begin-waves.ts";
import { freezeCopies } from "./copies.ts";
import { readValidity } from "./present.ts";
import { setState, type LockedDelivery } from "./transition.ts";

/** What is settled, in words for the delivery's log. Throws `archive-missing`, `sender-outside-masks`, `validity-over`. */
export async function beginSending(
  tx: Tx,
  id: number,
  delivery: LockedDelivery,
  act: Act,
  now: Instant,
): Promise<Record<string, unknown>> {
  const validity = await requireTime(tx, id, delivery, now);
  await requireSender(tx, id);
  await setState(tx, id, delivery.state, act, now);
  await tx.query(
    "update deliveries set hold_reason = null, started_at = $2, valid_until = $3, signing_keys = $4 where id = $1",
    [id, timestamp(now), timestamp(now + validity), await chooseSigningKeys(tx, delivery)],
  );
  const copies = await freezeCopies(tx, id, { ...delivery, senderAddress: delivery.sender_address });
  const due = await beginFirstWave(tx, id, delivery, now);
  await putOutbox(
    tx,
    "start",
    ["message.queued", "message.excluded"],
    () => ({ deliveryId: id, excludedAfter: null, queuedAfter: null }),
    now,
  );
  const mode = delivery.mode === "live" ? {} : { mode: delivery.mode };
  return { validity: formatDuration(validity), ...mode, ...copies, ...due };
}

/** How long attempts go on from such a start. Throws `validity-over`. */
export async function requireTime(tx: Tx, id: number, delivery: LockedDelivery, start: Instant): Promise<Duration> {
  const { validity, said_until: validUntil } = delivery;
  const left = readValidity({ validity, validUntil }, (await loadSettings(tx)).validityCap, start);
  if (left <= 0) throw appError("validity-over", { id, until: validUntil ?? "" });
  return left;
}

/** Masks may have changed since the analysis. Throws `sender-outside-masks`. */
export async function requireSender(tx: Tx, id: number): Promise<void> {
  const { senderMasks } = await loadSettings(tx);
  const [sender] = await tx.query<{ address: string; errorAddress: string }>(
    `select coalesce(manifest->>'fromAddress', '') as address, coalesce(manifest->>'errorAddress', '') as "errorAddress"
       from deliveries where id = $1`,
    [id],
  );
  const [outside] = sender === undefined ? [] : outsideMasks(sender, senderMasks);
  if (outside === undefined) return;
  throw appError("sender-outside-masks", { id, address: outside.address, masks: outside.masks.join(", ") });
}

/** From here on the same keys sign, whatever becomes of them: a retry must have the bytes of the first attempt. */
function chooseSigningKeys(tx: Tx, { sender_address, dkim }: LockedDelivery): Promise<number[]> {
  const sender = parseAddress(sender_address);
  return signingKeysFor(tx, sender.kind === "valid" ? sender.domain : "", dkim ?? null);
}
