/** What rules can name, for whoever may see it. */
import { useInfiniteQuery } from "@tanstack/react-query";

import { useMay } from "../../parts/may.tsx";
import { deliveriesQuery } from "../../queries.ts";
import { servicesQuery } from "../../queries-services.ts";
import { type Named, useAudienceNames } from "../delivery-content/exclusions-field.tsx";
import type { ChoiceKind } from "./choice-model.ts";

type NamedKind = Exclude<ChoiceKind, "tree">;
export type RuleNames = {
  choices: Record<NamedKind, readonly Named[]>;
  nameOf: (kind: NamedKind, id: string) => string;
};

export function useRuleNames(): RuleNames {
  const { segments, lists, imports } = useAudienceNames();
  const enabled = useMay()("people.read");
  const services = useInfiniteQuery({ ...servicesQuery, enabled }).data?.pages.flatMap(({ data }) => data) ?? [];
  const deliveries = useInfiniteQuery(deliveriesQuery).data?.pages.flatMap(({ data }) => data) ?? [];
  const choices: RuleNames["choices"] = {
    segment: segments,
    list: lists,
    import: imports.map(({ id, fileName }) => ({ id, label: fileName })),
    service: services.map(({ id, name }) => ({ id, label: name })),
    outcome: deliveries.map(({ id, label }) => ({ id, label: `${label} (${id})` })),
  };
  return { choices, nameOf: (kind, id) => choices[kind].find((each) => each.id === id)?.label ?? id };
}
