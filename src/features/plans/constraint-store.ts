/** The SQL of why a delivery or a message is not further. Counters and parts, and of messages only the one that is asked about. */
import type { Settings } from "../../contract/index.ts";
import type { DeliveryState, MessageKey, MessageStatus } from "../../core/delivery/status.ts";
import { SECOND, type Duration, type Instant } from "../../core/time.ts";
import { timestamp, type Queryable } from "../../platform/db.ts";
import { senderAddressOf } from "../settings/index.ts";
import { settingsWithPool } from "../sources/index.ts";

/** A sender that has said nothing for this long does nothing. */
const SENDER_SILENT: Duration = 30 * SECOND;

export type DeliveryNow = {
  id: number;
  state: DeliveryState;
  hold_reason: string | null;
  settings: Partial<Settings>;
  sender_address: string;
  valid_until: Instant | null;
  pending: number;
  retrying: number;
  leased: number;
  /** When the next part is due. */
  next_due_at: Instant | null;
  /** When the next wave begins; null: none waits. */
  next_wave_at: Instant | null;
  waiting_for: string | null;
  stopped_by: string | null;
  stopped_at: Instant | null;
};

export async function findDeliveryNow(db: Queryable, id: number, now: Instant): Promise<DeliveryNow | null> {
  const [row] = await db.query<DeliveryNow>(
    `select d.id, d.state, d.hold_reason, ${settingsWithPool("d")} as settings, ${senderAddressOf("d")} as sender_address, d.valid_until,
            parts.*, (select min(w.starts_at) from delivery_waves w where w.delivery_id = d.id and w.begun_at is null) as next_wave_at,
            s.waiting_for, stopped.actor as stopped_by, stopped.at as stopped_at
       from deliveries d
       cross join lateral (
         select coalesce(sum(p.pending), 0)::bigint as pending, coalesce(sum(p.retrying), 0)::bigint as retrying,
                count(*) filter (where p.owner is not null) as leased,
                min(p.due_at) filter (where p.owner is null) as next_due_at
           from delivery_parts p where p.delivery_id = d.id) parts
       left join lateral (
         select min(waiting_for) as waiting_for from sender_status
          where delivery_id = d.id and updated_at > $2) s on true
       left join lateral (
         select actor, at from delivery_events
          where delivery_id = d.id and kind in ('delivery.paused', 'delivery.stopped') order by id desc limit 1) stopped on true
      where d.id = $1`,
    [id, timestamp(now - SENDER_SILENT)],
  );
  return row ?? null;
}

/** Whether any sender said lately what it does. */
export async function isAnySending(db: Queryable, now: Instant): Promise<boolean> {
  const rows = await db.query("select 1 from sender_status where updated_at > $1 limit 1", [
    timestamp(now - SENDER_SILENT),
  ]);
  return rows.length > 0;
}

export type MessageNow = {
  address: string;
  status: MessageStatus;
  relayed: boolean;
  next_attempt_at: Instant | null;
  delivery_id: number;
  domain: string | null;
  leased: boolean;
  due_at: Instant | null;
  last_reply: string | null;
};

export async function findMessageNow(db: Queryable, { partId, seq }: MessageKey): Promise<MessageNow | null> {
  const [row] = await db.query<MessageNow>(
    `select m.address, m.status, m.relayed, m.next_attempt_at, p.delivery_id, p.domain, p.owner is not null as leased,
            p.due_at, last.reply as last_reply
       from messages m join delivery_parts p on p.id = m.part_id
       left join lateral (select a.reply from message_attempts a
         where a.part_id = m.part_id and a.seq = m.seq order by a.attempt desc limit 1) last on true
      where m.part_id = $1 and m.seq = $2`,
    [partId, seq],
  );
  return row ?? null;
}
