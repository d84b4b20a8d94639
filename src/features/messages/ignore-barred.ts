/**
 * Scheduled single messages are looked at again when they become due: whoever came onto the denylist or into quarantine meanwhile gets nothing. Senders
 * ask before they take what is due of a carrier; what is barred is cancelled then, with the reason, all of it in a few statements.
 */
import type { Instant } from "../../core/time.ts";
import { timestamp, type Db, type Tx } from "../../platform/db.ts";
import { withdrawCopies } from "../deliveries/index.ts";
import { loadSettings } from "../settings/index.ts";

/** Of parts that nobody holds, those due whose address is barred. $1 carrier, $2 now. */
const BARRED = `
  select s.part_id, s.seq,
         case when r.denylisted_at is not null and not coalesce(t.ignore_denylist, false) then 'denylisted' else 'quarantined' end as against
    from delivery_parts p
    join single_messages s on s.part_id = p.id
    join messages m on m.part_id = s.part_id and m.seq = s.seq
    left join recipients r on r.match_key = s.match_key and r.denylisted_at is not null
    left join quarantine q on q.match_key = s.match_key and q.status = 'quarantined'
    left join published_templates t on t.template_id = s.template_id
   where p.delivery_id = $1 and p.owner is null and p.due_at <= $2 and s.send_at <= $2 and s.ignored is null
     and m.status = 'pending' and m.attempts = 0 and m.next_attempt_at <= $2
     and ((r.match_key is not null and not coalesce(t.ignore_denylist, false))
          or (q.match_key is not null and ($3 or ${localPart("q.address")} = ${localPart("m.address")})))`;

function localPart(address: string): string {
  return `left(${address}, length(${address}) - strpos(reverse(${address}), '@'))`;
}

/** How many leave no more. */
export async function ignoreBarred(db: Db, carrierId: number, now: Instant): Promise<number> {
  // Without regard to how local parts are written, which costs no settings: mostly there is nobody.
  const [some] = await db.query(`${BARRED} limit 1`, [carrierId, timestamp(now), true]);
  if (!some) return 0;
  const { quarantine } = await loadSettings(db);
  return db.transaction((tx) => ignore(tx, carrierId, now, quarantine.foldLocalPart));
}

async function ignore(tx: Tx, carrierId: number, now: Instant, foldLocalPart: boolean): Promise<number> {
  const params = [carrierId, timestamp(now), foldLocalPart];
  // Parts are locked first, as by those who lease and who commit; after that the look is at what they are.
  await tx.query(
    `select 1 from delivery_parts where id in (select part_id from (${BARRED}) b) order by id for update`,
    params,
  );
  const parts = await tx.query<{ part_id: number; n: number }>(
    `with barred as (${BARRED}),
     cancelled as (
       update messages m set status = 'cancelled', final_at = $2, next_attempt_at = null
         from barred b where m.part_id = b.part_id and m.seq = b.seq returning m.part_id, m.seq),
     told as (
       update single_messages s set ignored = b.against from barred b where s.part_id = b.part_id and s.seq = b.seq),
     counted as (select part_id, count(*)::int as n from cancelled group by part_id)
     update delivery_parts p
        set pending = pending - c.n, cancelled = p.cancelled + c.n,
            due_at = case when pending + retrying = c.n then null else due_at end
       from counted c where p.id = c.part_id returning p.id as part_id, c.n`,
    params,
  );
  if (parts.length === 0) return 0;
  await withdrawCopies(
    tx,
    carrierId,
    parts.map(({ part_id }) => part_id),
  );
  return parts.reduce((sum, { n }) => sum + n, 0);
}
