/** The SQL of published templates: what single messages are made from, whatever becomes of the template since. */
import type { PublishedTemplate } from "../../contract/index.ts";
import { formatInstant, type Instant } from "../../core/time.ts";
import { timestamp, type Queryable } from "../../platform/db.ts";
import type { Defaults } from "../templates/index.ts";

export type Published = {
  readonly id: number;
  readonly version: number;
  readonly label: string;
  readonly defaults: Defaults;
  readonly ignoreDenylist: boolean;
};

/** Null: there is no such template, or it is not published. */
export async function findPublished(db: Queryable, id: number): Promise<Published | null> {
  const [row] = await db.query<Published>(
    `select p.template_id as id, p.version, t.label, p.defaults, p.ignore_denylist as "ignoreDenylist"
       from published_templates p join templates t on t.id = p.template_id where p.template_id = $1`,
    [id],
  );
  return row ?? null;
}

/** As the template is now; null: there is none. */
export async function publishTemplate(
  db: Queryable,
  id: number,
  { actor, ignoreDenylist }: { readonly actor: string; readonly ignoreDenylist: boolean },
  now: Instant,
): Promise<PublishedTemplate | null> {
  const [row] = await db.query<{ version: number }>(
    `insert into published_templates as p (template_id, version, defaults, published_at, published_by, ignore_denylist)
     select id, version, defaults, $2, $3, $4 from templates where id = $1
     on conflict (template_id) do update
        set version = excluded.version, defaults = excluded.defaults, published_at = excluded.published_at,
            published_by = excluded.published_by, ignore_denylist = excluded.ignore_denylist
     returning version`,
    [id, timestamp(now), actor, ignoreDenylist],
  );
  if (!row) return null;
  return {
    template: String(id),
    version: row.version,
    publishedAt: formatInstant(now),
    publishedBy: actor,
    ignoreDenylist,
  };
}

/** False when it was not published. */
export async function unpublishTemplate(db: Queryable, id: number): Promise<boolean> {
  return (await db.query("delete from published_templates where template_id = $1 returning 1", [id])).length > 0;
}

type Row = {
  template_id: number;
  version: number;
  published_at: Instant;
  published_by: string;
  ignore_denylist: boolean;
};

export async function listPublished(db: Queryable, after: number, limit: number): Promise<PublishedTemplate[]> {
  const rows = await db.query<Row>(
    `select p.template_id, p.version, p.published_at, p.published_by, p.ignore_denylist
       from published_templates p join templates t on t.id = p.template_id
      where p.template_id > $1 order by p.template_id limit $2`,
    [after, limit],
  );
  return rows.map((row) => ({
    template: String(row.template_id),
    version: row.version,
    publishedAt: formatInstant(row.published_at),
    publishedBy: row.published_by,
    ignoreDenylist: row.ignore_denylist,
  }));
}
