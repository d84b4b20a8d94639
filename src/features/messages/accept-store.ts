/**
 * The SQL that brings accepted messages into the log: two statements for as many as come together, since each way to the database costs as
 * much as dozens of messages.
 */
import { DatabaseError } from "pg";

import { withSingleFacts } from "../../core/delivery/single.ts";
import type { Instant } from "../../core/time.ts";
import { timestamp, type Queryable } from "../../platform/db.ts";
import { SINGLES_CHANNEL } from "../../platform/events.ts";
import type { PreparedMessage } from "./prepare-message.ts";

/** Messages of one part at most: what is sent together, and what another sender gets when one dies. */
export const PART_MOST = 500;
/** Of the newest parts of a carrier one that nobody holds is filled up. */
const PARTS_LOOKED_AT = 8;
const EXTERNAL_IDS_KEY = "message_external_ids_pkey";

export type Place = { readonly partId: number; readonly seq: number };

export type Known = {
  readonly recipientId: number | null;
  /** Why nothing is sent to them; null: nothing speaks against it. */
  readonly against: "denylisted" | "quarantined" | null;
  /** The message that has its external id. */
  readonly earlier: (Place & { readonly fingerprint: Buffer }) | null;
};

type KnownRow = {
  id: number | null;
  denied: boolean;
  failed: string | null;
  fingerprint: Buffer | null;
  part_id: number;
  seq: number;
};

/** What is known of their addresses and external ids, in their order. */
export async function findKnown(db: Queryable, messages: readonly PreparedMessage[]): Promise<Known[]> {
  const rows = await db.query<KnownRow>(
    `select r.id, r.denylisted_at is not null as denied, q.address as failed, e.fingerprint, e.part_id, e.seq
       from unnest($1::text[], $2::text[]) with ordinality as m(match_key, external_id, n)
       left join recipients r on r.match_key = m.match_key
       left join quarantine q on q.match_key = m.match_key and q.status = 'quarantined'
       left join message_external_ids e on e.external_id = m.external_id
      order by m.n`,
    [messages.map(({ address }) => address.matchKey), messages.map(({ externalId }) => externalId)],
    { name: "single-messages-known" },
  );
  return rows.map((row, n) => readKnown(row, messages[n] as PreparedMessage));
}

function readKnown(row: KnownRow, { address: { address }, template, content }: PreparedMessage): Known {
  const { id, denied, failed, fingerprint, part_id: partId, seq } = row;
  const isDenied = denied && template?.ignoreDenylist !== true;
  const { foldLocalPart } = content.platform.quarantine;
  const isQuarantined = failed !== null && (foldLocalPart || localPart(failed) === localPart(address));
  return {
    recipientId: id,
    against: isDenied ? "denylisted" : isQuarantined ? "quarantined" : null,
    earlier: fingerprint && { fingerprint, partId, seq },
  };
}

const localPart = (address: string) => address.slice(0, address.lastIndexOf("@"));

/** A message that is to get a place in the log. */
export type Fresh = {
  readonly message: PreparedMessage;
  readonly known: Known;
  /** Null: that of its carrier. */
  readonly contentId: number | null;
};

export type Placed = Fresh & Place;

/**
 * `no-carrier`: the carrier takes nothing more. `lost-race`: another process was faster with one of the external ids. Nothing was written
 * then.
 */
export type Placing =
  | { readonly kind: "placed"; readonly placed: readonly Placed[] }
  | { readonly kind: "no-carrier" | "lost-race" };

/**
 * They go into a part of the carrier that has room and that no sender holds, else into a new one with the id `sparePart`. In one statement, which is its
 * own transaction: the carrier is held, so that nobody stops it meanwhile.
 */
export async function placeMessages(
  db: Queryable,
  carrierId: number,
  sparePart: number,
  fresh: readonly Fresh[],
  now: Instant,
): Promise<Placing> {
  try {
    const [part] = await db.query<{ id: number; next: number }>(
      PLACE,
      [carrierId, timestamp(now), ...growthOf(fresh), sparePart, SINGLES_CHANNEL, ...columnsOf(fresh)],
      { name: "single-messages-place" },
    );
    if (part === undefined) return { kind: "no-carrier" };
    return { kind: "placed", placed: fresh.map((one, n) => ({ ...one, partId: part.id, seq: part.next + n })) };
  } catch (error) {
    if (error instanceof DatabaseError && error.constraint === EXTERNAL_IDS_KEY) return { kind: "lost-race" };
    throw error;
  }
}

