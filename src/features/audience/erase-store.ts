/** SQL of erasing a recipient: what stands against it, which copies lie outside, and the erasing itself. */
import { ERASED_ADDRESS } from "../../core/audience/erased.ts";
import type { MessageKey } from "../../core/delivery/status.ts";
import type { Instant } from "../../core/time.ts";
import { timestamp, type Tx } from "../../platform/db.ts";

const ERASED_TEXT = "[erased]";

export type Erasable = {
  readonly id: number;
  readonly address: string;
  readonly match_key: string;
  readonly denylisted_at: Instant | null;
};

export async function lockErasable(tx: Tx, id: number): Promise<Erasable | null> {
  const [row] = await tx.query<Erasable>(
    "select id, address, match_key, denylisted_at from recipients where id = $1 for update",
    [id],
  );
  return row ?? null;
}

export type OwnMessage = {
  readonly part_id: number;
  readonly seq: number;
  readonly delivery_id: number;
  readonly final: boolean;
  /** A sender has its part, so its copies may not all be in the ledger yet. */
  readonly leased: boolean;
  readonly owed: boolean;
};

/** In doubt is final once the delivery is over: nobody will try again. */
export async function lockMessagesOf(tx: Tx, { id, match_key: key }: Erasable): Promise<OwnMessage[]> {
  const files = await tx.query<{ part_id: number; address: string }>(
    `select p.id as part_id, f.address
       from (select distinct import_id, address from file_rows where match_key = $1) f
       join deliveries d on d.audience ->> 'file' = f.import_id::text
       join delivery_parts p on p.delivery_id = d.id`,
    [key],
  );
  return tx.query<OwnMessage>(
    `select m.part_id, m.seq, p.delivery_id,
            m.status in ('sent', 'failed', 'cancelled')
              or (m.status = 'in-doubt' and d.state in ('finished', 'stopped')) as final,
            d.archive is not null and (p.owner is not null or l.owner is not null) as leased,
            exists (select from archive_copies c
                     where c.part_id = m.part_id and c.seq = m.seq and c.state = 'owed') as owed
       from messages m
       join delivery_parts p on p.id = m.part_id
       join deliveries d on d.id = p.delivery_id
       left join archive_parts l on l.part_id = p.id
      where (m.part_id, m.seq) in (select part_id, seq from messages where recipient_id = $1
                                   union all select part_id, seq from proof_people where recipient_id = $1 or match_key = $2
                                   union all select o.part_id, o.seq from unnest($3::bigint[], $4::text[]) as f(part_id, address)
                                     join messages o on o.part_id = f.part_id and o.address = f.address)
      order by m.part_id, m.seq
      for update of m`,
    [id, key, files.map((file) => file.part_id), files.map((file) => file.address)],
  );
}

/** An analysis that runs may be about to make a message for anybody. */
export async function findAnalysing(tx: Tx): Promise<number | null> {
  const [row] = await tx.query<{ id: number }>("select id from deliveries where state = 'analysing' limit 1");
  return row?.id ?? null;
}

export type OutsideCopy = {
  readonly part_id: number;
  readonly seq: number;
  readonly archive: number;
  readonly name: string;
  readonly delivery_id: number;
  readonly archived_at: Instant | null;
  readonly location: string | null;
  readonly total: number;
};

/** Copies that an archive took, or may have taken without our hearing of it. */
export function listOutsideCopies(tx: Tx, messages: readonly MessageKey[], limit: number): Promise<OutsideCopy[]> {
  return tx.query<OutsideCopy>(
    `select c.part_id, c.seq, c.archive, a.name, p.delivery_id, c.archived_at, c.location, count(*) over () as total
       from unnest($1::bigint[], $2::int[]) as m(part_id, seq)
       join archive_copies c on c.part_id = m.part_id and c.seq = m.seq
       join archive_parts p on p.part_id = c.part_id
       join archives a on a.id = c.archive
      where c.archived_at is not null or c.in_doubt
      order by c.part_id, c.seq, c.archive limit $3`,
    [...keysOf(messages), limit],
  );
}

