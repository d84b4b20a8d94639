/**
 * The moment in which a delivery begins: its validity period starts, keys and archives are settled, its parts are due.
 * Whoever asked for no more mail since the analysis, or went into quarantine, gets none: their messages are cancelled.
 */
import { parseAddress } from "../../core/address/parse-address.ts";
import type { Act } from "../../core/delivery/lifecycle.ts";
import { formatDuration } from "../../core/delivery/validity.ts";
import type { Instant } from "../../core/time.ts";
import { signingKeysFor } from "../domains/index.ts";
import { loadSettings } from "../settings/index.ts";
import { timestamp, type Tx } from "../../platform/db.ts";
import { putOutbox } from "../../platform/outbox.ts";
import { cancelMessages } from "./cancel-rest.ts";
import { freezeCopies } from "./copies.ts";
import { readValidity } from "./present.ts";
import { setState, type LockedDelivery } from "./transition.ts";

/** What is settled, in words for the delivery's log. Throws `archive-missing`. */
export async function beginSending(
  tx: Tx,
  id: number,
  delivery: LockedDelivery,
  act: Act,
  now: Instant,
): Promise<Record<string, unknown>> {
  const validity = readValidity(delivery.validity, (await loadSettings(tx)).validityCap);
  await setState(tx, id, delivery.state, act, now);
  await tx.query(
    "update deliveries set hold_reason = null, started_at = $2, valid_until = $3, signing_keys = $4 where id = $1",
    [id, timestamp(now), timestamp(now + validity), await chooseSigningKeys(tx, delivery)],
  );
  const copies = await freezeCopies(tx, id, { ...delivery, senderAddress: delivery.sender_address });
  const left = delivery.analysed_at === null ? 0 : await cancelThoseWhoLeft(tx, id, delivery.analysed_at, now);
  await putOutbox(
    tx,
    "start",
    ["message.queued", "message.excluded"],
    () => ({ deliveryId: id, excludedAfter: null, queuedAfter: null }),
    now,
  );
  await tx.query("update delivery_parts set due_at = $2 where delivery_id = $1 and pending > 0", [id, timestamp(now)]);
  const mode = delivery.mode === "live" ? {} : { mode: delivery.mode };
  return { validity: formatDuration(validity), ...mode, ...copies, ...(left === 0 ? {} : { cancelled: left }) };
}

/** From here on the same keys sign, whatever becomes of them: a retry must have the bytes of the first attempt. */
function chooseSigningKeys(tx: Tx, { sender_address, dkim }: LockedDelivery): Promise<number[]> {
  const sender = parseAddress(sender_address);
  return signingKeysFor(tx, sender.kind === "valid" ? sender.domain : "", dkim ?? null);
}

/** How many: on the denylist or in quarantine since the analysis. */
async function cancelThoseWhoLeft(tx: Tx, id: number, analysedAt: Instant, now: Instant): Promise<number> {
  const gone = await tx.query<{ part_id: number; seq: number }>(
    `select m.part_id, m.seq
       from (select id from recipients where denylisted_at >= $2
             union
             select r.id from quarantine q join recipients r on r.match_key = q.match_key
              where q.status = 'quarantined' and q.updated_at >= $2) gone
       join messages m on m.recipient_id = gone.id
       join delivery_parts p on p.id = m.part_id
      where p.delivery_id = $1 and m.status = 'pending'
      order by m.part_id, m.seq`,
    [id, timestamp(analysedAt)],
  );
  await cancelMessages(tx, id, gone, now);
  return gone.length;
}
