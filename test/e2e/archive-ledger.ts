/** What must hold of copies whatever happened to them: counters equal what they count, and the archive holds what recipients' servers got. */
import { expect } from "vitest";

import type { Db } from "../../src/platform/db.ts";
import type { Taken } from "./smtp-sink.ts";

type Sums = { due: number; archived: number; owed: number; given_up: number };

const COUNTED = `count(c.*)::int as due,
  (count(c.*) filter (where c.state = 'archived'))::int as archived,
  (count(c.*) filter (where c.state = 'owed'))::int as owed,
  (count(c.*) filter (where c.state = 'given-up'))::int as given_up`;

/** The counters of each part and of each archive against the rows. */
export async function expectLedgerHolds(db: Db, deliveryId: number): Promise<Sums> {
  const parts = await db.query<Sums & { part_id: number }>(
    "select part_id, due, archived, owed, given_up from archive_parts where delivery_id = $1 order by 1",
    [deliveryId],
  );
  const counted = await db.query<Sums & { part_id: number }>(
    `select p.part_id, ${COUNTED} from archive_parts p left join archive_copies c on c.part_id = p.part_id
      where p.delivery_id = $1 group by 1 order by 1`,
    [deliveryId],
  );
  expect(parts).toEqual(counted);
  const archives = await db.query(
    `select archive, sum(due)::int as due, sum(archived)::int as archived, sum(owed)::int as owed, sum(given_up)::int as given_up
       from archive_counters where delivery_id = $1 group by 1 having sum(due) <> 0 order by 1`,
    [deliveryId],
  );
  const byArchive = await db.query(
    `select c.archive, ${COUNTED} from archive_parts p join archive_copies c on c.part_id = p.part_id
      where p.delivery_id = $1 group by 1 order by 1`,
    [deliveryId],
  );
  expect(archives).toEqual(byArchive);
  const [leased] = await db.query<{ n: number }>(
    "select count(*)::int as n from archive_parts where delivery_id = $1 and owed > 0 and due_at is null",
    [deliveryId],
  );
  expect(leased?.n, "parts that owe copies and never come due").toBe(0);
  const sum = (column: keyof Sums) => parts.reduce((total, part) => total + part[column], 0);
  return { due: sum("due"), archived: sum("archived"), owed: sum("owed"), given_up: sum("given_up") };
}

/** How often each of these bytes is there. */
export function countSources(messages: readonly Taken[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { source } of messages) counts.set(source, (counts.get(source) ?? 0) + 1);
  return counts;
}

/** Messages without a copy of the very same bytes. */
export function withoutCopy(messages: readonly Taken[], copies: readonly Taken[]): string[] {
  const there = countSources(copies);
  return messages.filter(({ source }) => !there.has(source)).map(({ address }) => address);
}

/** Copies of nothing that any recipient's server ever saw. */
export function surplus(copies: readonly Taken[], offered: readonly Taken[]): Taken[] {
  const there = countSources(offered);
  return copies.filter(({ source }) => !there.has(source));
}

/** Recipients of whose message copies or attempts had different bytes. */
export function otherBytes(copies: readonly Taken[], offered: readonly Taken[]): string[] {
  const known = new Map<string, string>();
  const differing = new Set<string>();
  for (const { source } of [...offered, ...copies]) {
    const address = recipientOf(source);
    const first = known.get(address) ?? source;
    known.set(address, first);
    if (first !== source || address === "") differing.add(address);
  }
  return [...differing];
}

/** Originals that came to their final dot before any copy of theirs was taken by the archive. */
export function aheadOfCopy(offered: readonly Taken[], copies: readonly Taken[]): string[] {
  const first = new Map<string, number>();
  for (const { source, order } of copies) if (!first.has(source)) first.set(source, order);
  return offered
    .filter(({ source, order }) => order < (first.get(source) ?? Number.POSITIVE_INFINITY))
    .map(({ address }) => address);
}

type Marked = { address: string; in_doubt: boolean; state: string };

/** More than one of the same bytes is there only for copies that say so. */
export async function expectTwiceOnlyInDoubt(db: Db, deliveryId: number, copies: readonly Taken[]): Promise<number> {
  const rows = await db.query<Marked>(
    `select m.address, c.in_doubt, c.state from archive_copies c join archive_parts p on p.part_id = c.part_id
       join messages m on m.part_id = c.part_id and m.seq = c.seq where p.delivery_id = $1`,
    [deliveryId],
  );
  const doubted = new Set(rows.filter((row) => row.in_doubt).map((row) => row.address));
  const twice = [...countSources(copies)].filter(([, count]) => count > 1).map(([source]) => recipientOf(source));
  expect(
    twice.filter((address) => !doubted.has(address)),
    "twice in the archive, and not marked",
  ).toEqual([]);
  return doubted.size;
}

/** Of the To header: the same in original and copy. */
function recipientOf(source: string): string {
  return /^To:[^]*?<?([^\s<>]+@[^\s<>]+)>?\r\n/m.exec(source)?.[1] ?? "";
}

/** mulberry32: small, and the same everywhere. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
