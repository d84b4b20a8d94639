/**
 * The SQL of seed addresses in a delivery: they have parts of their own among the others, marked as such, so that messages carry no mark, senders treat
 * them as all messages, and figures leave out whole parts.
 */
import type { DeliverySeeds } from "../../contract/index.ts";
import { fillSeed, placeSeeds, type SeedSlot } from "../../core/population/seeds.ts";
import type { Queryable, Tx } from "../../platform/db.ts";

export type Seed = { readonly id: number; readonly address: string; readonly attributes: Record<string, unknown> };

/** Enough to find a value for most attributes that some people have. */
const DONORS = 500;
/** Seeds in one part. */
const MOST = 1000;

export type Seeds = { readonly seeds: readonly Seed[]; readonly gone: number };

/** Each once, however many lists it is on. `gone`: named seeds and lists that are not there any more. */
export async function loadSeeds(tx: Queryable, chosen: Pick<DeliverySeeds, "seeds" | "lists">): Promise<Seeds> {
  const seeds = await tx.query<Seed>(
    `select id, address, attributes from seeds
      where id = any($1::bigint[]) or id in (select seed_id from seed_list_members where list_id = any($2::bigint[])) order by id`,
    [chosen.seeds, chosen.lists],
  );
  const [there] = await tx.query<{ count: number }>(
    `select (select count(*) from seeds where id = any($1::bigint[])) + (select count(*) from seed_lists where id = any($2::bigint[])) as count`,
    [chosen.seeds, chosen.lists],
  );
  return { seeds, gone: new Set(chosen.seeds).size + new Set(chosen.lists).size - (there?.count ?? 0) };
}

/** Some of those who get a message, the same for the same chance. */
async function loadDonors(tx: Tx, toDeliver: number, chance: number): Promise<Record<string, unknown>[]> {
  const percent = Math.min(100, Math.max(0.001, (100 * 4 * DONORS) / Math.max(1, toDeliver)));
  const rows = await tx.query<{ attributes: Record<string, unknown> }>(
    `select attributes from target tablesample bernoulli ($1) repeatable ($2) where reason is null order by row_id limit ${DONORS}`,
    [percent, chance],
  );
  return rows.map(({ attributes }) => attributes);
}

/** Where the seeds of a delivery of so many parts stand. */
export function planSeeds(
  { seeds }: Seeds,
  parts: number,
  position: DeliverySeeds["position"],
  chance: string,
): SeedSlot<Seed>[] {
  return placeSeeds(seeds, parts, { position, chance, most: MOST });
}

/** Writes parts and messages of seeds, between those that are there: `firstPart` is that of the whole delivery. */
export async function saveSeeds(
  tx: Tx,
  deliveryId: number,
  slots: readonly SeedSlot<Seed>[],
  of: {
    readonly firstPart: number;
    readonly toDeliver: number;
    readonly attributes: readonly string[];
    readonly chance: string;
  },
): Promise<void> {
  if (slots.length === 0) return;
  const donors = await loadDonors(tx, of.toDeliver, deliveryId);
  for (const [index, { before, seeds }] of slots.entries()) {
    const part = of.firstPart + before + index;
    const vars = seeds.map(({ id, attributes }) =>
      JSON.stringify(fillSeed(attributes, of.attributes, donors, `${of.chance}:fill:${id}`)),
    );
    await tx.query(
      `insert into messages (part_id, seq, recipient_id, address, vars)
       select $1, n - 1, null, address, vars from unnest($2::text[], $3::jsonb[]) with ordinality as t(address, vars, n)`,
      [part, seeds.map(({ address }) => address), vars],
    );
    await tx.query(
      `insert into delivery_parts (id, delivery_id, to_deliver, pending, seeds, wave)
       select $1, $2, $3, $3, true,
              coalesce((select wave from delivery_parts where delivery_id = $2 and id > $1 order by id limit 1),
                       (select max(wave) from delivery_parts where delivery_id = $2), 0)`,
      [part, deliveryId, seeds.length],
    );
  }
}
