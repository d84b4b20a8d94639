/** Deliveries whose copies were all archived, as the ledger has them, and the bytes that they have. */
import { createHash } from "node:crypto";

import { formatKey, type MessageKey } from "../src/core/delivery/status.ts";
import { type Db, timestamp } from "../src/platform/db.ts";
import type { MasterKey } from "../src/platform/seal.ts";
import { groundRenderer } from "../src/roles/renderer.ts";
import { NOW, seedInProgress } from "./seed-delivery.ts";

export type ArchivedCopy = { readonly key: MessageKey; readonly name: string; readonly bytes: Buffer };

/** With archives in the database that take copies of everything; parts of 10 messages. */
export async function seedArchivedDelivery(
  db: Db,
  masterKey: MasterKey,
  count: number,
): Promise<{ readonly deliveryId: number; readonly copies: readonly ArchivedCopy[] }> {
  const deliveryId = await seedInProgress(db, count, 10, { archive: { on: true } });
  const [delivery] = await db.query<{ archives: number[] }>(
    "select archive->'archives' as archives from deliveries where id = $1",
    [deliveryId],
  );
  const keys = await db.query<MessageKey>(
    `select m.part_id as "partId", m.seq from messages m join delivery_parts p on p.id = m.part_id
      where p.delivery_id = $1 order by m.part_id, m.seq`,
    [deliveryId],
  );
  const renderer = groundRenderer({ db, masterKey });
  const copies: ArchivedCopy[] = [];
  for (const key of keys) {
    const source = await renderer.source(key);
    if (!source) throw new Error("a message cannot be rendered");
    copies.push({ key, name: formatKey(key), bytes: source.bytes });
    const digest = createHash("sha256").update(source.bytes).digest();
    await db.query(
      `insert into archive_copies (part_id, seq, archive, state, attempts, due_since, archived_at, reply, digest)
       select $1, $2, archive, 'archived', 1, $4, $4, '250 ok', $5 from unnest($3::int[]) archive`,
      [key.partId, key.seq, delivery?.archives ?? [], timestamp(NOW), digest],
    );
  }
  return { deliveryId, copies };
}
