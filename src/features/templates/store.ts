/** The SQL of templates. */
import type {
  Content,
  General,
  GeneralFilter,
  Given,
  Sender,
  Settings,
  Template,
  TemplateSummary,
} from "../../contract/index.ts";
import { formatInstant, type Instant } from "../../core/time.ts";
import { presentGeneral } from "../deliveries/index.ts";
import { filterBy } from "../folders/index.ts";
import { timestamp, type Db, type Queryable, type Tx } from "../../platform/db.ts";

/** Only the fields that the template sets. */
export type Defaults = {
  readonly content: Given<Content>;
  readonly sender: Given<Sender>;
  readonly settings: Given<Settings>;
};

/** A template as it is saved. */
export type Saved = Defaults & Pick<Template, "label" | keyof General | "executionFolder">;

function savedParams({ label, content, sender, settings, folder, executionFolder, ...words }: Saved): unknown[] {
  const { code, category, description } = words;
  const ids = [folder, executionFolder].map((id) => (id === null ? null : Number(id)));
  return [label, JSON.stringify({ content, sender, settings }), ...ids, code, category, description];
}

/** What deliveries made from it are: `nature` has a default. */
const NATURE = "coalesce(defaults #>> '{settings,nature}', 'marketing')";

type Heading = {
  id: number;
  label: string;
  folder_id: number | null;
  execution_folder_id: number | null;
  code: string;
  category: string;
  description: string;
  built_in: boolean;
  version: number;
  created_at: Instant;
  updated_at: Instant;
};
type Row = Heading & { defaults: Defaults };

const HEADING =
  "id, label, folder_id, execution_folder_id, code, category, description, built_in, version, created_at, updated_at";

function presentHeading(row: Heading) {
  return {
    id: String(row.id),
    label: row.label,
    ...presentGeneral(row),
    executionFolder: row.execution_folder_id === null ? null : String(row.execution_folder_id),
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
export async function listTemplates(
  db: Db,
  filter: GeneralFilter,
  before: number | null,
  limit: number,
): Promise<TemplateSummary[]> {
  const { sql, params } = filterBy(filter, NATURE, 3);
  const rows = await db.query<Heading & { archive_on: boolean }>(
    `select ${HEADING}, coalesce((defaults #>> '{settings,archive,on}')::boolean, false) as archive_on
       from templates where ($1::bigint is null or id < $1) and ${sql} order by id desc limit $2`,
    [before, limit, ...params],
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

export async function insertTemplate(tx: Tx, template: Saved, now: Instant): Promise<Template> {
  const rows = await tx.query<Row>(
    `insert into templates (label, defaults, folder_id, execution_folder_id, code, category, description, created_at, updated_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $8) returning ${HEADING}, defaults`,
    [...savedParams(template), timestamp(now)],
  );
  return presentTemplate(rows[0] as Row);
}

export async function updateTemplate(tx: Tx, id: number, template: Saved, now: Instant): Promise<Template> {
  const rows = await tx.query<Row>(
    `update templates set label = $1, defaults = $2, folder_id = $3, execution_folder_id = $4, code = $5, category = $6,
            description = $7, version = version + 1, updated_at = $8 where id = $9
     returning ${HEADING}, defaults`,
    [...savedParams(template), timestamp(now), id],
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
