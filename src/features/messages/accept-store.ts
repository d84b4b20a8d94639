/** The SQL that brings accepted messages into the log: all of a group in a few statements. */
import { withSingleFacts } from "../../core/delivery/single.ts";
import type { Instant } from "../../core/time.ts";
import { timestamp, type Queryable, type Tx } from "../../platform/db.ts";
import { SINGLES_CHANNEL } from "../../platform/events.ts";
import type { PreparedMessage } from "./prepare-message.ts";

/** Messages of one part at most: what is sent together, and what another sender gets when one dies. */
export const PART_MOST = 500;
/** Of the newest parts of a carrier one that nobody holds is filled up. */
const PARTS_LOOKED_AT = 8;

export type Known = {
  readonly recipientId: number | null;
  /** Why nothing is sent to them; null: nothing speaks against it. */
  readonly against: "denylisted" | "quarantined" | null;
};

type KnownRow = { match_key: string; id: number | null; denied: boolean; failed: string | null };

/** What is known of these addresses. */
export async function findKnown(
  tx: Queryable,
  messages: readonly PreparedMessage[],
): Promise<(message: PreparedMessage) => Known> {
  const keys = [...new Set(messages.map(({ address }) => address.matchKey))];
  const rows = await tx.query<KnownRow>(
    `select k.match_key, r.id, r.denylisted_at is not null as denied, q.address as failed
       from unnest($1::text[]) as k(match_key)
       left join recipients r on r.match_key = k.match_key
       left join quarantine q on q.match_key = k.match_key and q.status = 'quarantined'`,
    [keys],
  );
  const known = new Map(rows.map((row) => [row.match_key, row]));
  return ({ address: { matchKey, address }, template, content }) => {
    const row = known.get(matchKey);
    const isDenied = row?.denied === true && template?.ignoreDenylist !== true;
    const { foldLocalPart } = content.platform.quarantine;
    const failed = row?.failed ?? null;
    const isQuarantined = failed !== null && (foldLocalPart || localPart(failed) === localPart(address));
    return {
      recipientId: row?.id ?? null,
      against: isDenied ? "denylisted" : isQuarantined ? "quarantined" : null,
    };
  };
}

const localPart = (address: string) => address.slice(0, address.lastIndexOf("@"));

export type ExternalId = {
  readonly external_id: string;
  readonly fingerprint: Buffer;
  readonly part_id: number;
  readonly seq: number;
};

export async function findExternalIds(db: Queryable, ids: readonly string[]): Promise<Map<string, ExternalId>> {
  if (ids.length === 0) return new Map();
  const rows = await db.query<ExternalId>(
    "select external_id, fingerprint, part_id, seq from message_external_ids where external_id = any($1)",
    [ids],
  );
  return new Map(rows.map((row) => [row.external_id, row]));
}

/** A message with its place in the log. */
export type Placed = {
  readonly message: PreparedMessage;
  readonly partId: number;
  readonly seq: number;
  readonly contentId: number | null;
  readonly known: Known;
};

/** False when another transaction was faster with one of them. */
export async function insertExternalIds(tx: Tx, placed: readonly Placed[]): Promise<boolean> {
  const named = placed
    .flatMap(({ message: { externalId: id, fingerprint }, partId, seq }) =>
      id === null ? [] : [{ id, fingerprint, partId, seq }],
    )
    .toSorted((one, other) => (one.id < other.id ? -1 : 1));
  if (named.length === 0) return true;
  const rows = await tx.query(
    `insert into message_external_ids (external_id, fingerprint, part_id, seq)
     select id, decode(fingerprint, 'base64'), part_id, seq
       from unnest($1::text[], $2::text[], $3::bigint[], $4::int[]) as t(id, fingerprint, part_id, seq)
     on conflict do nothing returning 1`,
    [
      named.map(({ id }) => id),
      named.map(({ fingerprint }) => fingerprint.toString("base64")),
      named.map(({ partId }) => partId),
      named.map(({ seq }) => seq),
    ],
  );
  return rows.length === named.length;
}

