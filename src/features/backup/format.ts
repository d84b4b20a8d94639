/**
 * What a backup holds, in this order: `manifest.json`; the rows of each table as COPY writes them, cut into pieces of some megabytes,
 * each a gzip file of its own; files of the data directory; `end.json` with the digest of every entry before it. Without an end a
 * backup is none.
 */
import { z } from "zod";

export const FORMAT = "envoi-backup";

const name = z.string().regex(/^[a-z_][a-z0-9_]{0,62}$/);

export const manifestSchema = z.object({
  format: z.literal(FORMAT),
  version: z.literal(1),
  /** RFC 3339: the moment that all tables are of. */
  at: z.string(),
  envoi: z.string(),
  postgres: z.string(),
  /** Of db/migrations, in the order in which they were applied. */
  migrations: z.array(z.string()),
  tables: z.array(z.object({ name, columns: z.array(name).min(1) })),
  /** Of tables that are cut by part. */
  partitions: z.array(
    z.object({
      name,
      parent: name,
      bound: z.string().regex(/^FOR VALUES FROM \('?\d{1,19}'?\) TO \('?\d{1,19}'?\)$/),
    }),
  ),
  /** Null: not in it. */
  secretKey: z.object({ salt: z.string(), iv: z.string(), data: z.string(), tag: z.string() }).nullable(),
});
export type Manifest = z.infer<typeof manifestSchema>;

export const endSchema = z.object({
  /** Rows of each table. */
  rows: z.record(name, z.int()),
  /** Where counters stood when all was read. */
  sequences: z.array(z.object({ name, last: z.int().nullable() })),
  /** SHA-256 of each entry, as it stands in the archive. */
  digests: z.record(z.string(), z.string()),
});
export type End = z.infer<typeof endSchema>;

/** `tables/messages/000001.gz` */
export const pieceName = (table: string, piece: number) => `tables/${table}/${String(piece).padStart(6, "0")}.gz`;
export const PIECE = /^tables\/([a-z_][a-z0-9_]{0,62})\/\d{6,}\.gz$/;
export const FILE_PREFIX = "files/";
