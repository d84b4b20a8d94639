/** A delivery whose copies lie in a folder or object store, and its ledger, as senders leave them; without sending anything. */
import { createHash } from "node:crypto";

import type { CopyState, CopyTiming } from "../src/core/archive/archive.ts";
import { folderOf, formatCopyName, type CopyProgress } from "../src/core/archive/copy-name.ts";
import { formatKey, type MessageKey, type MessageStatus } from "../src/core/delivery/status.ts";
import type { KnownArchive } from "../src/features/archive/index.ts";
import type { CopyStore } from "../src/platform/copy-store.ts";
import { timestamp, type Db } from "../src/platform/db.ts";
import { NOW, seedArchive, seedInProgress } from "./seed-delivery.ts";

export type FileArchive = {
  readonly deliveryId: number;
  readonly archive: KnownArchive;
  /** Of the second archive, a mailbox; null when the delivery has none. */
  readonly mailbox: number | null;
  readonly keys: readonly MessageKey[];
  contentOf(key: MessageKey): Buffer;
  nameOf(key: MessageKey, progress: CopyProgress, at?: number): string;
  /** The copy is in the store and in the ledger, under that name; the part's names are due. */
  archived(key: MessageKey, progress?: CopyProgress, at?: number): Promise<void>;
  status(keys: readonly MessageKey[], status: MessageStatus): Promise<void>;
  /** The copy for the mailbox. */
  mailed(keys: readonly MessageKey[], state: CopyState): Promise<void>;
  /** Where the ledger says that copies lie, by message key. */
  locations(): Promise<Map<string, string | null>>;
  /** Parts whose names are due. */
  dueParts(): Promise<number>;
};

type Wish = { readonly count: number; readonly mailbox: boolean; readonly timing?: CopyTiming };
type Target = Exclude<KnownArchive["target"], { kind: "smtp" }>;

let archives = 0;

export async function seedFileArchive(db: Db, store: CopyStore, target: Target, wish: Wish): Promise<FileArchive> {
  const id = await seedArchive(db, { name: `Files ${++archives}`, target: { kind: "files" } });
  const mailbox = wish.mailbox ? await seedArchive(db, { name: `Mailbox ${archives}` }) : null;
  const named = [id, mailbox].filter((one) => one !== null).map(String);
  const deliveryId = await seedInProgress(db, wish.count, 10, {
    archive: { on: true, timing: wish.timing ?? "before", archives: named },
  });
  const keys = await db.query<MessageKey>(
    `select m.part_id as "partId", m.seq from messages m join delivery_parts p on p.id = m.part_id
     where p.delivery_id = $1 order by 1, 2`,
    [deliveryId],
  );
  const archive: KnownArchive = {
    id,
    name: "Files",
    enabled: true,
    rule: { senderDomains: [], natures: [], onlyNamed: false },
    version: 1,
    target,
  };
  const contentOf = (key: MessageKey) => Buffer.from(`Subject: ${formatKey(key)}\r\n\r\nHello\r\n`);
  const nameOf = (key: MessageKey, progress: CopyProgress, at = NOW) =>
    formatCopyName({ folder: folderOf(at), deliveryId, key, progress });
  const namesAreDue = (partId: number) =>
    db.query("update archive_parts set has_names = true, rename_at = $2 where part_id = $1", [partId, timestamp(NOW)]);

  return {
    deliveryId,
    archive,
    mailbox,
    keys,
    contentOf,
    nameOf,
    async archived(key, progress = "made", at = NOW) {
      const sha256 = createHash("sha256").update(contentOf(key)).digest();
      const name = nameOf(key, progress, at);
      await store.put(name, contentOf(key), sha256.toString("base64"));
      await db.query(
        `insert into archive_copies (part_id, seq, archive, state, due_since, archived_at, digest, location)
         values ($1, $2, $3, 'archived', $4, $4, $5, $6)`,
        [key.partId, key.seq, id, timestamp(at), sha256, name],
      );
      await namesAreDue(key.partId);
    },
    async status(some, status) {
      for (const { partId, seq } of some) {
        await db.query("update messages set status = $3 where part_id = $1 and seq = $2", [partId, seq, status]);
        await namesAreDue(partId);
      }
    },
    async mailed(some, state) {
      for (const { partId, seq } of some) {
        await db.query(
          `insert into archive_copies (part_id, seq, archive, state, due_since) values ($1, $2, $3, $4, $5)
           on conflict (part_id, seq, archive) do update set state = excluded.state`,
          [partId, seq, mailbox, state, timestamp(NOW)],
        );
        await namesAreDue(partId);
      }
    },
    async locations() {
      const rows = await db.query<MessageKey & { location: string | null }>(
        `select c.part_id as "partId", c.seq, c.location from archive_copies c
         join delivery_parts p on p.id = c.part_id where p.delivery_id = $1 and c.archive = $2`,
        [deliveryId, id],
      );
      return new Map(rows.map((row) => [formatKey(row), row.location]));
    },
    async dueParts() {
      const rows = await db.query("select 1 from archive_parts where delivery_id = $1 and rename_at is not null", [
        deliveryId,
      ]);
      return rows.length;
    },
  };
}
