/** SQL for the address in From of a delivery: its own, else what its analysis took from the platform. */

/** Of a row `d` of deliveries; personalised as its templates are. Before and during the analysis the platform says it. */
export const senderAddressOf = (d: string) => `coalesce(nullif(btrim(${d}.sender->>'address'), ''),
  case when ${d}.state not in ('editing', 'analysing') then ${d}.manifest->>'fromAddress' end,
  (select settings->'sender'->>'address' from platform_settings), '')`;
