/** The API of the audience: recipients, lists, imports. */
import { z } from "zod";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import type { Recipient } from "../../contract/index.ts";
import {
  idParams,
  importErrorSchema,
  importStatusSchema,
  pageOf,
  pageQuery,
  problems,
} from "../../contract/responses.ts";
import { erasureSchema } from "../../contract/responses-archive.ts";
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { appError, errorText } from "../../platform/errors.ts";
import type { Log } from "../../platform/log.ts";
import { readId, readNumberCursor } from "../../platform/paging.ts";
import { openUpload } from "../../platform/upload.ts";
import { hideAddressesIn } from "../archive/index.ts";
import { claimIdempotencyKey, hasRight } from "../operators/index.ts";
import { eraseRecipient } from "./erase-recipient.ts";
import { startImport } from "./import-file.ts";
import { cleanFileName, receiveUpload, removeOldUploads } from "./receive-upload.ts";
import { saveRecipient } from "./save-recipient.ts";
import { getImport, listImportErrors, listImports, listLists, listRecipients } from "./store.ts";

export type AudienceDeps = {
  readonly db: Db;
  readonly now: () => Instant;
  readonly log: Log;
  /** Where uploads wait for their import; nothing else may be in it. */
  readonly uploadDir: string;
};

const TAGS = ["audience"];
const attributeValue = z.union([z.string().max(1_000_000), z.number(), z.boolean()]);
const recipientSchema = z.object({
  id: z.string(),
  address: z.string(),
  attributes: z.record(z.string(), z.unknown()),
  denylistedAt: z.iso.datetime().nullable(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
}) satisfies z.ZodType<Recipient>;
const listSchema = z.object({ id: z.string(), label: z.string(), createdAt: z.iso.datetime() });

export function registerAudienceRoutes(app: FastifyInstance, deps: AudienceDeps): void {
  registerRecipients(app, deps);
  registerErasure(app, deps);
  registerUpload(app, deps);
  registerImports(app, deps);
}

function registerRecipients(plain: FastifyInstance, { db, now }: AudienceDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "GET",
    url: "/recipients",
    schema: {
      tags: TAGS,
      summary: "Recipients, oldest first",
      querystring: z.object(pageQuery),
      response: { 200: pageOf(recipientSchema), ...problems(422) },
    },
    handler: ({ query }) => listRecipients(db, { after: readNumberCursor(query.cursor), limit: query.limit }),
  });

  app.route({
    method: "POST",
    url: "/recipients",
    config: { idempotent: "body" },
    schema: {
      tags: TAGS,
      summary: "Add one recipient, or merge attributes into the one that has the address",
      body: z.strictObject({
        address: z.string().max(2000),
        attributes: z.record(z.string().min(1).max(200), attributeValue).default({}),
      }),
      response: { 200: recipientSchema, 201: recipientSchema, ...problems(409, 422) },
    },
    handler: async (request, reply) => {
      const { recipient, created } = await saveRecipient(db, request.body, now());
      return reply.code(created ? 201 : 200).send(recipient);
    },
  });

  app.route({
    method: "GET",
    url: "/lists",
    schema: {
      tags: TAGS,
      summary: "Lists of recipients, newest first; each import makes one",
      querystring: z.object(pageQuery),
      response: { 200: pageOf(listSchema), ...problems(422) },
    },
    handler: ({ query }) => listLists(db, { after: readNumberCursor(query.cursor), limit: query.limit }),
  });
}

function registerErasure(plain: FastifyInstance, { db, now }: AudienceDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  app.route({
    method: "POST",
    url: "/recipients/:id/actions/erase",
    config: { idempotent: "body" },
    schema: {
      tags: TAGS,
      summary: "Erase a recipient, and list the archive copies that must be erased outside",
      description:
        "Removes profile and lists, and the address and values from messages that are final. The denylist and the quarantine go on knowing the address. The audit of archives keeps the list.",
      params: idParams,
      response: { 200: erasureSchema, ...problems(404, 409) },
    },
    handler: async ({ params, operator }) => {
      const erasure = await eraseRecipient(db, readId(params.id, "recipient"), operator.label, now());
      return hasRight(operator, "archive") ? erasure : hideAddressesIn(erasure);
    },
  });
}

function registerUpload(plain: FastifyInstance, { db, now, log, uploadDir }: AudienceDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  app.addHook("onReady", () => removeOldUploads(uploadDir));
  app.route({
    method: "POST",
    url: "/imports",
    config: { idempotent: "handler", upload: true },
    schema: {
      tags: TAGS,
      summary: "Import a CSV file (multipart field `file`)",
      description: "Of an upload, an Idempotency-Key remembers the file name only, not the content.",
      response: { 202: importStatusSchema, ...problems(400, 409, 415, 422) },
    },
    handler: async (request, reply) => {
      const part = await openUpload(request);
      const fileName = cleanFileName(part.filename);
      if (await claimIdempotencyKey(db, request, reply, fileName, now())) {
        part.file.resume();
        return reply;
      }
      const upload = await receiveUpload(uploadDir, part.file);
      const { id, done } = await startImport(db, { fileName, path: upload.path }, { now });
      // What is wrong with the file is in the import's row; here it is only news.
      void done
        .catch((error: unknown) => log.info({ import: id, error: errorText(error) }, "import failed"))
        .finally(() => upload.remove());
      const status = await getImport(db, id);
      if (status === null) throw appError("not-found", { what: "import", id });
      return reply.code(202).header("location", `/api/v1/imports/${id}`).send(status);
    },
  });
}

function registerImports(plain: FastifyInstance, { db }: AudienceDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "GET",
    url: "/imports",
    schema: {
      tags: TAGS,
      summary: "Imports, newest first",
      querystring: z.object(pageQuery),
      response: { 200: pageOf(importStatusSchema), ...problems(422) },
    },
    handler: ({ query }) => listImports(db, { after: readNumberCursor(query.cursor), limit: query.limit }),
  });

  app.route({
    method: "GET",
    url: "/imports/:id",
    schema: {
      tags: TAGS,
      summary: "One import",
      params: idParams,
      response: { 200: importStatusSchema, ...problems(404) },
    },
    handler: async ({ params }) => mustFind(db, params.id),
  });

  app.route({
    method: "GET",
    url: "/imports/:id/errors",
    schema: {
      tags: TAGS,
      summary: "The rows that an import rejected or skipped: line, column, value, reason",
      params: idParams,
      querystring: z.object(pageQuery),
      response: { 200: pageOf(importErrorSchema), ...problems(404, 422) },
    },
    handler: async ({ params, query }) => {
      const { id } = await mustFind(db, params.id);
      return listImportErrors(db, Number(id), { after: readNumberCursor(query.cursor), limit: query.limit });
    },
  });
}

async function mustFind(db: Db, id: string) {
  const status = await getImport(db, readId(id, "import"));
  if (status === null) throw appError("not-found", { what: "import", id });
  return status;
}
