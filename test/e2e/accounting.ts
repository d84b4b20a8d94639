/** What must hold of a delivery whatever happened to it: every counter equals what it counts, and nobody is missing. */
import { expect } from "vitest";

import type { Db } from "../../src/platform/db.ts";

type Part = Record<"id" | "to_deliver" | Status, number>;
type Status = "pending" | "retrying" | "sent" | "failed" | "cancelled" | "in_doubt";

const COUNTED: Readonly<Record<Status, string>> = {
  pending: "pending",
  retrying: "taken-into-account",
  sent: "sent",
  failed: "failed",
  cancelled: "cancelled",
  in_doubt: "in-doubt",
};

/** The counters of each part against its messages, of the delivery against its parts, of destinations against both. */
export async function expectAccountingHolds(db: Db, deliveryId: number): Promise<void> {
  const parts = await db.query<Part>("select * from delivery_parts where delivery_id = $1", [deliveryId]);
  const rows = await db.query<{ part_id: number; status: string; n: number }>(
    `select m.part_id, m.status, count(*) as n from messages m join delivery_parts p on p.id = m.part_id
      where p.delivery_id = $1 group by 1, 2`,
    [deliveryId],
  );
  const counted = new Map(rows.map((row) => [`${row.part_id} ${row.status}`, row.n]));
  for (const part of parts) {
    for (const [column, status] of Object.entries(COUNTED)) {
      const found = `part ${part.id} ${status} ${counted.get(`${part.id} ${status}`) ?? 0}`;
      expect(`part ${part.id} ${status} ${part[column as Status]}`).toBe(found);
    }
  }
  const [delivery] = await db.query<{ targeted: number; excluded: number; to_deliver: number }>(
    "select targeted, excluded, to_deliver from deliveries where id = $1",
    [deliveryId],
  );
  expect(delivery?.targeted).toBe((delivery?.excluded ?? 0) + (delivery?.to_deliver ?? 0));
  expect(parts.reduce((sum, part) => sum + part.to_deliver, 0)).toBe(delivery?.to_deliver);
  const [places] = await db.query<{ sent: number; failed: number; retrying: number; to_deliver: number }>(
    `select sum(sent) as sent, sum(failed) as failed, sum(retrying) as retrying, sum(to_deliver) as to_deliver
       from destination_counters where delivery_id = $1`,
    [deliveryId],
  );
  const sum = (column: Status) => parts.reduce((total, part) => total + part[column], 0);
  expect(places).toEqual({
    sent: sum("sent"),
    failed: sum("failed"),
    retrying: sum("retrying"),
    to_deliver: delivery?.to_deliver,
  });
}

/** Nobody without a message, nobody with two who is not marked in doubt. */
export async function expectOnceEach(
  db: Db,
  deliveryId: number,
  timesTaken: ReadonlyMap<string, number>,
): Promise<{ inDoubt: number; twice: number }> {
  const rows = await db.query<{ address: string; status: string; in_doubt: boolean; attempts: number; doubts: number }>(
    `select m.address, m.status, m.in_doubt, m.attempts, count(a.*) filter (where a.kind = 'in-doubt') as doubts
       from messages m join delivery_parts p on p.id = m.part_id
       left join message_attempts a on a.part_id = m.part_id and a.seq = m.seq
      where p.delivery_id = $1 group by 1, 2, 3, 4`,
    [deliveryId],
  );
  const lost = rows.filter((row) => row.status === "sent" && !timesTaken.has(row.address));
  const twice = rows.filter((row) => (timesTaken.get(row.address) ?? 0) > 1);
  expect(lost, "said to be sent, and never arrived").toEqual([]);
  expect(
    twice.filter((row) => !row.in_doubt || row.doubts === 0),
    "twice, and not marked",
  ).toEqual([]);
  for (const row of twice) expect(timesTaken.get(row.address)).toBeLessThanOrEqual(row.doubts + 1);
  return { inDoubt: rows.filter((row) => row.in_doubt).length, twice: twice.length };
}
