/** Recipients, lists, attributes and segments in the cache. */
import { queryOptions } from "@tanstack/react-query";

import type { AttributeCoverage, DeclaredAttribute } from "../src/contract/audience-attributes.ts";
import type { RecipientDetail, RecipientList, RecipientMessage } from "../src/contract/audience-recipients.ts";
import type { Page, Recipient } from "../src/contract/index.ts";
import type { Segment, SegmentPreview, SegmentSummary } from "../src/contract/segments.ts";
import { apiUrl, post, query } from "./api.ts";
import { one, pages } from "./queries.ts";

export type RecipientFilter = {
  q?: string | undefined;
  list?: string | undefined;
  import?: string | undefined;
  domain?: string | undefined;
  denylisted?: string | undefined;
  quarantined?: string | undefined;
  /** `name=value` */
  attribute?: string | undefined;
};

export const RECIPIENTS_KEY = ["recipients"] as const;
export const recipientsQuery = (filter: RecipientFilter) =>
  pages<Recipient>([...RECIPIENTS_KEY, "list"], "/recipients", filter);
export const recipientPath = (id: string) => `/recipients/${encodeURIComponent(id)}`;
export const recipientQuery = (id: string) => one<RecipientDetail>([...RECIPIENTS_KEY, "one", id], recipientPath(id));
export const recipientMessagesQuery = (id: string) =>
  pages<RecipientMessage>([...RECIPIENTS_KEY, "messages", id], `${recipientPath(id)}/messages`);
export const recipientsExportUrl = (filter: RecipientFilter, format: "csv" | "jsonl") =>
  apiUrl(`/recipients/export${query({ ...filter, format })}`);

export const LISTS_KEY = ["lists"] as const;
export const listsQuery = pages<RecipientList>([...LISTS_KEY, "list"], "/lists");
/** For choosing from: the newest that fit on one page. */
export const someListsQuery = one<Page<RecipientList>>([...LISTS_KEY, "some"], `/lists${query({ limit: 1000 })}`);
export const listPath = (id: string) => `/lists/${encodeURIComponent(id)}`;
export const listQuery = (id: string) => one<RecipientList>([...LISTS_KEY, "one", id], listPath(id));

export const ATTRIBUTES_KEY = ["attributes"] as const;
export const attributesQuery = one<{ data: DeclaredAttribute[] }>([...ATTRIBUTES_KEY, "declared"], "/attributes");
export const attributePath = (name: string) => `/attributes/${encodeURIComponent(name)}`;
export const coverageQuery = one<AttributeCoverage>([...ATTRIBUTES_KEY, "coverage"], "/attributes/coverage");

export const SEGMENTS_KEY = ["segments"] as const;
export const segmentsQuery = pages<SegmentSummary>([...SEGMENTS_KEY, "list"], "/segments");
export const someSegmentsQuery = one<Page<SegmentSummary>>(
  [...SEGMENTS_KEY, "some"],
  `/segments${query({ limit: 1000 })}`,
);
export const segmentPath = (id: string) => `/segments/${encodeURIComponent(id)}`;
export const segmentQuery = (id: string) => one<Segment>([...SEGMENTS_KEY, "one", id], segmentPath(id));
/** `tree` as JSON: what is asked for is the key. */
export const segmentPreviewQuery = (tree: string) =>
  queryOptions({
    queryKey: [...SEGMENTS_KEY, "preview", tree],
    queryFn: () => post<SegmentPreview>("/segments/preview", { tree: JSON.parse(tree) as unknown }),
    staleTime: 30_000,
  });
