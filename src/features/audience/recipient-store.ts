/** SQL of recipients: searching, one with all about it, and writing several at once. */
import type { RecipientFilter, RecipientDetail } from "../../contract/audience-recipients.ts";
import { formatInstant, type Instant } from "../../core/time.ts";
import { timestamp, type Queryable, type Tx } from "../../platform/db.ts";
import { presentRecipient, RECIPIENT_COLUMNS, type RecipientRow } from "./store.ts";

export type RecipientQuery = { readonly filter: RecipientFilter; readonly after: number; readonly limit: number };

/** By id. `only`: names of attributes that are read; null: all. */
export function findRecipients(db: Queryable, { filter, after, limit }: RecipientQuery): Promise<RecipientRow[]> {
  const { where, params } = compileFilter(filter, 2);
  return db.query<RecipientRow>(
    `select ${RECIPIENT_COLUMNS} from recipients r where id > $1 ${where} order by id limit $2`,
    [after, limit, ...params],
  );
}

/** Names of all attributes that anybody the filter lets through has. */
export async function findNames(db: Queryable, filter: RecipientFilter): Promise<string[]> {
  const { where, params } = compileFilter(filter, 0);
  const rows = await db.query<{ name: string }>(
    `select distinct k.name from recipients r, jsonb_object_keys(r.attributes) as k(name) where true ${where} order by 1`,
    params,
  );
  return rows.map(({ name }) => name);
}

/** Conditions that each begin with `and`; parameters are numbered from `offset + 1`. */
function compileFilter(filter: RecipientFilter, offset: number): { where: string; params: unknown[] } {
  const params: unknown[] = [];
  let where = "";
  const and = (condition: (n: string) => string, value: unknown) => {
    params.push(value);
    where += ` and ${condition(`$${offset + params.length}`)}`;
  };
  const quarantined = "exists (select from quarantine q where q.match_key = r.match_key and q.status = 'quarantined')";
  if (filter.q)
    and(
      (n) => `r.match_key like ${n}`,
      `%${filter.q
        .trim()
        .toLowerCase()
        .replace(/[\\%_]/g, "\\$&")}%`,
    );
  if (filter.list) and((n) => `r.id in (select recipient_id from list_members where list_id = ${n})`, filter.list);
  if (filter.import) and((n) => `r.import_id = ${n}`, filter.import);
  if (filter.domain) and((n) => `r.domain = ${n}`, filter.domain.toLowerCase());
  if (filter.denylisted !== undefined) where += ` and r.denylisted_at is ${filter.denylisted ? "not" : ""} null`;
  if (filter.quarantined !== undefined) where += ` and ${filter.quarantined ? "" : "not "}${quarantined}`;
  if (filter.createdAfter) and((n) => `r.created_at > ${n}`, filter.createdAfter);
  if (filter.updatedAfter) and((n) => `r.updated_at > ${n}`, filter.updatedAfter);
  for (const each of filter.attribute ?? []) {
    const at = each.indexOf("=");
    params.push(each.slice(0, at), each.slice(at + 1));
    where += ` and r.attributes ->> $${offset + params.length - 1}::text = $${offset + params.length}`;
  }
  return { where, params };
}

type DetailRow = RecipientRow & {
  denylist_reason: string | null;
  import_id: number | null;
  lists: { id: number; label: string }[];
  quarantine_status: string | null;
  quarantine_reason: string | null;
  quarantine_at: Instant | null;
};

export async function findRecipient(db: Queryable, id: number): Promise<RecipientDetail | null> {
  const [row] = await db.query<DetailRow>(
    `select r.id, r.address, r.attributes, r.denylisted_at, r.denylist_reason, r.created_at, r.updated_at, r.import_id,
            q.status as quarantine_status, q.reason as quarantine_reason, q.updated_at as quarantine_at,
            coalesce((select jsonb_agg(jsonb_build_object('id', l.id, 'label', l.label) order by l.id desc)
                        from list_members m join lists l on l.id = m.list_id where m.recipient_id = r.id), '[]') as lists
       from recipients r left join quarantine q on q.match_key = r.match_key where r.id = $1`,
    [id],
  );
  if (row === undefined) return null;
  return {
    ...presentRecipient(row),
    denylistReason: row.denylist_reason,
    importId: row.import_id === null ? null : String(row.import_id),
    lists: row.lists.map((list) => ({ id: String(list.id), label: list.label })),
    quarantine:
      row.quarantine_status === null || row.quarantine_at === null
        ? null
        : {
            status: row.quarantine_status,
            reason: row.quarantine_reason ?? "",
            updatedAt: formatInstant(row.quarantine_at),
          },
  };
}

