/** The SQL of the operator's own blocks. */
import type { Block, BlockInput } from "../../contract/index.ts";
import { formatInstant, type Instant } from "../../core/time.ts";
import { timestamp, type Queryable, type Tx } from "../../platform/db.ts";

export type OwnBlock = BlockInput & { readonly name: string };
type Row = OwnBlock & { version: number; updated_at: Instant };

const COLUMNS = "name, label, syntax, html, text, version, updated_at";

function presentBlock({ updated_at: updatedAt, ...row }: Row): Block {
  return { ...row, builtIn: false, updatedAt: formatInstant(updatedAt) };
}

/** In the order of names, whatever the language of the database. */
export async function listOwn(db: Queryable, after: string, limit: number): Promise<Block[]> {
  const rows = await db.query<Row>(
    `select ${COLUMNS} from blocks where name collate "C" > $1 order by name collate "C" limit $2`,
    [after, limit],
  );
  return rows.map(presentBlock);
}

export async function findOwn(db: Queryable, name: string): Promise<Block | null> {
  const [row] = await db.query<Row>(`select ${COLUMNS} from blocks where name = $1`, [name]);
  return row ? presentBlock(row) : null;
}

/** All of them: preparing content needs whatever it and its blocks name. */
export function loadOwn(db: Queryable): Promise<OwnBlock[]> {
  return db.query<OwnBlock>('select name, label, syntax, html, text from blocks order by name collate "C"');
}

export async function listOwnNames(db: Queryable): Promise<string[]> {
  const rows = await db.query<{ name: string }>('select name from blocks order by name collate "C"');
  return rows.map((row) => row.name);
}

/** Until the end of the transaction nobody else changes any block: two edits at once could close a circle. */
export async function lockBlocks(tx: Tx): Promise<void> {
  await tx.query("lock table blocks in share row exclusive mode");
}

export async function saveOwn(tx: Tx, block: OwnBlock, now: Instant): Promise<Block> {
  const rows = await tx.query<Row>(
    `insert into blocks as b (name, label, syntax, html, text, created_at, updated_at)
     values ($1, $2, $3, $4, $5, $6, $6)
     on conflict (name) do update
       set label = $2, syntax = $3, html = $4, text = $5, version = b.version + 1, updated_at = $6
     returning ${COLUMNS}`,
    [block.name, block.label, block.syntax, block.html, block.text, timestamp(now)],
  );
  return presentBlock(rows[0] as Row);
}

export async function deleteOwn(tx: Tx, name: string): Promise<void> {
  await tx.query("delete from blocks where name = $1", [name]);
}
