/** What each resource is called in the cache and where it comes from. Lists are read page after page by cursor, never by number. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import type {
  Checklist,
  Delivery,
  DeliveryEvent,
  DeliverySummary,
  Destination,
  Exclusion,
  ImportError,
  ImportStatus,
  Indicators,
  LogLine,
  MessageDetail,
  Page,
  QuarantineEntry,
  SandboxMessage,
} from "../src/contract/index.ts";
import { ApiProblem, get, getText, query } from "./api.ts";

export type SandboxMessageDetail = SandboxMessage & {
  html: string | null;
  text: string | null;
  headers: { name: string; value: string }[];
  raw: string;
};
export type QuarantineRow = Omit<QuarantineEntry, "history">;
export type LogFilter = {
  status?: string | undefined;
  reason?: string | undefined;
  domain?: string | undefined;
  recipient?: string | undefined;
};

const PAGE = 100;

function pages<T>(key: readonly unknown[], path: string, parameters: Record<string, string | undefined> = {}) {
  return infiniteQueryOptions({
    queryKey: [...key, parameters],
    queryFn: ({ pageParam }) => get<Page<T>>(path + query({ ...parameters, limit: PAGE, cursor: pageParam })),
    initialPageParam: null as string | null,
    getNextPageParam: (last: Page<T>) => last.nextCursor,
  });
}

const one = <T>(key: readonly unknown[], path: string) => queryOptions({ queryKey: key, queryFn: () => get<T>(path) });

const at = (id: string) => `/deliveries/${encodeURIComponent(id)}`;

/** null = nobody is signed in; that is an answer, not an error. */
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: async () => {
    try {
      return await get<{ label: string }>("/session");
    } catch (error) {
      if (error instanceof ApiProblem && error.problem.status === 401) return null;
      throw error;
    }
  },
  staleTime: Number.POSITIVE_INFINITY,
});

export const deliveriesQuery = pages<DeliverySummary>(["deliveries"], "/deliveries");
export const deliveryQuery = (id: string) => one<Delivery>(["delivery", id], at(id));
export const checklistQuery = (id: string) => one<Checklist>(["delivery", id, "checklist"], `${at(id)}/checklist`);
export const indicatorsQuery = (id: string) => one<Indicators>(["delivery", id, "indicators"], `${at(id)}/indicators`);
export const destinationsQuery = (id: string) =>
  one<{ data: Destination[] }>(["delivery", id, "destinations"], `${at(id)}/destinations`);
export const auditQuery = (id: string) => one<Page<DeliveryEvent>>(["delivery", id, "audit"], `${at(id)}/audit`);
export const exclusionsQuery = (id: string, reason: string | undefined) =>
  pages<Exclusion>(["delivery", id, "exclusions"], `${at(id)}/exclusions`, { reason });
export const messagesQuery = (id: string, filter: LogFilter) =>
  pages<LogLine>(["delivery", id, "messages"], `${at(id)}/messages`, filter);

export const messageQuery = (key: string) =>
  one<MessageDetail>(["message", key], `/messages/${encodeURIComponent(key)}`);
export const sourceUrl = (key: string) => `/messages/${encodeURIComponent(key)}/source`;
export const sourceQuery = (key: string) =>
  queryOptions({ queryKey: ["message", key, "source"], queryFn: () => getText(sourceUrl(key)) });

export const importsQuery = pages<ImportStatus>(["imports"], "/imports");
export const importQuery = (id: string) => one<ImportStatus>(["import", id], `/imports/${encodeURIComponent(id)}`);
export const importErrorsQuery = (id: string) =>
  pages<ImportError>(["import", id, "errors"], `/imports/${encodeURIComponent(id)}/errors`);

export const sandboxQuery = (recipient: string | undefined) =>
  pages<SandboxMessage>(["sandbox"], "/sandbox/messages", { recipient });
export const sandboxMessageQuery = (id: string) =>
  one<SandboxMessageDetail>(["sandbox", "message", id], `/sandbox/messages/${encodeURIComponent(id)}`);

export const quarantineQuery = pages<QuarantineRow>(["quarantine"], "/quarantine");
export const quarantineEntryQuery = (address: string) =>
  one<QuarantineEntry>(["quarantine", "entry", address], `/quarantine/${encodeURIComponent(address)}`);
