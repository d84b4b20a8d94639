/** What each resource is called in the cache and where it comes from. Lists are read page after page by cursor, never by number. */
import { infiniteQueryOptions, type QueryClient, queryOptions } from "@tanstack/react-query";

import type {
  Archive,
  ArchiveLedger,
  Block,
  Checklist,
  Copy,
  Delivery,
  DeliveryEvent,
  DeliverySummary,
  Destination,
  Domain,
  Exclusion,
  ImportError,
  ImportStatus,
  Link,
  LiveIndicators,
  LogLine,
  MessageDetail,
  Page,
  PlatformSettings,
  Preview,
  PreviewInput,
  Recipient,
  SandboxMessage,
  SingleMessage,
  StoredFile,
  Template,
  TemplateSummary,
  TrackingIndicators,
  Unsubscription,
} from "../src/contract/index.ts";
import type { WaitingApproval } from "../src/contract/approvals.ts";
import type { PublishedTemplate } from "../src/contract/single-messages.ts";
import type { Session } from "../src/contract/operators.ts";
import { ApiProblem, get, getText, post, query } from "./api.ts";

export type SandboxMessageDetail = SandboxMessage & {
  html: string | null;
  text: string | null;
  headers: { name: string; value: string }[];
  raw: string;
};
export type StoredSettings = PlatformSettings & { version: number };
/** The live figures, what recipients did, and how many addresses went into quarantine; the stream carries only the first. */
export type AllIndicators = LiveIndicators & TrackingIndicators & { newQuarantines: number };
/** Whether the bytes made again are the ones that were sent. */
export type DigestVerdict = "match" | "differs" | "none";
export type CopyFilter = {
  state?: string | undefined;
  archive?: string | undefined;
  delivery?: string | undefined;
};
export type LogFilter = {
  status?: string | undefined;
  reason?: string | undefined;
  domain?: string | undefined;
  recipient?: string | undefined;
};

const PAGE = 100;

export function pages<T>(key: readonly unknown[], path: string, parameters: Record<string, string | undefined> = {}) {
  return infiniteQueryOptions({
    queryKey: [...key, parameters],
    queryFn: ({ pageParam }) => get<Page<T>>(path + query({ ...parameters, limit: PAGE, cursor: pageParam })),
    initialPageParam: null as string | null,
    getNextPageParam: (last: Page<T>) => last.nextCursor,
  });
}

export const one = <T>(key: readonly unknown[], path: string) =>
  queryOptions({ queryKey: key, queryFn: () => get<T>(path) });

export const deliveryPath = (id: string) => `/deliveries/${encodeURIComponent(id)}`;
const at = deliveryPath;

/** null = nobody is signed in; that is an answer, not an error. */
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: async () => {
    try {
      return await get<Session>("/session");
    } catch (error) {
      if (error instanceof ApiProblem && error.problem.status === 401) return null;
      throw error;
    }
  },
  staleTime: Number.POSITIVE_INFINITY,
});

/** By folder and category. */
export const deliveriesBy = (filter: { folder?: string | undefined; category?: string | undefined }) =>
  pages<DeliverySummary>(["deliveries"], "/deliveries", filter);
export const deliveriesQuery = deliveriesBy({});
/** What waits for the decision of whoever is signed in. */
export const waitingQuery = one<Page<WaitingApproval>>(["approvals", "mine"], "/approvals?mine=true&limit=1000");
export const deliveryQuery = (id: string) => one<Delivery>(["delivery", id], at(id));
export const checklistQuery = (id: string) => one<Checklist>(["delivery", id, "checklist"], `${at(id)}/checklist`);
export const indicatorsQuery = (id: string) =>
  one<AllIndicators>(["delivery", id, "indicators"], `${at(id)}/indicators`);
export const destinationsQuery = (id: string) =>
  one<{ data: Destination[] }>(["delivery", id, "destinations"], `${at(id)}/destinations`);
export const auditQuery = (id: string) => one<Page<DeliveryEvent>>(["delivery", id, "audit"], `${at(id)}/audit`);
export const linksQuery = (id: string) => one<{ data: Link[] }>(["delivery", id, "links"], `${at(id)}/links`);
const previewKey = (id: string) => ["delivery", id, "preview"] as const;
export const previewQuery = (id: string, input: PreviewInput) =>
  queryOptions({
    queryKey: [...previewKey(id), input],
    queryFn: () => post<{ data: Preview[] }>(`${at(id)}/preview`, input),
  });
/** After a save: what is on the screen is made again, what is not is forgotten. */
export function renewPreviews(client: QueryClient, id: string): void {
  client.removeQueries({ queryKey: previewKey(id), type: "inactive" });
  void client.invalidateQueries({ queryKey: previewKey(id) });
}
export const exclusionsQuery = (id: string, reason: string | undefined) =>
  pages<Exclusion>(["delivery", id, "exclusions"], `${at(id)}/exclusions`, { reason });
