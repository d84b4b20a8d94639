/** The SQL of proofs: deliveries of their own kind, whose messages name no recipient. */
import type { Delivery, Proof } from "../../contract/index.ts";
import type { Manifest } from "../../core/message/manifest.ts";
import { formatInstant, type Instant } from "../../core/time.ts";
import { timestamp, type Db, type Queryable, type Tx } from "../../platform/db.ts";
import { presentIndicators, SUMS, SUMS_OF_PARTS, type PartSums } from "../deliveries/index.ts";
import type { ProofMessage, Shown } from "./plan-proof.ts";

export type Original = Pick<Delivery, "label" | "content" | "sender" | "settings" | "audience"> & {
  id: number;
  version: number;
  kind: "campaign" | "proof";
};

export async function findOriginal(db: Queryable, id: number): Promise<Original | null> {
  const [row] = await db.query<Original>(
    "select id, label, content, sender, settings, audience, version, kind from deliveries where id = $1",
    [id],
  );
  return row ?? null;
}

/** Recipients; of a delivery whose target is a file its rows. */
export function findPeople(db: Queryable, { audience }: Original, matchKeys: readonly string[]): Promise<Shown[]> {
  return "file" in audience
    ? db.query<Shown>(
        `select distinct on (match_key) null::bigint as id, match_key, attributes from file_rows
          where import_id = $2 and match_key = any($1) order by match_key, line`,
        [matchKeys, audience.file],
      )
    : db.query<Shown>("select id, match_key, attributes from recipients where match_key = any($1)", [matchKeys]);
}

/** Parts that random people are taken from: enough to mix destinations, few enough for a target of millions. */
const PARTS_SAMPLED = 20;
const SAMPLED = `(select id from delivery_parts where delivery_id = $1 and not seeds order by random() limit ${PARTS_SAMPLED}) p
       join messages m on m.part_id = p.id`;

/** People that the analysed delivery goes to. */
export function pickRandom(db: Queryable, { id, audience }: Original, count: number): Promise<Shown[]> {
  return "file" in audience
    ? db.query<Shown>(
        `with drawn as materialized (select m.address from ${SAMPLED} order by random() limit $2)
         select distinct on (f.address) null::bigint as id, f.match_key, f.attributes
           from drawn join file_rows f on f.import_id = $3 and f.address = drawn.address order by f.address, f.line`,
        [id, count, audience.file],
      )
    : db.query<Shown>(
        `select r.id, r.match_key, r.attributes
           from ${SAMPLED} join recipients r on r.id = m.recipient_id order by random() limit $2`,
        [id, count],
      );
}

/** The number of the next proof; nobody else gets one until the transaction ends. */
export async function takeNumber(tx: Tx, deliveryId: number): Promise<number> {
  await tx.query("select 1 from deliveries where id = $1 for update", [deliveryId]);
  const [row] = await tx.query<{ number: number }>(
    "select coalesce(max(proof_number), 0) + 1 as number from deliveries where proof_of = $1",
    [deliveryId],
  );
  return row?.number ?? 1;
}

export type NewProofRow = Pick<Original, "label" | "content" | "sender" | "settings"> & {
  readonly of: number;
  readonly number: number;
  readonly ofVersion: number;
  readonly by: string;
  readonly manifest: Manifest;
  readonly messages: readonly ProofMessage[];
  /** Its one part. */
  readonly partId: number;
};

/** As an analysis leaves a delivery: ready, with its part and messages. */
export async function insertProof(tx: Tx, proof: NewProofRow, now: Instant): Promise<number> {
  const { messages, partId } = proof;
  const facts = { attributes: [], textMessages: 0, at: formatInstant(now), ofVersion: proof.ofVersion, by: proof.by };
  const [row] = await tx.query<{ id: number }>(
    `insert into deliveries (kind, proof_of, proof_number, label, content, sender, settings, audience, state, manifest, analysis,
            version, analysed_version, targeted, to_deliver, created_at, updated_at, analysed_at)
     values ('proof', $1, $2, $3, $4, $5, $6, '{"all": true}', 'ready', $7, $8, 1, 1, $9, $9, $10, $10, $10) returning id`,
    [
      proof.of,
      proof.number,
      proof.label,
      ...[proof.content, proof.sender, proof.settings, proof.manifest, facts].map((value) => JSON.stringify(value)),
      messages.length,
      timestamp(now),
    ],
  );
  const id = row?.id ?? 0;
  await tx.query("insert into delivery_parts (id, delivery_id, to_deliver, pending) values ($1, $2, $3, $3)", [
    partId,
    id,
    messages.length,
  ]);
  await tx.query(
    `insert into messages (part_id, seq, recipient_id, address, vars)
     select $1, n - 1, null, address, vars from unnest($2::text[], $3::jsonb[]) with ordinality as t(address, vars, n)`,
    [partId, messages.map((m) => m.address), messages.map((m) => JSON.stringify(m.vars))],
  );
  await tx.query(
    `insert into proof_people (part_id, seq, recipient_id, match_key)
     select $1, n - 1, id, case when id is null then match_key end
       from unnest($2::bigint[], $3::text[]) with ordinality as t(id, match_key, n) where match_key is not null`,
    [partId, messages.map((m) => m.person?.id ?? null), messages.map((m) => m.person?.match_key ?? null)],
  );
  await tx.query(
    `insert into destination_counters (delivery_id, domain, sender, to_deliver)
     select $1, domain, '', count(*) from unnest($2::text[]) domain group by domain`,
    [id, messages.map((m) => m.domain)],
  );
  return id;
}

type ListRow = PartSums &
  Pick<Proof, "label" | "state" | "number" | "subject" | "version" | "by" | "targeted" | "excluded"> & {
    id: number;
    to_deliver: number;
    hold_reason: string | null;
    created_at: Instant;
    started_at: Instant | null;
    finished_at: Instant | null;
  };

/** The newest first, those with a number below `before`. */
export async function listProofs(db: Db, deliveryId: number, before: number | null, limit: number): Promise<Proof[]> {
  const rows = await db.query<ListRow>(
    `select d.id, d.label, d.state, d.hold_reason, d.created_at, d.started_at, d.finished_at, d.targeted, d.excluded,
            d.to_deliver, d.proof_number as number, d.content->>'subject' as subject,
            (d.analysis->>'ofVersion')::int as version, d.analysis->>'by' as by, ${SUMS}
       from (select * from deliveries where proof_of = $1 and ($2::int is null or proof_number < $2)
              order by proof_number desc limit $3) d ${SUMS_OF_PARTS}
      order by d.proof_number desc`,
    [deliveryId, before, limit],
  );
  return rows.map(({ id, label, state, number, subject, version, by, ...row }) => ({
    id: String(id),
    label,
    state,
    number,
    subject,
    version,
    by,
    sentAt: formatInstant(row.created_at),
    holdReason: row.hold_reason,
    createdAt: formatInstant(row.created_at),
    startedAt: row.started_at === null ? null : formatInstant(row.started_at),
    finishedAt: row.finished_at === null ? null : formatInstant(row.finished_at),
    ...presentIndicators(row),
  }));
}

/** Of messages whose partitions are gone. */
export async function forgetProofPeople(db: Db): Promise<void> {
  await db.query(
    "delete from proof_people where part_id < (select min(from_part) from message_partitions where log_dropped_at is null)",
  );
}
