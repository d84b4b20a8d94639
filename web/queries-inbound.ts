/** Mail that came in, in the cache; and the mailboxes that it is fetched from. */
import { queryOptions } from "@tanstack/react-query";

import type { InboundMailDetail, InboundMailEntry } from "../src/contract/inbound.ts";
import type { Page } from "../src/contract/index.ts";
import type { Mailbox } from "../src/contract/mailboxes.ts";
import { apiUrl, getBeginning, query } from "./api.ts";
import { one, pages } from "./queries.ts";

export type InboundFilter = {
  kind?: string | undefined;
  outcome?: string | undefined;
  state?: string | undefined;
  delivery?: string | undefined;
  message?: string | undefined;
  address?: string | undefined;
};

export const inboundMailsQuery = (filter: InboundFilter) =>
  pages<InboundMailEntry>(["inbound-mails"], "/inbound-mails", filter);

const mailPath = (id: string) => `/inbound-mails/${encodeURIComponent(id)}`;
export const inboundMailQuery = (id: string) => one<InboundMailDetail>(["inbound-mail", id], mailPath(id));

const rawPath = (id: string) => `${mailPath(id)}/raw`;
export const rawUrl = (id: string) => apiUrl(rawPath(id));

/** A mail may have 25 MB; so much of it is for reading, the rest is in the file. */
const SHOWN_BYTES = 200_000;
export const rawMailQuery = (id: string) =>
  queryOptions({
    queryKey: ["inbound-mail", id, "raw"],
    queryFn: () => getBeginning(rawPath(id), SHOWN_BYTES),
    staleTime: Number.POSITIVE_INFINITY,
  });

export const mailboxesQuery = one<Page<Mailbox>>(["mailboxes"], `/mailboxes${query({ limit: 1000 })}`);
export const mailboxPath = (id: string) => `/mailboxes/${encodeURIComponent(id)}`;
export const mailboxQuery = (id: string) => one<Mailbox>(["mailbox", id], mailboxPath(id));