export async function lockRecipient(tx: Tx, id: number): Promise<RecipientRow | null> {
  const [row] = await tx.query<RecipientRow>(`select ${RECIPIENT_COLUMNS} from recipients where id = $1 for update`, [
    id,
  ]);
  return row ?? null;
}

/** Every change has a time of its own, so that the time can tell versions apart. */
export const NEXT_TIME = (at: string): string => `greatest(${at}::timestamptz, r.updated_at + interval '1 ms')`;

export type Change = {
  readonly id: number;
  readonly address: { readonly address: string; readonly matchKey: string; readonly domain: string } | null;
  /** JSON; null erases. */
  readonly patch: string;
};

/** False: the address belongs to somebody else. */
export async function updateRecipient(tx: Tx, { id, address, patch }: Change, now: Instant): Promise<boolean> {
  const rows = await tx.query(
    `update recipients r
        set address = coalesce($2, address), match_key = coalesce($3, match_key), domain = coalesce($4, domain),
            attributes = jsonb_strip_nulls(attributes || $5::jsonb), updated_at = ${NEXT_TIME("$6")}
      where id = $1 and not exists (select from recipients o where o.match_key = $3 and o.id <> $1) returning 1`,
    [id, address?.address ?? null, address?.matchKey ?? null, address?.domain ?? null, patch, timestamp(now)],
  );
  return rows.length > 0;
}

export type Upsert = {
  readonly address: string;
  readonly matchKey: string;
  readonly domain: string;
  readonly patch: string;
};
export type Upserted = { readonly match_key: string; readonly id: number; readonly created: boolean };

const GIVEN = `with given as (
  select * from unnest($1::text[], $2::text[], $3::text[], $4::jsonb[]) as g(address, match_key, domain, patch) order by match_key)`;
const CHANGED = `(r.address, r.attributes) is distinct from (g.address, jsonb_strip_nulls(r.attributes || g.patch))`;

const columnsOf = (rows: readonly Upsert[]): unknown[] => [
  rows.map(({ address }) => address),
  rows.map(({ matchKey }) => matchKey),
  rows.map(({ domain }) => domain),
  rows.map(({ patch }) => patch),
];

/** Answers those that were made. */
export function insertRecipients(tx: Tx, rows: readonly Upsert[], now: Instant): Promise<Upserted[]> {
  return tx.query<Upserted>(
    `${GIVEN} insert into recipients (address, match_key, domain, attributes, created_at, updated_at)
     select address, match_key, domain, jsonb_strip_nulls(patch), $5, $5 from given
     on conflict (match_key) do nothing returning match_key, id, true as created`,
    [...columnsOf(rows), timestamp(now)],
  );
}

/** Answers those that really changed. */
export async function updateRecipients(tx: Tx, rows: readonly Upsert[], now: Instant): Promise<Upserted[]> {
  await tx.query("select 1 from recipients where match_key = any($1) order by match_key for update", [
    rows.map(({ matchKey }) => matchKey),
  ]);
  return tx.query<Upserted>(
    `${GIVEN} update recipients r
        set address = g.address, attributes = jsonb_strip_nulls(r.attributes || g.patch), updated_at = ${NEXT_TIME("$5")}
       from given g where g.match_key = r.match_key and ${CHANGED}
     returning r.match_key, r.id, false as created`,
    [...columnsOf(rows), timestamp(now)],
  );
}

export function findByKeys(db: Queryable, keys: readonly string[]): Promise<{ match_key: string; id: number }[]> {
  return db.query("select match_key, id from recipients where match_key = any($1)", [keys]);
}
