/** The API of files: upload, list, read, delete. */
import { createHash } from "node:crypto";
import { z } from "zod";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import { fileSchema } from "../../contract/responses-content.ts";
import { idParams, pageOf, pageQuery, problems } from "../../contract/responses.ts";
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { readId, readNumberCursor, toPage } from "../../platform/paging.ts";
import { openUpload } from "../../platform/upload.ts";
import { claimIdempotencyKey } from "../operators/index.ts";
import { loadSettings } from "../settings/index.ts";
import { attachmentDisposition } from "./disposition.ts";
import { receiveFile } from "./receive-file.ts";
import { removeFile } from "./remove-file.ts";
import { keepFile } from "./save-file.ts";
import { findFile, listFiles, loadFiles } from "./store.ts";

type FileDeps = { readonly db: Db; readonly now: () => Instant };

const TAGS = ["files"];

export function registerFileRoutes(app: FastifyInstance, deps: FileDeps): void {
  registerUpload(app, deps);
  registerReading(app, deps);
  registerContent(app, deps);
}

function registerUpload(plain: FastifyInstance, { db, now }: FileDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  app.route({
    method: "POST",
    url: "/files",
    config: { idempotent: "handler", upload: true },
    schema: {
      tags: TAGS,
      summary: "Keep a file for attachments and embedded images (multipart field `file`)",
      description:
        "At most as large as the setting maxAttachmentBytes. 200: the same bytes were there under this name.",
      response: { 200: fileSchema, 201: fileSchema, ...problems(400, 409, 413, 415, 422) },
    },
    handler: async (request, reply) => {
      const part = await openUpload(request);
      const { maxAttachmentBytes } = await loadSettings(db);
      const content = await receiveFile(part, maxAttachmentBytes);
      const same = [part.filename, part.mimetype, createHash("sha256").update(content).digest("hex")];
      if (await claimIdempotencyKey(db, request, reply, JSON.stringify(same), now())) return reply;
      const given = { name: part.filename, contentType: part.mimetype, content };
      const { file, created } = await keepFile(db, given, now());
      return reply
        .code(created ? 201 : 200)
        .header("location", `/api/v1/files/${file.id}`)
        .send(file);
    },
  });
}

function registerReading(plain: FastifyInstance, { db }: FileDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "GET",
    url: "/files",
    schema: {
      tags: TAGS,
      summary: "Files, newest first",
      querystring: z.object(pageQuery),
      response: { 200: pageOf(fileSchema), ...problems(422) },
    },
    handler: async ({ query }) => {
      const files = await listFiles(db, readNumberCursor(query.cursor), query.limit + 1);
      return toPage(files, query.limit, (last) => last.id);
    },
  });

  app.route({
    method: "GET",
    url: "/files/:id",
    schema: {
      tags: TAGS,
      summary: "What is known of one file",
      params: idParams,
      response: { 200: fileSchema, ...problems(404) },
    },
    handler: async ({ params }) => {
      const file = await findFile(db, readId(params.id, "file"));
      if (!file) throw appError("not-found", { what: "file", id: params.id });
      return file;
    },
  });

  app.route({
    method: "DELETE",
    url: "/files/:id",
    schema: {
      tags: TAGS,
      summary: "Delete a file that no delivery names",
      params: idParams,
      response: { 204: z.undefined().describe("Deleted"), ...problems(404, 409) },
    },
    handler: async ({ params }, reply) => {
      await removeFile(db, readId(params.id, "file"));
      return reply.code(204).send();
    },
  });
}

/** Always a download: a file may be a page with scripts, and this is the origin of the operators' session. */
function registerContent(plain: FastifyInstance, { db }: FileDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  app.route({
    method: "GET",
    url: "/files/:id/content",
    schema: {
      tags: TAGS,
      summary: "The bytes of one file",
      params: idParams,
      response: { 200: z.any().describe("The bytes, as the file's type"), ...problems(404) },
    },
    handler: async ({ params }, reply) => {
      const id = readId(params.id, "file");
      const file = (await loadFiles(db, [id])).get(id);
      if (!file) throw appError("not-found", { what: "file", id: params.id });
      return reply
        .headers({
          "content-type": file.contentType,
          "content-disposition": attachmentDisposition(file.name),
          "x-content-type-options": "nosniff",
          "content-security-policy": "default-src 'none'; sandbox",
        })
        .send(Buffer.from(file.content));
    },
  });
}
