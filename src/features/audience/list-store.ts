/** SQL of lists and their members. */
import type { RecipientList } from "../../contract/audience-recipients.ts";
import { formatInstant, type Instant } from "../../core/time.ts";
import { timestamp, type Queryable, type Tx } from "../../platform/db.ts";

export type ListRow = { id: number; label: string; version: number; created_at: Instant; members: number };

const COLUMNS = `l.id, l.label, l.version, l.created_at,
  (select count(*)::int from list_members m where m.list_id = l.id) as members`;

/** Newest first. */
export function listLists(db: Queryable, before: number | null, limit: number): Promise<ListRow[]> {
  return db.query<ListRow>(
    `select ${COLUMNS} from lists l where $1::bigint is null or l.id < $1 order by l.id desc limit $2`,
    [before, limit],
  );
}

export async function findList(db: Queryable, id: number): Promise<ListRow | null> {
  const [row] = await db.query<ListRow>(`select ${COLUMNS} from lists l where l.id = $1`, [id]);
  return row ?? null;
}

export async function lockList(tx: Tx, id: number): Promise<boolean> {
  return (await tx.query("select 1 from lists where id = $1 for update", [id])).length > 0;
}

export const presentList = ({ id, label, version, created_at: at, members }: ListRow): RecipientList => ({
  id: String(id),
  label,
  members,
  version,
  createdAt: formatInstant(at),
});

export async function insertList(db: Queryable, label: string, now: Instant): Promise<number> {
  const [row] = await db.query<{ id: number }>("insert into lists (label, created_at) values ($1, $2) returning id", [
    label,
    timestamp(now),
  ]);
  return row?.id ?? 0;
}

export async function renameList(tx: Tx, id: number, label: string): Promise<void> {
  await tx.query("update lists set label = $2, version = version + 1 where id = $1", [id, label]);
}

export async function deleteList(tx: Tx, id: number): Promise<void> {
  await tx.query("delete from list_members where list_id = $1", [id]);
  await tx.query("delete from lists where id = $1", [id]);
}

/** Who goes to it or leaves out its people and would do so again: without the list they would mean somebody else. */
export async function findUser(tx: Tx, listId: number): Promise<string | null> {
  const [row] = await tx.query<{ name: string }>(
    `select 'delivery ' || id || ' ("' || label || '")' as name from deliveries
      where state not in ('finished', 'stopped')
        and (audience ->> 'list' = $1::text
             or audience ->> 'import' in (select i.id::text from imports i where i.list_id = $1::bigint)
             or jsonb_path_exists(audience, $3, $2) or jsonb_path_exists(settings -> 'exclude', $3, $2)
             or jsonb_path_exists(settings -> 'population', $3, $2))
     union all
     select 'segment "' || label || '"' from segments where jsonb_path_exists(tree, $3, $2)
     union all
     select 'rule "' || r.name || '" of the typology "' || t.name || '"' from typology_rules r join typologies t on t.id = r.typology_id
      where r.kind in ('filtering', 'pressure') and jsonb_path_exists(r.definition, $3, $2)
      limit 1`,
    [String(listId), JSON.stringify({ id: String(listId) }), "$.**.list ? (@ == $id)"],
  );
  return row?.name ?? null;
}

/** Answers how many were not on it. */
export async function insertMembers(tx: Tx, listId: number, recipientIds: readonly number[]): Promise<number> {
  const rows = await tx.query(
    `insert into list_members (list_id, recipient_id)
     select $1, r.id from recipients r where r.id = any($2) order by r.id on conflict do nothing returning 1`,
    [listId, recipientIds],
  );
  return rows.length;
}

/** Answers how many were on it. */
export async function deleteMembers(tx: Tx, listId: number, recipientIds: readonly number[]): Promise<number> {
  const rows = await tx.query("delete from list_members where list_id = $1 and recipient_id = any($2) returning 1", [
    listId,
    recipientIds,
  ]);
  return rows.length;
}

export async function findIds(db: Queryable, ids: readonly number[]): Promise<number[]> {
  const rows = await db.query<{ id: number }>("select id from recipients where id = any($1)", [ids]);
  return rows.map(({ id }) => id);
}
