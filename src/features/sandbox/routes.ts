/** The API of the sandbox's inbox: what the simulated internet accepted. The sandbox itself hands in the functions. */
import { z } from "zod";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import { idParams, pageOf, pageQuery, problems, sandboxMessageSchema } from "../../contract/responses.ts";
import { formatInstant, type Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { readId, readNumberCursor } from "../../platform/paging.ts";
import { loadArchiveAddresses } from "../archive/index.ts";
import { hasRight } from "../operators/index.ts";

type InboxItem = {
  readonly id: number;
  readonly at: Instant;
  readonly mailFrom: string;
  readonly rcptTo: string;
  readonly subject: string;
  readonly size: number;
};

type InboxMessage = InboxItem & {
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly html: string | null;
  readonly text: string | null;
  readonly raw: Uint8Array;
};

export type SandboxDeps = {
  /** Newest first; `recipient` is an address or a part of one; mail to and from the addresses of `except` is left out. */
  readonly listInbox: (query: {
    cursor?: number | undefined;
    limit: number;
    recipient?: string | undefined;
    except: readonly string[];
  }) => Promise<{ data: readonly InboxItem[]; nextCursor: number | null }>;
  readonly getInboxMessage: (id: number, except: readonly string[]) => Promise<InboxMessage | null>;
};

const TAGS = ["sandbox"];
const detailSchema = sandboxMessageSchema.extend({
  html: z.string().nullable(),
  text: z.string().nullable(),
  headers: z.array(z.object({ name: z.string(), value: z.string() })),
  raw: z.string().describe("The message as it came; bytes that are no UTF-8 are replaced"),
});

export function registerSandboxRoutes(
  plain: FastifyInstance,
  db: Db,
  { listInbox, getInboxMessage }: SandboxDeps,
): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  /** Copies are in the inbox too, and who may not see where copies go does not see them here. */
  const hiddenFrom = async (operator: FastifyRequest["operator"]): Promise<string[]> =>
    hasRight(operator, "archive") ? [] : loadArchiveAddresses(db);

  app.route({
    method: "GET",
    url: "/sandbox/messages",
    schema: {
      tags: TAGS,
      summary: "Messages that the sandbox internet accepted, newest first",
      description: "Copies for archives and reports about them are shown to tokens with the right `archive` only.",
      querystring: z.object({ ...pageQuery, recipient: z.string().max(500).optional() }),
      response: { 200: pageOf(sandboxMessageSchema), ...problems(422) },
    },
    handler: async ({ query: { cursor, limit, recipient }, operator }) => {
      const except = await hiddenFrom(operator);
      const page = await listInbox({ cursor: readNumberCursor(cursor) ?? undefined, limit, recipient, except });
      return {
        data: page.data.map(presentItem),
        nextCursor: page.nextCursor === null ? null : String(page.nextCursor),
      };
    },
  });

  app.route({
    method: "GET",
    url: "/sandbox/messages/:id",
    schema: {
      tags: TAGS,
      summary: "One message of the sandbox's inbox, taken apart",
      params: idParams,
      response: { 200: detailSchema, ...problems(404) },
    },
    handler: async ({ params, operator }) => {
      const id = readId(params.id, "sandbox message");
      const message = await getInboxMessage(id, await hiddenFrom(operator));
      if (message === null) throw appError("not-found", { what: "sandbox message", id: params.id });
      const { html, text, headers, raw } = message;
      return { ...presentItem(message), html, text, headers: [...headers], raw: new TextDecoder().decode(raw) };
    },
  });
}

function presentItem({ id, at, mailFrom, rcptTo, subject, size }: InboxItem) {
  return { id: String(id), at: formatInstant(at), mailFrom, rcptTo, subject, size };
}
