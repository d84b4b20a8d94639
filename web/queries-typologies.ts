/** Typologies in the cache, and what expressions of their rules can name. */
import { queryOptions } from "@tanstack/react-query";

import type { Page } from "../src/contract/index.ts";
import type { RuleLanguage, Typology, TypologySummary } from "../src/contract/typologies.ts";
import type { CapacityUse } from "../src/contract/typology-population.ts";
import { get } from "./api.ts";
import { one } from "./queries.ts";

export const typologiesQuery = one<Page<TypologySummary>>(["typologies"], "/typologies?limit=1000");
export const typologyPath = (id: string) => `/typologies/${encodeURIComponent(id)}`;
export const typologyQuery = (id: string) => one<Typology>(["typology", id], typologyPath(id));
/** What deliveries take of the periods of its capacity rules. */
export const capacityQuery = (id: string) =>
  one<{ data: CapacityUse[] }>(["typology", id, "capacity"], `${typologyPath(id)}/capacity`);
/** It comes with the program: it does not change while the server runs. */
export const ruleLanguageQuery = queryOptions({
  queryKey: ["rule-language"],
  queryFn: () => get<RuleLanguage>("/typologies/language"),
  staleTime: Number.POSITIVE_INFINITY,
});
