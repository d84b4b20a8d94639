/** Rules of typologies about people. */
import type { Settings } from "../../contract/index.ts";
import {
  capacityRuleSchema,
  filteringRuleSchema,
  pressureRuleSchema,
  type CapacityRule,
  type FilteringRule,
  type PressureRule,
} from "../../contract/typology-population.ts";
import type { Queryable } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { typologyOf } from "../typologies/index.ts";

export type Rule<D> = { readonly id: number; readonly name: string; readonly definition: D };

export type PopulationRules = {
  readonly filtering: readonly Rule<FilteringRule>[];
  readonly pressure: readonly Rule<PressureRule>[];
  readonly capacity: readonly Rule<CapacityRule>[];
};

/** Those of the delivery's typology that are for deliveries of its nature, in their order. */
export async function loadPopulationRules(
  db: Queryable,
  settings: Pick<Settings, "nature" | "typology">,
): Promise<PopulationRules> {
  const { others } = await typologyOf(db, settings);
  const of = <D extends { natures?: readonly string[] | undefined }>(
    kind: keyof PopulationRules,
    read: (definition: unknown) => D,
  ): Rule<D>[] =>
    others
      .filter((row) => row.kind === kind)
      .map(({ id, name, definition }) => ({ id, name, definition: read(definition) }))
      .filter(({ definition }) => definition.natures?.includes(settings.nature) ?? true);
  return {
    filtering: of("filtering", (definition) => filteringRuleSchema.parse(definition)),
    pressure: of("pressure", (definition) => pressureRuleSchema.parse(definition)),
    capacity: of("capacity", (definition) => capacityRuleSchema.parse(definition)),
  };
}

/** Whether any rule counts what is planned. */
export async function isPressed(db: Queryable): Promise<boolean> {
  const rows = await db.query(
    "select 1 from typology_rules where kind = 'pressure' and enabled and coalesce((definition ->> 'planned')::boolean, true) limit 1",
  );
  return rows.length > 0;
}

/** Of any typology, also those that are off: what was given away stays so. Throws `not-found`. */
export async function loadCapacityRules(db: Queryable, typologyId: number): Promise<Rule<CapacityRule>[]> {
  const typologies = await db.query("select 1 from typologies where id = $1", [typologyId]);
  if (typologies.length === 0) throw appError("not-found", { what: "typology", id: typologyId });
  const rows = await db.query<Rule<unknown>>(
    "select id, name, definition from typology_rules where typology_id = $1 and kind = 'capacity' order by execution_order, id",
    [typologyId],
  );
  return rows.map((row) => ({ ...row, definition: capacityRuleSchema.parse(row.definition) }));
}
