/** The API of imports: files that come in, how they ended, which rows were refused, and taking one back. */
import { Readable } from "node:stream";
import { z } from "zod";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import { importOptionsSchema } from "../../contract/audience-imports.ts";
import {
  fileLookSchema,
  idParams,
  importErrorSchema,
  importStatusSchema,
  pageOf,
  pageQuery,
  problems,
} from "../../contract/responses.ts";
import type { Db } from "../../platform/db.ts";
import { appError, errorText } from "../../platform/errors.ts";
import { readId, readNumberCursor } from "../../platform/paging.ts";
import { claimIdempotencyKey } from "../operators/index.ts";
import { csvLine, shown } from "./export-recipients.ts";
import { isJsonLines, startImport } from "./import-file.ts";
import { lookAtFile } from "./look-at-file.ts";
import type { ImportRules } from "./import-rules.ts";
import { receiveForm, removeOldUploads } from "./receive-upload.ts";
import type { AudienceDeps } from "./audience-deps.ts";
import { getImport, listImportErrors, listImports } from "./store.ts";
import { askUndo } from "./undo-import.ts";
import { wakeWorker } from "./work.ts";

const TAGS = ["audience"];
const PAGE = 5000;

export function registerImports(app: FastifyInstance, deps: AudienceDeps): void {
  registerUpload(app, deps);
  registerLook(app, deps);
  registerReading(app, deps);
  registerErrors(app, deps);
  registerUndo(app, deps);
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
      summary: "Import a CSV or JSON lines file (multipart field `file`)",
      description:
        "The field `options` may hold a JSON object: mode, onBlank, dryRun, format, label, address, mapping, unmapped, decimal, dates (docs/audience.md). With the mode file nobody becomes a recipient: the rows are kept as the target of a delivery. Of an upload, an Idempotency-Key remembers file name and options only, not the content.",
      response: { 202: importStatusSchema, ...problems(400, 409, 415, 422) },
    },
    handler: async (request, reply) => {
      const { fileName, upload, options } = await receiveForm(uploadDir, request);
      const begun = await (async () => {
        const rules = readRules(options);
        const same = options === null ? fileName : JSON.stringify([fileName, rules]);
        if (await claimIdempotencyKey(db, request, reply, same, now())) return null;
        return startImport(db, { fileName, path: upload.path }, { now, rules });
      })().catch(async (error: unknown) => {
        await upload.remove();
        throw error;
      });
      if (begun === null) {
        await upload.remove();
        return reply;
      }
      const { id, done } = begun;
      // What is wrong with the file is in the import's row; here it is only news.
      void done
        .catch((error: unknown) => log.info({ import: id, error: errorText(error) }, "import failed"))
        .finally(() => upload.remove());
      return reply
        .code(202)
        .header("location", `/api/v1/imports/${id}`)
        .send(await mustFind(db, String(id)));
    },
  });
}

function registerLook(plain: FastifyInstance, { uploadDir }: AudienceDeps): void {
  plain.withTypeProvider<ZodTypeProvider>().route({
    method: "POST",
    url: "/imports/actions/look",
    config: { upload: true },
    schema: {
      tags: TAGS,
      summary: "What the beginning of a file holds: columns, some values, what they look like (multipart field `file`)",
      description: "Imports nothing. The first 64 kB are enough; a row that is cut at their end is left out.",
      response: { 200: fileLookSchema, ...problems(400, 415, 422) },
    },
    handler: async (request) => {
      const { fileName, upload, options } = await receiveForm(uploadDir, request);
      try {
        const source = { fileName, path: upload.path };
        return await lookAtFile(source, isJsonLines({ source, rules: readRules(options) }) ? "jsonl" : "csv");
      } finally {
        await upload.remove();
      }
    },
  });
}

function readRules(options: string | null): ImportRules {
  let given: unknown = {};
  try {
    if (options !== null && options.trim() !== "") given = JSON.parse(options);
  } catch (error) {
    const message = `The field options is no JSON: ${errorText(error)}`;
    throw appError("invalid-input", { detail: message }, [{ pointer: "/options", code: "invalid", message }]);
  }
  const read = importOptionsSchema.safeParse(given);
  if (read.success) return read.data;
  const errors = read.error.issues.map(({ path, code, message }) => ({
    pointer: ["/options", ...path.map(String)].join("/"),
    code,
    message,
  }));
  throw appError("invalid-input", { detail: errors.map(({ message }) => message).join("; ") }, errors);
}

function registerReading(plain: FastifyInstance, { db }: AudienceDeps): void {
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
}

function registerErrors(plain: FastifyInstance, { db }: AudienceDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

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

  app.route({
    method: "GET",
    url: "/imports/:id/errors.csv",
    schema: {
      tags: TAGS,
      summary: "The same rows as a CSV file",
      params: idParams,
      response: { 200: { description: "CSV", content: { "text/csv": { schema: z.unknown() } } }, ...problems(404) },
    },
    handler: async ({ params }, reply) => {
      const { id } = await mustFind(db, params.id);
      return reply
        .type("text/csv; charset=utf-8")
        .header("content-disposition", `attachment; filename="import-${id}-errors.csv"`)
        .send(Readable.from(errorsFile(db, Number(id))));
    },
  });
}

async function* errorsFile(db: Db, id: number): AsyncGenerator<string> {
  yield csvLine(["line", "column", "value", "reason", "detail"]);
  for (let after: number | null = null; ; ) {
    const { data, nextCursor } = await listImportErrors(db, id, { after, limit: PAGE });
    const text = data
      .map(({ line, column, value, reason, detail }) =>
        csvLine([String(line), shown(column), shown(value), reason, shown(detail)]),
      )
      .join("");
    if (text !== "") yield text;
    if (nextCursor === null) return;
    after = Number(nextCursor);
  }
}

function registerUndo(plain: FastifyInstance, { db, now }: AudienceDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  app.route({
    method: "POST",
    url: "/imports/:id/actions/undo",
    config: { idempotent: "body" },
    schema: {
      tags: TAGS,
      summary: "Take an import back",
      description:
        "Within 30 days. Whom it created is removed, unless somebody changed them, put them on a list or prepared a delivery to them; whom it changed gets former values back, as far as nobody changed them since. `undo` of the import tells how far it is.",
      params: idParams,
      response: { 202: importStatusSchema, ...problems(404, 409) },
    },
    handler: async ({ params, operator }, reply) => {
      await askUndo(db, readId(params.id, "import"), operator.label, now());
      await wakeWorker(db);
      return reply.code(202).send(await mustFind(db, params.id));
    },
  });
}

async function mustFind(db: Db, id: string) {
  const status = await getImport(db, readId(id, "import"));
  if (status === null) throw appError("not-found", { what: "import", id });
  return status;
}
