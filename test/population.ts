/** Typologies with rules about people, lists of people, and who was excluded why, for database tests. */
import { settingsSchema, type Settings } from "../src/contract/index.ts";
import type { Db } from "../src/platform/db.ts";
import { importCsv } from "./seed-delivery.ts";

/** The list that the import of a CSV file makes, as an audience. */
export async function listOf(db: Db, csv: string): Promise<{ list: string }> {
  const { import: id } = await importCsv(db, csv);
  const [row] = await db.query<{ list_id: number }>("select list_id from imports where id = $1", [id]);
  return { list: String(row?.list_id) };
}

export type TestRule = {
  readonly kind: "filtering" | "pressure" | "capacity";
  readonly name: string;
  readonly definition: object;
  readonly order?: number;
  readonly enabled?: boolean;
};

let typologies = 0;

/** A typology with these rules; its id. */
export async function addRules(db: Db, rules: readonly TestRule[]): Promise<string> {
  const [row] = await db.query<{ id: number }>(
    "insert into typologies (name, created_at, updated_at) values ($1, now(), now()) returning id",
    [`typology ${++typologies}`],
  );
  for (const { kind, name, definition, order = 50, enabled = true } of rules) {
    await db.query(
      "insert into typology_rules (typology_id, kind, name, definition, execution_order, enabled) values ($1, $2, $3, $4, $5, $6)",
      [row?.id, kind, name, JSON.stringify(definition), order, enabled],
    );
  }
  return String(row?.id);
}

export function settingsWith({
  typology,
  ...settings
}: { readonly typology?: string } & Record<string, unknown>): Settings {
  const read = settingsSchema.parse({ validity: "3d", ...settings });
  return typology === undefined ? read : ({ ...read, typology } as Settings);
}

/** Reason and detail of each excluded address, in the order of addresses. */
export async function reasonsOf(db: Db, id: number): Promise<Record<string, [reason: string, detail: string]>> {
  const rows = await db.query<{ address: string; reason: string; detail: string }>(
    "select address, reason, detail from exclusions where delivery_id = $1 order by address",
    [id],
  );
  return Object.fromEntries(rows.map(({ address, reason, detail }) => [address, [reason, detail]]));
}
