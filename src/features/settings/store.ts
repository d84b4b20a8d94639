/** The SQL of the platform's settings: one row, which is not there as long as nobody has saved any. */
import { platformSettingsSchema, type PlatformSettings } from "../../contract/index.ts";
import type { Instant } from "../../core/time.ts";
import { timestamp, type Queryable, type Tx } from "../../platform/db.ts";

type Row = { settings: Partial<PlatformSettings>; version: number };

const DEFAULTS = platformSettingsSchema.parse({});

export async function loadSettings(db: Queryable): Promise<PlatformSettings> {
  return (await loadVersion(db)).settings;
}

/** Version 0: the defaults. Settings that are newer than the row have their default. */
export async function loadVersion(db: Queryable): Promise<{ settings: PlatformSettings; version: number }> {
  const [row] = await db.query<Row>("select settings, version from platform_settings");
  return { settings: { ...DEFAULTS, ...row?.settings }, version: row?.version ?? 0 };
}

/** Nobody else saves until the transaction ends. */
export async function lockSettings(tx: Tx): Promise<void> {
  await tx.query("lock table platform_settings in share row exclusive mode");
}

/** The new version; null when the row's is not `seen`. Without `seen` any is replaced. */
export async function saveSettings(
  db: Queryable,
  settings: PlatformSettings,
  seen: number | null,
  now: Instant,
): Promise<number | null> {
  const [row] = await db.query<{ version: number }>(
    `insert into platform_settings as s (settings, updated_at)
     select $1::jsonb, $2::timestamptz where $3::int is null or $3 = coalesce((select version from platform_settings), 0)
     on conflict (id) do update set settings = $1, version = s.version + 1, updated_at = $2
      where $3 is null or s.version = $3
     returning version`,
    [JSON.stringify(settings), timestamp(now), seen],
  );
  return row?.version ?? null;
}
