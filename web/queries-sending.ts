/** The engine in the cache: lanes, what shaping did, MX rules, sources, pools, warm-up, plans. */
import { queryOptions } from "@tanstack/react-query";
import type { z } from "zod";

import type {
  mxRuleAnswerSchema,
  providerAnswerSchema,
  resolvedRuleSchema,
} from "../src/contract/responses-shaping.ts";
import type { Page } from "../src/contract/index.ts";
import type {
  ConstraintAnswer,
  LaneAnswer,
  Plan,
  PoolAnswer,
  ShapingEventAnswer,
  SourceAnswer,
  WarmUpCell,
} from "../src/contract/shaping.ts";
import { get, query } from "./api.ts";
import { deliveryPath, nullIfMissing, one, pages } from "./queries.ts";

export type MxRule = z.infer<typeof mxRuleAnswerSchema>;
export type Provider = z.infer<typeof providerAnswerSchema>;
export type ResolvedRule = z.infer<typeof resolvedRuleSchema>;

export type LaneFilter = {
  provider?: string | undefined;
  source?: string | undefined;
  constraint?: string | undefined;
};
export type EventFilter = {
  provider?: string | undefined;
  source?: string | undefined;
  kind?: string | undefined;
  deliveryId?: string | undefined;
  standing?: "true" | undefined;
};
export type SiteQuestion = { mx?: string | undefined; domain?: string | undefined; source?: string | undefined };

const ALL = 1000;

export const lanesQuery = (filter: LaneFilter) => pages<LaneAnswer>(["lanes"], "/lanes", filter);
export const lanePath = (id: string) => `/lanes/${encodeURIComponent(id)}`;
export const laneQuery = (id: string) => one<LaneAnswer>(["lane", id], lanePath(id));

export const shapingEventsQuery = (filter: EventFilter) =>
  pages<ShapingEventAnswer>(["shaping-events"], "/shaping-events", filter);

export const rulesQuery = one<Page<MxRule>>(["mx-rules"], "/mx-rules");
export const rulePath = (id: string) => `/mx-rules/${encodeURIComponent(id)}`;
export const ruleQuery = (id: string) => one<MxRule>(["mx-rule", id], rulePath(id));
export const resolvedQuery = (question: SiteQuestion) =>
  one<ResolvedRule>(["mx-rules", "resolved", question], `/mx-rules/resolve${query(question)}`);
/** Files are read at start: these do not change while the server runs. */
export const providersQuery = queryOptions({
  queryKey: ["providers"],
  queryFn: () => get<Page<Provider>>("/providers"),
  staleTime: 60_000,
});

export const sourcesQuery = one<Page<SourceAnswer>>(["sources"], `/sources${query({ limit: ALL })}`);
export const sourcePath = (id: string) => `/sources/${encodeURIComponent(id)}`;
export const oneSourceQuery = (id: string) => one<SourceAnswer>(["source", id], sourcePath(id));
export const poolsQuery = one<Page<PoolAnswer>>(["pools"], `/pools${query({ limit: ALL })}`);
export const poolPath = (id: string) => `/pools/${encodeURIComponent(id)}`;
export const poolQuery = (id: string) => one<PoolAnswer>(["pool", id], poolPath(id));

export const warmUpPath = ({ sourceId, provider }: Pick<WarmUpCell, "sourceId" | "provider">) =>
  `/warm-up/${encodeURIComponent(sourceId)}/${encodeURIComponent(provider)}`;
/** The whole grid, however many pages it has: a grid with holes says something else. */
export const warmUpQuery = queryOptions({
  queryKey: ["warm-up"],
  queryFn: async () => {
    const cells: WarmUpCell[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const page: Page<WarmUpCell> = await get(`/warm-up${query({ limit: ALL, cursor })}`);
      cells.push(...page.data);
      cursor = page.nextCursor;
    }
    return cells;
  },
});

/** null: nobody has made one. */
export const planQuery = (id: string) =>
  queryOptions({
    queryKey: ["delivery", id, "plan"],
    queryFn: () => get<Plan>(`${deliveryPath(id)}/plan`).catch(nullIfMissing),
  });
export const deliveryConstraintQuery = (id: string) =>
  one<ConstraintAnswer>(["delivery", id, "constraint"], `${deliveryPath(id)}/constraint`);
