/** The SQL of parts and messages: the target is cut into parts, and every row of it that has no reason becomes a message. */
import type { Wave } from "../../core/delivery/waves.ts";
import type { Tx } from "../../platform/db.ts";

export async function deletePreviousParts(tx: Tx, deliveryId: number): Promise<void> {
  await tx.query(
    `with old as (delete from delivery_parts where delivery_id = $1 returning id)
     delete from messages m using old where m.part_id = old.id`,
    [deliveryId],
  );
  await tx.query("delete from exclusions where delivery_id = $1", [deliveryId]);
  await tx.query("delete from suppressed_exclusions where delivery_id = $1", [deliveryId]);
  await tx.query("delete from delivery_exclusions where delivery_id = $1", [deliveryId]);
  await tx.query("delete from destination_counters where delivery_id = $1", [deliveryId]);
  await tx.query("delete from delivery_waves where delivery_id = $1", [deliveryId]);
}

/**
 * How many parts the target needs. A domain with at least a quarter of a part gets parts of its own; the rest share. Waves share none.
 * Makes the temporary table `numbered` (row_id, wave, lane, chunk, seq).
 */
export async function numberTarget(tx: Tx, partSize: number, isInWaves: boolean): Promise<number> {
  const waved = isInWaves ? "waved" : "(select row_id, domain, 0 as wave from target where reason is null)";
  await tx.query(
    `create temp table numbered on commit drop as
     select row_id, wave, lane, (n / $1)::int as chunk, (n % $1)::int as seq from (
       select t.row_id, t.wave, b.domain as lane, row_number() over (partition by t.wave, b.domain order by t.row_id) - 1 as n
         from ${waved} t
         left join (select wave, domain from ${waved} w group by wave, domain having count(*) >= $1 / 4) b
           on b.domain = t.domain and b.wave = t.wave) numbering`,
    [partSize],
  );
  const [row] = await tx.query<{ parts: number }>(
    "select count(*) as parts from (select 1 from numbered group by wave, lane, chunk) p",
  );
  return row?.parts ?? 0;
}

/** Draws who is in which wave: by chance, but the same whenever the same people are analysed. Makes the temporary table `waved`. */
export async function drawWaves(tx: Tx, deliveryId: number, waves: readonly Wave[]): Promise<void> {
  let first = 0;
  const firsts = waves.map(({ messages }) => (first += messages) - messages);
  await tx.query(
    `create temp table waved on commit drop as
     select row_id, domain, ($2::int[])[width_bucket(row_number() over (order by hashint8extended(row_id, $1), row_id) - 1, $3::bigint[])] as wave
       from target where reason is null`,
    [deliveryId, waves.map(({ number }) => number), firsts],
  );
  await tx.query("analyze waved");
  await tx.query(
    `insert into delivery_waves (delivery_id, number, after_ms, to_deliver)
     select $1, * from unnest($2::int[], $3::bigint[], $4::int[])`,
    [deliveryId, ...(["number", "after", "messages"] as const).map((field) => waves.map((wave) => wave[field]))],
  );
}

/** Writes parts and messages. Parts of different destinations take turns, so that all destinations start together. */
export async function savePartsAndMessages(
  tx: Tx,
  deliveryId: number,
  firstPart: number,
  attributes: readonly string[],
  /** Parts that somebody else makes: each stands before the part with this number. */
  between: readonly number[] = [],
): Promise<void> {
  await tx.query(
    `create temp table part on commit drop as
     select $1::bigint + n - 1 + (select count(*) from unnest($2::int[]) b where b < n) as id, wave, lane, chunk, messages
       from (select row_number() over (order by wave, chunk, lane nulls last) as n, wave, lane, chunk, count(*)::int as messages
               from numbered group by wave, lane, chunk) ordered`,
    [firstPart, between],
  );
  const vars = attributes.map((_, i) => `$${i + 1}::text, t.attributes->$${i + 1}`);
  await tx.query(
    `insert into messages (part_id, seq, recipient_id, address, vars)
     select p.id, n.seq, t.recipient_id, t.address, ${vars.length > 0 ? `jsonb_strip_nulls(jsonb_build_object(${vars.join(", ")}))` : "'{}'::jsonb"}
       from numbered n
       join part p on p.wave = n.wave and p.chunk = n.chunk and p.lane is not distinct from n.lane
       join target t on t.row_id = n.row_id
      order by p.id, n.seq`,
    attributes,
  );
  await tx.query(
    `insert into delivery_parts (id, delivery_id, domain, to_deliver, pending, wave)
     select id, $1, lane, messages, messages, wave from part`,
    [deliveryId],
  );
  await tx.query(
    `insert into destination_counters as c (delivery_id, domain, sender, to_deliver)
     select $1, domain, '', count(*) from target where reason is null group by domain order by domain
     on conflict (delivery_id, domain, sender) do update set to_deliver = c.to_deliver + excluded.to_deliver`,
    [deliveryId],
  );
}
