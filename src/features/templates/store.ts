/** The SQL of templates. */
import type { Content, Given, Sender, Settings, Template, TemplateSummary } from "../../contract/index.ts";
import { formatInstant, type Instant } from "../../core/time.ts";
import { timestamp, type Db, type Queryable, type Tx } from "../../platform/db.ts";

/** Only the fields that the template sets. */
export type Defaults = {
  readonly content: Given<Content>;
  readonly sender: Given<Sender>;
  readonly settings: Given<Settings>;
};

type Heading = {
  id: number;
  label: string;
  built_in: boolean;
  version: number;
  created_at: Instant;
  updated_at: Instant;
};
type Row = Heading & { defaults: Defaults };

const HEADING = "id, label, built_in, version, created_at, updated_at";

function presentHeading(row: Heading) {
  return {
    id: String(row.id),
    label: row.label,
    builtIn: row.built_in,
    version: row.version,
    createdAt: formatInstant(row.created_at),
    updatedAt: formatInstant(row.updated_at),
  };
}

function presentTemplate(row: Row): Template {
  const { content, sender, settings } = row.defaults;
  return { ...presentHeading(row), content, sender, settings };
}

/** Newest first, those before `before`; without what they set, which can be megabytes of content. */
export async function listTemplates(db: Db, before: number | null, limit: number): Promise<TemplateSummary[]> {
  const rows = await db.query<Heading & { archive_on: boolean }>(
    `select ${HEADING}, coalesce((defaults #>> '{settings,archive,on}')::boolean, false) as archive_on
       from templates where $1::bigint is null or id < $1 order by id desc limit $2`,
    [before, limit],
  );
  return rows.map((row) => ({ ...presentHeading(row), archiveOn: row.archive_on }));
}

export async function findTemplate(db: Queryable, id: number): Promise<Template | null> {
  const [row] = await db.query<Row>(`select ${HEADING}, defaults from templates where id = $1`, [id]);
  return row ? presentTemplate(row) : null;
}

export async function lockTemplate(tx: Tx, id: number): Promise<Template | null> {
  const [row] = await tx.query<Row>(`select ${HEADING}, defaults from templates where id = $1 for update`, [id]);
  return row ? presentTemplate(row) : null;
}

export async function insertTemplate(
  db: Queryable,
  label: string,
  { content, sender, settings }: Defaults,
  now: Instant,
): Promise<Template> {
  const rows = await db.query<Row>(
    `insert into templates (label, defaults, created_at, updated_at) values ($1, $2, $3, $3)
     returning ${HEADING}, defaults`,
    [label, JSON.stringify({ content, sender, settings }), timestamp(now)],
  );
  return presentTemplate(rows[0] as Row);
}

export async function updateTemplate(
  tx: Tx,
  id: number,
  label: string,
  { content, sender, settings }: Defaults,
  now: Instant,
): Promise<Template> {
  const rows = await tx.query<Row>(
    `update templates set label = $2, defaults = $3, version = version + 1, updated_at = $4 where id = $1
     returning ${HEADING}, defaults`,
    [id, label, JSON.stringify({ content, sender, settings }), timestamp(now)],
  );
  return presentTemplate(rows[0] as Row);
}

export async function deleteTemplate(tx: Tx, id: number): Promise<void> {
  await tx.query("delete from templates where id = $1", [id]);
}

/** Does nothing when there is one; of two processes that start at once, one waits for the other. */
export async function insertBuiltIn(tx: Tx, label: string, now: Instant): Promise<void> {
  await tx.query("lock table templates in share row exclusive mode");
  await tx.query(
    `insert into templates (label, defaults, built_in, created_at, updated_at)
     select $1, '{"content": {}, "sender": {}, "settings": {}}', true, $2, $2
      where not exists (select 1 from templates where built_in)`,
    [label, timestamp(now)],
  );
}
