/** Ledgers of copies for database tests: rows, parts and counters that agree, and the check that they do. */
import { expect } from "vitest";

import type { Copy } from "../src/contract/index.ts";
import { HOUR } from "../src/core/time.ts";
import { timestamp, type Db } from "../src/platform/db.ts";
import { NOW, seedInProgress } from "./seed-delivery.ts";

type State = Copy["state"];
export type CopySeed = { state: State; dueSince?: number; nextAt?: number; reply?: string };

/** A delivery in parts of `partSize`, its messages' copies as told; all by one sender. */
export async function seedCopies(
  db: Db,
  archive: number,
  states: readonly CopySeed[],
  partSize = 10,
): Promise<{ id: number; parts: number[] }> {
  const id = await seedInProgress(db, states.length, partSize, {
    archive: { on: true, archives: [String(archive)] },
  });
  const rows = await db.query<{ part_id: number; seq: number }>(
    `select m.part_id, m.seq from messages m join delivery_parts p on p.id = m.part_id and p.delivery_id = $1
      order by m.part_id, m.seq`,
    [id],
  );
  for (const [i, { state, dueSince = NOW, nextAt = NOW + HOUR, reply = "" }] of states.entries()) {
    const owed = state === "owed";
    await db.query(
      `insert into archive_copies (part_id, seq, archive, state, attempts, due_since, next_attempt_at, archived_at, reply)
       values ($1, $2, $3, $4, 1, $5, $6, $7, $8)`,
      [
        rows[i]?.part_id,
        rows[i]?.seq,
        archive,
        state,
        timestamp(dueSince),
        owed ? timestamp(nextAt) : null,
        state === "archived" ? timestamp(NOW) : null,
        reply,
      ],
    );
  }
  const counts = `count(*)::int, count(*) filter (where state = 'archived'), count(*) filter (where state = 'owed'),
                  count(*) filter (where state = 'given-up')`;
  await db.query(
    `update archive_parts p set (due, archived, owed, given_up) =
            (select ${counts} from archive_copies c where c.part_id = p.part_id),
            due_at = (select min(next_attempt_at) from archive_copies c where c.part_id = p.part_id)
      where delivery_id = $1`,
    [id],
  );
  await db.query(
    `insert into archive_counters (archive, delivery_id, sender, due, archived, owed, given_up)
     select $1, $2, 's-1', ${counts} from archive_copies c join archive_parts p using (part_id) where p.delivery_id = $2`,
    [archive, id],
  );
  return { id, parts: [...new Set(rows.map((row) => row.part_id))] };
}

/** Rows, parts and counters say the same. */
export async function expectIdentity(db: Db): Promise<void> {
  const sums = `coalesce(sum(due), 0)::int as due, coalesce(sum(archived), 0)::int as archived,
                coalesce(sum(owed), 0)::int as owed, coalesce(sum(given_up), 0)::int as given_up`;
  const [[parts], [counters], [rows]] = await Promise.all([
    db.query(`select ${sums} from archive_parts`),
    db.query(`select ${sums} from archive_counters`),
    db.query(
      `select count(*)::int as due, (count(*) filter (where state = 'archived'))::int as archived,
              (count(*) filter (where state = 'owed'))::int as owed,
              (count(*) filter (where state = 'given-up'))::int as given_up from archive_copies`,
    ),
  ]);
  expect(parts).toEqual(rows);
  expect(counters).toEqual(rows);
}
