/** The SQL of typology rules about people. */
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

export type Rule<D> = { readonly id: number; readonly name: string; readonly definition: D };

export type PopulationRules = {
  readonly filtering: readonly Rule<FilteringRule>[];
  readonly pressure: readonly Rule<PressureRule>[];
  readonly capacity: readonly Rule<CapacityRule>[];
};

/** Those of the delivery's typology that are for deliveries of its nature, in their order. */
export async function loadPopulationRules(
  db: Queryable,
  settings: Pick<Settings, "nature"> & { readonly typology?: string | undefined },
): Promise<PopulationRules> {
  const rows = await db.query<Rule<unknown> & { kind: keyof PopulationRules }>(
    `select id, kind, name, definition from typology_rules
      where typology_id = coalesce((select id from typologies where id = $1::bigint), (select id from typologies where is_default))
        and enabled and kind in ('filtering', 'pressure', 'capacity')
        and coalesce(definition -> 'natures' ? $2, true)
      order by execution_order, id`,
    [settings.typology ?? null, settings.nature],
  );
  const of = <D>(kind: keyof PopulationRules, read: (definition: unknown) => D): Rule<D>[] =>
    rows.flatMap((row) =>
      row.kind === kind ? [{ id: row.id, name: row.name, definition: read(row.definition) }] : [],
    );
  return {
    filtering: of("filtering", (definition) => filteringRuleSchema.parse(definition)),
    pressure: of("pressure", (definition) => pressureRuleSchema.parse(definition)),
    capacity: of("capacity", (definition) => capacityRuleSchema.parse(definition)),
  };
}