/** `due`: when the first of its messages may leave; null: none will. */
export type PartGrowth = { readonly pending: number; readonly cancelled: number; readonly due: Instant | null };

/** A part of the carrier that has room and that no sender holds takes them, from the number `next` on; null: there is none. */
export async function growOpenPart(
  tx: Tx,
  carrierId: number,
  { pending, cancelled, due }: PartGrowth,
): Promise<{ id: number; next: number } | null> {
  const [row] = await tx.query<{ id: number; next: number }>(
    `update delivery_parts set to_deliver = to_deliver + $2::int + $3::int, pending = pending + $2, cancelled = cancelled + $3,
            due_at = least(due_at, $4::timestamptz)
      where id = (
        select id from delivery_parts
         where id in (select id from delivery_parts where delivery_id = $1 order by id desc limit ${PARTS_LOOKED_AT})
           and owner is null and to_deliver + $2 + $3 <= ${PART_MOST}
         order by id desc limit 1 for update skip locked)
      returning id, to_deliver - $2 - $3 as next, pg_notify($5, $1::text)`,
    [carrierId, pending, cancelled, due === null ? null : timestamp(due), SINGLES_CHANNEL],
  );
  return row ?? null;
}

export async function insertPart(
  tx: Tx,
  partId: number,
  carrier: { readonly id: number; readonly hasCopies: boolean },
  { pending, cancelled, due }: PartGrowth,
): Promise<void> {
  await tx.query(
    `insert into delivery_parts (id, delivery_id, to_deliver, pending, cancelled, due_at)
     values ($1, $2, $3::int + $4::int, $3, $4, $5) returning pg_notify($6, $2::text)`,
    [partId, carrier.id, pending, cancelled, due === null ? null : timestamp(due), SINGLES_CHANNEL],
  );
  if (carrier.hasCopies) {
    await tx.query("insert into archive_parts (part_id, delivery_id) values ($1, $2)", [partId, carrier.id]);
  }
}

/** Who is not to get it has a row all the same: cancelled, with the reason. */
export async function insertMessages(tx: Tx, placed: readonly Placed[], now: Instant): Promise<void> {
  const column = <T>(pick: (one: Placed) => T) => placed.map(pick);
  await tx.query(
    `with t as (
       select * from unnest($1::bigint[], $2::int[], $3::bigint[], $4::text[], $5::jsonb[], $6::timestamptz[], $7::text[], $8::text[],
                            $9::bigint[], $10::text[], $11::timestamptz[], $12::text[], $13::jsonb[], $14::jsonb[])
         as t(part_id, seq, recipient_id, address, vars, send_at, match_key, external_id, template_id, subject, expires_at, ignored,
              tags, metadata)),
     logged as (
       insert into messages (part_id, seq, recipient_id, address, vars, status, next_attempt_at, final_at)
       select part_id, seq, recipient_id, address, vars, case when ignored is null then 'pending' else 'cancelled' end,
              case when ignored is null then send_at end, case when ignored is not null then $15::timestamptz end
         from t)
     insert into single_messages (part_id, seq, accepted_at, match_key, external_id, template_id, subject, send_at, expires_at,
                                  ignored, tags, metadata)
     select part_id, seq, $15, match_key, external_id, template_id, subject, send_at, expires_at, ignored, tags, metadata from t`,
    [
      column(({ partId }) => partId),
      column(({ seq }) => seq),
      column(({ known }) => known.recipientId),
      column(({ message }) => message.address.address),
      column(({ message: { values, at, until }, contentId }) =>
        JSON.stringify(withSingleFacts(values, { at, until, content: contentId })),
      ),
      column(({ message }) => (message.sendAt === null ? null : timestamp(message.sendAt))),
      column(({ message }) => message.address.matchKey),
      column(({ message }) => message.externalId),
      column(({ message }) => message.template?.id ?? null),
      column(({ message }) => message.subject),
      column(({ message }) => timestamp(message.until)),
      column(({ known }) => known.against),
      column(({ message }) => JSON.stringify(message.tags)),
      column(({ message }) => JSON.stringify(message.metadata)),
      timestamp(now),
    ],
  );
}