/** Addresses, values and what servers said about them. Figures, times and reasons stay. */
export async function eraseMessages(
  tx: Tx,
  messages: readonly MessageKey[],
  { address, match_key: key }: Erasable,
): Promise<void> {
  const keys = keysOf(messages);
  const these = (table: string) =>
    `(${table}.part_id, ${table}.seq) in (select * from unnest($1::bigint[], $2::int[])) and ${table}.part_id = any($1)`;
  await tx.query(`update messages m set address = $3, vars = '{}', recipient_id = null where ${these("m")}`, [
    ...keys,
    ERASED_ADDRESS,
  ]);
  const pattern = [address, key].map((text) => text.replace(/[.*+?^${}()|[\]\\-]/g, "\\$&")).join("|");
  for (const table of ["message_attempts", "archive_copies"]) {
    await tx.query(
      `update ${table} t set reply = regexp_replace(t.reply, $3, $4, 'gi') where ${these("t")} and t.reply ~* $3`,
      [...keys, pattern, ERASED_TEXT],
    );
  }
  await eraseSingles(tx, keys);
  await tx.query(`update tracking_events t set ip = '', user_agent = '', person = '' where ${these("t")}`, keys);
}

/** What single messages have besides; content that was written for nobody else goes. `keys`: as `keysOf` gives them. */
async function eraseSingles(tx: Tx, keys: readonly (readonly number[])[]): Promise<void> {
  await tx.query(
    `update single_messages s set match_key = '', external_id = null, subject = '', tags = '[]', metadata = '{}'
      where (s.part_id, s.seq) in (select * from unnest($1::bigint[], $2::int[])) and s.part_id = any($1)`,
    keys,
  );
  await tx.query(
    "delete from message_external_ids e where (e.part_id, e.seq) in (select * from unnest($1::bigint[], $2::int[]))",
    keys,
  );
  await tx.query(
    `delete from message_contents c
      using delivery_parts erased
      where erased.id = any($1) and c.carrier_id = erased.delivery_id and not exists (
        select 1 from delivery_parts p join messages m on m.part_id = p.id
         where p.delivery_id = c.carrier_id and (m.vars #>> '{envoi:single,content}')::bigint = c.id)`,
    [keys[0]],
  );
}

/**
 * The profile and what is kept about the address elsewhere. On the denylist and in quarantine the match key stays: whoever asked for no more
 * mail must not get some because a later import brings the address back. A hash in its place would be undone by trying addresses, and
 * imports and analyses would have to know of it.
 */
export async function eraseProfile(tx: Tx, recipient: Erasable, now: Instant): Promise<{ blocked: boolean }> {
  const { id, match_key: key } = recipient;
  const [quarantine] = await tx.query(
    "update quarantine set address = match_key, error_text = '' where match_key = $1 and status = 'quarantined' returning 1",
    [key],
  );
  const isDenied = recipient.denylisted_at !== null;
  await tx.query("delete from address_allowlist where match_key = $1", [key]);
  await tx.query("delete from requalified_addresses where match_key = $1", [key]);
  if (quarantine)
    await tx.query("update quarantine_history set error_text = '', note = '' where match_key = $1", [key]);
  else {
    await tx.query("delete from quarantine where match_key = $1", [key]);
    await tx.query("delete from quarantine_history where match_key = $1", [key]);
  }
  await tx.query(
    "update unsubscriptions set address = $2, match_key = case when $3 then match_key else $2 end where match_key = $1",
    [key, isDenied ? key : ERASED_ADDRESS, isDenied],
  );
  await tx.query("update exclusions set address = $3, detail = '' where recipient_id = $1 or lower(address) = $2", [
    id,
    key,
    ERASED_ADDRESS,
  ]);
  await tx.query(
    `delete from suppressed_exclusions s using deliveries t
      where t.id = s.delivery_id and s.hash = sha256(convert_to(t.id || ':' || $1::text, 'UTF8'))`,
    [key],
  );
  await tx.query(
    `update import_errors set value = '', address = null, match_key = null
      where match_key = $1 or lower(address) = $1 or lower(value) = $1`,
    [key],
  );
  await tx.query(
    "delete from import_changes where import_id in (select id from imports where undoable) and recipient_id = $1",
    [id],
  );
  await tx.query("delete from list_members where recipient_id = $1", [id]);
  await tx.query("delete from subscriptions where recipient_id = $1", [id]);
  await tx.query("delete from subscription_requests where match_key = $1", [key]);
  await tx.query("delete from subscription_events where match_key = $1", [key]);
  await tx.query("delete from service_mails where match_key = $1", [key]);
  await tx.query("delete from proof_people where recipient_id = $1 or match_key = $2", [id, key]);
  await tx.query("delete from file_rows where match_key = $1", [key]);
  if (isDenied) {
    await tx.query("update recipients set address = match_key, attributes = '{}', updated_at = $2 where id = $1", [
      id,
      timestamp(now),
    ]);
  } else {
    await tx.query("delete from recipients where id = $1", [id]);
  }
  return { blocked: isDenied || quarantine !== undefined };
}

function keysOf(messages: readonly MessageKey[]): [number[], number[]] {
  return [messages.map((key) => key.partId), messages.map((key) => key.seq)];
}
