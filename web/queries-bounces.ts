/** Reply texts, bounce rules and mail about messages in the cache. */
import { type InfiniteData, queryOptions } from "@tanstack/react-query";

import type { InboundMailEntry } from "../src/contract/inbound.ts";
import type { Page } from "../src/contract/index.ts";
import type {
  BounceRuleAnswer,
  BounceRuleInput,
  ReplyTextAnswer,
  ReplyTextCounts,
  ReplyTextDay,
  ReplyTextExample,
  Requalification,
  ShippedBounceRule,
} from "../src/contract/reply-texts.ts";
import { get, query } from "./api.ts";
import { one, pages } from "./queries.ts";

export type ReplyTextDetail = ReplyTextAnswer & { days: ReplyTextDay[]; examples: ReplyTextExample[] };
export type ShippedRules = { data: ShippedBounceRule[]; words: { name: string; words: string[] }[] };
export type TextFilter = {
  state?: string | undefined;
  provider?: string | undefined;
  type?: string | undefined;
  search?: string | undefined;
};

export const textsQuery = (filter: TextFilter) =>
  pages<ReplyTextAnswer>(["reply-texts", "list"], "/reply-texts", filter);
export const textPath = (id: string) => `/reply-texts/${encodeURIComponent(id)}`;
export const textQuery = (id: string) => one<ReplyTextDetail>(["reply-texts", "one", id], textPath(id));
/** New texts come with replies, not with clicks: the count beside the navigation is asked for now and then. */
export const textCountsQuery = queryOptions({
  queryKey: ["reply-texts", "counts"],
  queryFn: () => get<ReplyTextCounts>("/reply-texts/counts"),
  staleTime: 60_000,
});
/** The rule that would be made of a text. It is typed over: not read again while somebody does. */
export const textRuleQuery = (id: string) =>
  queryOptions({
    queryKey: ["reply-texts", "rule", id],
    queryFn: () => get<BounceRuleInput>(`${textPath(id)}/rule`),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });

export const bounceRulesQuery = one<Page<BounceRuleAnswer>>(["bounce-rules"], "/bounce-rules");
export const bounceRulePath = (id: string) => `/bounce-rules/${encodeURIComponent(id)}`;
export const bounceRuleQuery = (id: string) => one<BounceRuleAnswer>(["bounce-rule", id], bounceRulePath(id));
/** Files are read at start: these do not change while the server runs. */
export const shippedRulesQuery = queryOptions({
  queryKey: ["shipped-bounce-rules"],
  queryFn: () => get<ShippedRules>("/bounce-rules/shipped"),
  staleTime: Number.POSITIVE_INFINITY,
});

/** Bounces, delays, complaints and automatic answers that came in about one message. */
export const mailsAboutQuery = (message: string) =>
  one<Page<InboundMailEntry>>(["message", message, "mails"], `/inbound-mails${query({ message, limit: 100 })}`);

/** While one is under way its figures are asked for again and again: the work is a job of the worker. */
const EVERY_MS = 1000;
const EVERY_MS_IN_LIST = 3000;
const isUnderWay = (run: Requalification | undefined) => run?.state === "running" || run?.state === "undoing";

export const requalificationPath = (id: string) => `/requalifications/${encodeURIComponent(id)}`;
export const requalificationQuery = (id: string) =>
  queryOptions({
    queryKey: ["requalifications", "one", id],
    queryFn: () => get<Requalification>(requalificationPath(id)),
    refetchInterval: ({ state }) => (isUnderWay(state.data) ? EVERY_MS : false),
  });
export const requalificationsQuery = {
  ...pages<Requalification>(["requalifications", "list"], "/requalifications"),
  refetchInterval: ({ state }: { state: { data: InfiniteData<Page<Requalification>> | undefined } }) =>
    state.data?.pages.some((page) => page.data.some(isUnderWay)) === true ? EVERY_MS_IN_LIST : (false as const),
};