/** How many will leave, how many not, and when the first is due (null: none is). */
function growthOf(fresh: readonly Fresh[]): unknown[] {
  const pending = fresh.filter(({ known }) => known.against === null);
  const due = pending.length === 0 ? null : Math.min(...pending.map(({ message }) => message.at));
  return [pending.length, fresh.length - pending.length, due === null ? null : timestamp(due)];
}

/** Whoever is not to get it has a row all the same: cancelled, with the reason. */
function columnsOf(fresh: readonly Fresh[]): unknown[][] {
  const column = (pick: (message: PreparedMessage, one: Fresh) => unknown) =>
    fresh.map((one) => pick(one.message, one));
  return [
    column((_, { known }) => known.recipientId),
    column(({ address }) => address.address),
    column(({ values, at, until }, { contentId }) =>
      JSON.stringify(withSingleFacts(values, { at, until, content: contentId })),
    ),
    column(({ sendAt }) => (sendAt === null ? null : timestamp(sendAt))),
    column(({ address }) => address.matchKey),
    column(({ externalId }) => externalId),
    column(({ fingerprint }) => fingerprint.toString("base64")),
    column(({ template }) => template?.id ?? null),
    column(({ subject }) => subject),
    column(({ until }) => timestamp(until)),
    column((_, { known }) => known.against),
    column(({ tags }) => JSON.stringify(tags)),
    column(({ metadata }) => JSON.stringify(metadata)),
  ];
}

/** External ids in their order: two groups that have some in common wait for each other, not both for ever. */
const PLACE = `
  with carrier as materialized (
    select id, archive is not null as has_copies from deliveries
     where id = $1 and open_until > $2 and state in ('in-progress', 'pausing', 'paused') for share),
  grown as (
    update delivery_parts set to_deliver = to_deliver + $3::int + $4::int, pending = pending + $3, cancelled = cancelled + $4,
           due_at = least(due_at, $5::timestamptz)
     where id = (
       select id from delivery_parts
        where id in (select p.id from delivery_parts p where p.delivery_id = (select id from carrier) order by p.id desc limit ${PARTS_LOOKED_AT})
          and owner is null and to_deliver + $3 + $4 <= ${PART_MOST}
        order by id desc limit 1 for update skip locked)
    returning id, delivery_id, to_deliver - $3 - $4 as next),
  made as (
    insert into delivery_parts (id, delivery_id, to_deliver, pending, cancelled, due_at)
    select $6, id, $3 + $4, $3, $4, $5 from carrier where not exists (select from grown)
    returning id, delivery_id, 0 as next),
  copied as (
    insert into archive_parts (part_id, delivery_id)
    select made.id, carrier.id from made join carrier on has_copies),
  part as (select * from grown union all select * from made),
  t as (
    select part.id as part_id, part.next + n::int - 1 as seq, m.*
      from part, unnest($8::bigint[], $9::text[], $10::jsonb[], $11::timestamptz[], $12::text[], $13::text[], $14::text[], $15::bigint[],
                        $16::text[], $17::timestamptz[], $18::text[], $19::jsonb[], $20::jsonb[])
        with ordinality as m(recipient_id, address, vars, send_at, match_key, external_id, fingerprint, template_id,
                             subject, expires_at, ignored, tags, metadata, n)),
  named as (
    insert into message_external_ids (external_id, fingerprint, part_id, seq)
    select external_id, decode(fingerprint, 'base64'), part_id, seq from t where external_id is not null order by external_id),
  logged as (
    insert into messages (part_id, seq, recipient_id, address, vars, status, next_attempt_at, final_at)
    select part_id, seq, recipient_id, address, vars, case when ignored is null then 'pending' else 'cancelled' end,
           case when ignored is null then send_at end, case when ignored is not null then $2::timestamptz end
      from t),
  listed as (
    insert into single_messages (part_id, seq, accepted_at, match_key, external_id, template_id, subject, send_at, expires_at,
                                 ignored, tags, metadata)
    select part_id, seq, $2, match_key, external_id, template_id, subject, send_at, expires_at, ignored, tags, metadata from t)
  select id, next, pg_notify($7, delivery_id::text) from part`;
