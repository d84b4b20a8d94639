/** The SQL of complaints: each in one transaction. */
import { parseAddress } from "../../core/address/parse-address.ts";
import type { MessageKey } from "../../core/delivery/status.ts";
import { OTHER_PROVIDER } from "../../core/shaping/rule.ts";
import { SYSTEM_SOURCE } from "../../core/shaping/source.ts";
import type { Instant } from "../../core/time.ts";
import { type Tx } from "../../platform/db.ts";
import { COMPLAINT_CHANNEL, type ComplaintNote, PROGRESS_CHANNEL } from "../../platform/events.ts";
import { putOutbox } from "../../platform/outbox.ts";
import { denylist } from "../quarantine/index.ts";
import { recordWarmUp } from "../sources/index.ts";

type Complained = MessageKey & { readonly deliveryId: number; readonly address: string };

/** Marks the message and puts its address on the denylist. False: it was so already, and nothing has changed. */
export async function applyComplaint(
  tx: Tx,
  { partId, seq, deliveryId, address }: Complained,
  now: Instant,
): Promise<boolean> {
  const parsed = parseAddress(address);
  if (parsed.kind !== "valid") return false;
  await denylist(tx, { matchKey: parsed.matchKey, address, reason: "complaint", messageKey: { partId, seq }, at: now });
  const marked = await tx.query(
    `insert into message_reactions (part_id, seq, kind, link, human) values ($1, $2, 'complaint', 0, true)
     on conflict do nothing returning seq`,
    [partId, seq],
  );
  if (marked.length === 0) return false;
  await tx.query(
    `insert into tracking_counters as c (delivery_id, kind, link, recipients, recipients_human, total, total_human)
     select $1, 'complaint', 0, 1, 1, 1, 1 where not exists (select 1 from delivery_parts where id = $2 and seeds)
     on conflict (delivery_id, kind, link) do update
        set recipients = c.recipients + 1, recipients_human = c.recipients_human + 1, total = c.total + 1,
            total_human = c.total_human + 1`,
    [deliveryId, partId],
  );
  await countComplaint(tx, { partId, seq }, parsed.domain, now);
  await putOutbox(tx, "complaint", ["message.complained"], () => ({ partId, seq }), now);
  await tx.query("select pg_notify($1, $2)", [PROGRESS_CHANNEL, String(deliveryId)]);
  return true;
}

/** For the warm-up of the source from which the message left, and for the senders, where it is known where it went. */
async function countComplaint(tx: Tx, { partId, seq }: MessageKey, domain: string, now: Instant): Promise<void> {
  const [way] = await tx.query<{
    id: number | null;
    name: string | null;
    provider: string | null;
    site: string | null;
  }>(
    `select s.id, s.name, d.provider, d.site
       from (select source_ip from message_attempts where part_id = $1 and seq = $2 and source_ip is not null
              order by attempt desc limit 1) a
       left join sources s on a.source_ip in (s.address_v4, s.address_v6)
       left join domain_sites d on d.domain = $3 limit 1`,
    [partId, seq, domain],
  );
  if (!way) return;
  const { id, name, provider, site } = way;
  if (id !== null) {
    const counts = { at: now, accepted: 0, deferred: 0, refused: 0, complaints: 1 };
    await recordWarmUp(tx, [{ sourceId: id, provider: provider ?? OTHER_PROVIDER, ...counts }]);
  }
  if (provider === null || site === null) return;
  const note: ComplaintNote = { partId, sourceId: id, source: name ?? SYSTEM_SOURCE, site, provider, domain };
  await tx.query("select pg_notify($1, $2)", [COMPLAINT_CHANNEL, JSON.stringify(note)]);
}
