/** What the preparation of content needs of the platform: settings, blocks, files, keys. Read once for one preparation. */
import { listBlockNames, loadBlockSources, type BlockLookup } from "../blocks/index.ts";
import { describeFiles, type FileContent } from "../files/index.ts";
import { loadSettings } from "../settings/index.ts";
import type { PlatformSettings, Settings } from "../../contract/index.ts";
import type { Queryable } from "../../platform/db.ts";

export type Environment = {
  readonly platform: PlatformSettings;
  readonly lookupBlock: BlockLookup;
  /** For the hint when a name is unknown. */
  readonly blockNames: readonly string[];
  /** Names of attributes that some recipient has or had; none: there is no audience yet. */
  readonly knownAttributes: ReadonlySet<string>;
  /** Of the delivery's attachments, by id; those that exist. */
  readonly files: ReadonlyMap<number, Omit<FileContent, "content">>;
  /** Base of all public links. */
  readonly publicUrl: string;
  readonly tokenKeyId: number;
};

export async function loadEnvironment(db: Queryable, settings: Settings, publicUrl: string): Promise<Environment> {
  const platform = await loadSettings(db);
  const known = await knownAttributes(db);
  const [key] = await db.query<{ id: number }>("select coalesce(max(id), 0) as id from token_keys");
  return {
    platform,
    lookupBlock: await loadBlockSources(db, {
      language: platform.language,
      hasAttribute: (name) => known.has(name),
    }),
    knownAttributes: known,
    blockNames: await listBlockNames(db),
    files: await describeFiles(
      db,
      settings.attachments.map(({ file }) => Number(file)),
    ),
    publicUrl: publicUrl.replace(/\/+$/, ""),
    tokenKeyId: key?.id ?? 0,
  };
}

/** Columns that any file ever brought, and those of some recipients that came another way. */
async function knownAttributes(db: Queryable): Promise<Set<string>> {
  const rows = await db.query<{ name: string }>(
    `select distinct jsonb_array_elements_text(columns) as name from imports
     union
     select distinct jsonb_object_keys(attributes) from (select attributes from recipients order by id limit 1000) r`,
  );
  return new Set(rows.map((row) => row.name));
}
