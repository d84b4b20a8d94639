/** The SQL of services themselves. */
import type { ServiceInput } from "../../contract/services.ts";
import type { Instant } from "../../core/time.ts";
import { timestamp, type Queryable, type Tx } from "../../platform/db.ts";

export type ServiceRow = {
  readonly id: number;
  readonly name: string;
  readonly description: string;
  readonly double_opt_in: boolean;
  readonly duration_days: number | null;
  readonly is_public: boolean;
  readonly public_key: string;
  readonly confirmation_template: number | null;
  readonly welcome_template: number | null;
  readonly goodbye_template: number | null;
  readonly version: number;
  readonly created_at: Instant;
  readonly updated_at: Instant;
  readonly subscribed: number;
};

const COLUMNS = `s.id, s.name, s.description, s.double_opt_in, s.duration_days, s.is_public, s.public_key,
  s.confirmation_template, s.welcome_template, s.goodbye_template, s.version, s.created_at, s.updated_at,
  (select count(*) from subscriptions p
    where p.service_id = s.id and p.state = 'subscribed' and (p.ends_at is null or p.ends_at > now())) as subscribed`;

/** Newest first, those before `before`. */
export function listServices(db: Queryable, before: number | null, limit: number): Promise<ServiceRow[]> {
  return db.query<ServiceRow>(
    `select ${COLUMNS} from services s where $1::bigint is null or s.id < $1 order by s.id desc limit $2`,
    [before, limit],
  );
}

export async function findService(db: Queryable, id: number): Promise<ServiceRow | null> {
  const [row] = await db.query<ServiceRow>(`select ${COLUMNS} from services s where s.id = $1`, [id]);
  return row ?? null;
}

/** Of a public page: null when it has none. */
export async function findPublicService(db: Queryable, key: string): Promise<ServiceRow | null> {
  const [row] = await db.query<ServiceRow>(
    `select ${COLUMNS} from services s where s.public_key = $1 and s.is_public`,
    [key],
  );
  return row ?? null;
}

/** Whoever changes subscriptions of a service does so one after the other. False: it is gone. */
export async function lockService(tx: Tx, id: number): Promise<boolean> {
  const rows = await tx.query("select 1 from services where id = $1 for no key update", [id]);
  return rows.length > 0;
}

/** Null: there is one of this name. */
export async function insertService(
  db: Queryable,
  input: ServiceInput,
  publicKey: string,
  now: Instant,
): Promise<number | null> {
  const [row] = await db.query<{ id: number }>(
    `insert into services (name, description, double_opt_in, duration_days, is_public, confirmation_template, welcome_template,
                           goodbye_template, public_key, created_at, updated_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10) on conflict (fold_text(name)) do nothing returning id`,
    [...columnsOf(input), publicKey, timestamp(now)],
  );
  return row?.id ?? null;
}

export async function isNameTaken(tx: Tx, name: string, exceptId: number): Promise<boolean> {
  const rows = await tx.query("select 1 from services where fold_text(name) = fold_text($1) and id <> $2", [
    name,
    exceptId,
  ]);
  return rows.length > 0;
}

export async function updateService(tx: Tx, id: number, input: ServiceInput, now: Instant): Promise<void> {
  await tx.query(
    `update services set name = $2, description = $3, double_opt_in = $4, duration_days = $5, is_public = $6,
            confirmation_template = $7, welcome_template = $8, goodbye_template = $9,
            version = version + 1, updated_at = $10 where id = $1`,
    [id, ...columnsOf(input), timestamp(now)],
  );
}

export async function deleteService(tx: Tx, id: number): Promise<void> {
  await tx.query("delete from services where id = $1", [id]);
}

const columnsOf = (input: ServiceInput) => [
  input.name,
  input.description,
  input.doubleOptIn,
  input.durationDays,
  input.public,
  input.confirmationTemplate,
  input.welcomeTemplate,
  input.goodbyeTemplate,
];

/** At most three that name the service: segments, deliveries that are not over, templates of deliveries. */
export async function findUsers(tx: Tx, id: number): Promise<string[]> {
  const rows = await tx.query<{ name: string }>(
    `select 'segment "' || label || '"' as name from segments where jsonb_path_exists(tree, $2, $1)
     union all
     select 'delivery ' || id from deliveries
      where state not in ('finished', 'stopped')
        and (jsonb_path_exists(audience, $2, $1) or jsonb_path_exists(settings, $2, $1))
     union all
     select 'template "' || label || '"' from templates where jsonb_path_exists(defaults, $2, $1)
     limit 3`,
    [JSON.stringify({ id: String(id) }), "$.**.service ? (@ == $id)"],
  );
  return rows.map(({ name }) => name);
}