export const messagesQuery = (id: string, filter: LogFilter) =>
  pages<LogLine>(["delivery", id, "messages"], `${at(id)}/messages`, filter);

export const messageQuery = (key: string) =>
  one<MessageDetail>(["message", key], `/messages/${encodeURIComponent(key)}`);
export const sourceUrl = (key: string) => `/messages/${encodeURIComponent(key)}/source`;
export const sourceQuery = (key: string) =>
  queryOptions({
    queryKey: ["message", key, "source"],
    queryFn: async () => {
      const { text, headers } = await getText(sourceUrl(key));
      return { text, digest: digestOf(headers.get("envoi-digest")) };
    },
  });
const digestOf = (word: string | null): DigestVerdict => (word === "match" || word === "differs" ? word : "none");
export const mirrorUrl = (key: string) => `/messages/${encodeURIComponent(key)}/mirror`;

export const importsQuery = pages<ImportStatus>(["imports"], "/imports");
export const importQuery = (id: string) => one<ImportStatus>(["import", id], `/imports/${encodeURIComponent(id)}`);
export const importErrorsQuery = (id: string) =>
  pages<ImportError>(["import", id, "errors"], `/imports/${encodeURIComponent(id)}/errors`);

export const sandboxQuery = (recipient: string | undefined) =>
  pages<SandboxMessage>(["sandbox"], "/sandbox/messages", { recipient });
export const sandboxMessageQuery = (id: string) =>
  one<SandboxMessageDetail>(["sandbox", "message", id], `/sandbox/messages/${encodeURIComponent(id)}`);

export const unsubscriptionsQuery = (address: string | undefined) =>
  pages<Unsubscription>(["unsubscriptions"], "/unsubscriptions", { address });

export const singleMessagesQuery = (filter: Record<string, string | undefined>) =>
  pages<SingleMessage>(["single-messages"], "/messages", filter);

export const templatesQuery = one<Page<TemplateSummary>>(["templates"], `/templates${query({ limit: 1000 })}`);
export const templatesIn = (folder: string | undefined) =>
  folder === undefined
    ? templatesQuery
    : one<Page<TemplateSummary>>(["templates", folder], `/templates${query({ limit: 1000, folder })}`);
export const templatePath = (id: string) => `/templates/${encodeURIComponent(id)}`;
/** What single messages may be made of. */
export const publishedQuery = one<Page<PublishedTemplate>>(["published-templates"], "/templates/published?limit=1000");
export const templateQuery = (id: string) => one<Template>(["template", id], templatePath(id));

export const blocksQuery = one<Page<Block>>(["blocks"], `/blocks${query({ limit: 1000 })}`);
export const blockPath = (name: string) => `/blocks/${encodeURIComponent(name)}`;
/** null = no block has this name: the page offers to write it. */
export const blockQuery = (name: string) =>
  queryOptions({ queryKey: ["block", name], queryFn: () => get<Block>(blockPath(name)).catch(nullIfMissing) });

export const filesQuery = pages<StoredFile>(["files"], "/files");
export const fileContentPath = (id: string) => `/files/${encodeURIComponent(id)}/content`;
export const settingsQuery = one<StoredSettings>(["settings"], "/settings");

export const ledgerQuery = one<ArchiveLedger>(["archive", "ledger"], "/archive");
export const copiesQuery = (filter: CopyFilter) => pages<Copy>(["archive", "copies"], "/archive/copies", filter);
export const archivePath = (id: string) => `/archives/${encodeURIComponent(id)}`;
export const archivesQuery = one<Page<Archive>>(["archives"], `/archives${query({ limit: 1000 })}`);
export const archiveAuditQuery = (id: string) =>
  pages<DeliveryEvent>(["archives", id, "audit"], `${archivePath(id)}/audit`);
export const archiveQuery = (id: string) => one<Archive>(["archives", id], archivePath(id));

export const domainPath = (name: string) => `/domains/${encodeURIComponent(name)}`;
export const domainsQuery = pages<Domain>(["domains"], "/domains");
export const domainQuery = (name: string) => one<Domain>(["domain", name], domainPath(name));

/** Some of the audience, for the names of its attributes. */
export const someRecipientsQuery = queryOptions({
  queryKey: ["recipients", "some"],
  queryFn: () => get<Page<Recipient>>(`/recipients${query({ limit: PAGE })}`),
  staleTime: 60_000,
});

export function nullIfMissing(error: unknown): null {
  if (error instanceof ApiProblem && error.problem.status === 404) return null;
  throw error;
}
