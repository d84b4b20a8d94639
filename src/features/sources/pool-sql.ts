/** SQL for the pool that a delivery leaves from: its own, else that of its typology, else the pool `default`. */

/**
 * The settings of a row `d` of deliveries, with the pool of its typology where they name neither pool nor source. The analysis keeps that pool, so a
 * change of the typology counts from the next analysis on; while it is under way, the typology says it.
 */
export const settingsWithPool = (d: string) => `(${d}.settings || jsonb_strip_nulls(jsonb_build_object('pool',
  case when ${d}.settings ? 'pool' or ${d}.settings ? 'source' then null
       when ${d}.state = 'analysing'
         then (select t.pool from typologies t where t.id::text = ${d}.settings->>'typology' or t.is_default order by t.is_default limit 1)
       else ${d}.analysis->>'pool' end)))`;
