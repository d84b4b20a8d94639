/** SQL of the DKIM keys. Private keys leave the database sealed. */
import type { DkimKey } from "../../contract/index.ts";
import type { Instant } from "../../core/time.ts";
import { timestamp, type Queryable, type Tx } from "../../platform/db.ts";

export type KeyRow = {
  readonly id: number;
  readonly domain: string;
  readonly selector: string;
  readonly algorithm: DkimKey["algorithm"];
  readonly canonicalization: DkimKey["canonicalization"];
  /** `p=` of the record. */
  readonly public_key: string;
  readonly bits: number | null;
  readonly state: DkimKey["state"];
  readonly created_at: Instant;
  readonly retired_at: Instant | null;
};

export type SealedKeyRow = KeyRow & { readonly sealed: Buffer };
export type NewKey = Omit<SealedKeyRow, "id" | "state" | "retired_at">;
export type PlainKeyRow = {
  readonly id: number;
  readonly domain: string;
  readonly selector: string;
  readonly private_key: string;
};
export type SealedPlainKey = Pick<
  SealedKeyRow,
  "id" | "domain" | "selector" | "algorithm" | "public_key" | "bits" | "sealed"
> & {
  /** False for what turned out to be no key. */
  readonly usable: boolean;
};

const COLUMNS = "id, domain, selector, algorithm, canonicalization, public_key, bits, state, created_at, retired_at";

/** Names after `after`, in their order. */
export async function listDomainNames(db: Queryable, after: string, limit: number): Promise<string[]> {
  const rows = await db.query<{ domain: string }>(
    "select distinct domain from dkim_keys where domain > $1 order by domain limit $2",
    [after, limit],
  );
  return rows.map((row) => row.domain);
}

/** Of these domains, newest first. */
export function listKeys(db: Queryable, domains: readonly string[]): Promise<KeyRow[]> {
  return db.query<KeyRow>(
    `select ${COLUMNS} from dkim_keys where domain = any($1) and sealed is not null order by domain, id desc`,
    [domains],
  );
}

/** Of these domains; RSA first, because every verifier reads it, then in the order they were made. */
export function listActiveKeys(db: Queryable, domains: readonly string[]): Promise<KeyRow[]> {
  return db.query<KeyRow>(
    `select ${COLUMNS} from dkim_keys where domain = any($1) and state = 'active' and sealed is not null
      order by algorithm = 'rsa-sha256' desc, id`,
    [domains],
  );
}

export async function hasActiveKeys(db: Queryable): Promise<boolean> {
  const rows = await db.query("select 1 from dkim_keys where state = 'active' and sealed is not null limit 1");
  return rows.length > 0;
}

export function findSealedKeys(db: Queryable, ids: readonly number[]): Promise<SealedKeyRow[]> {
  return db.query<SealedKeyRow>(
    `select ${COLUMNS}, sealed from dkim_keys where id = any($1::bigint[]) and sealed is not null`,
    [ids],
  );
}

/** Until the transaction ends nobody else changes the keys of this domain. */
export async function lockDomain(tx: Tx, domain: string): Promise<void> {
  await tx.query("select pg_advisory_xact_lock(hashtextextended($1, 0))", [`dkim_keys/${domain}`]);
}

export async function insertKey(tx: Tx, key: NewKey): Promise<KeyRow> {
  const [row] = await tx.query<KeyRow>(
    `insert into dkim_keys (domain, selector, algorithm, canonicalization, public_key, bits, sealed, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8) returning ${COLUMNS}`,
    [
      key.domain,
      key.selector,
      key.algorithm,
      key.canonicalization,
      key.public_key,
      key.bits,
      key.sealed,
      timestamp(key.created_at),
    ],
  );
  if (!row) throw new Error("an inserted key came back as no row");
  return row;
}

/** Null when the domain has no such key. A key that was retired before keeps its date. */
export async function retireRow(db: Queryable, domain: string, id: number, now: Instant): Promise<KeyRow | null> {
  const [row] = await db.query<KeyRow>(
    `update dkim_keys set state = 'retired', retired_at = coalesce(retired_at, $3)
      where domain = $1 and id = $2 and sealed is not null returning ${COLUMNS}`,
    [domain, id, timestamp(now)],
  );
  return row ?? null;
}

export function lockPlainKeys(tx: Tx): Promise<PlainKeyRow[]> {
  return tx.query<PlainKeyRow>(
    "select id, domain, selector, private_key from dkim_keys where private_key is not null order by id desc for update",
  );
}

/** One active key under one name: where another one is, this one is retired. */
export async function storeSealed(tx: Tx, key: SealedPlainKey, now: Instant): Promise<void> {
  await tx.query(
    `update dkim_keys k
        set domain = $2, selector = $3, algorithm = $4, public_key = $5, bits = $6, sealed = $7, private_key = null,
            state = case when u.usable then 'active' else 'retired' end,
            retired_at = case when u.usable then null else $9::timestamptz end
       from (select $8 and not exists (
               select from dkim_keys o
                where o.domain = $2 and o.selector = $3 and o.state = 'active' and o.id <> $1) as usable) u
      where k.id = $1`,
    [key.id, key.domain, key.selector, key.algorithm, key.public_key, key.bits, key.sealed, key.usable, timestamp(now)],
  );
}
