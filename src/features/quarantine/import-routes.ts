/** The API of files of addresses that go into the quarantine, on the denylist or on the allowlist. */
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import { addressImportSchema } from "../../contract/responses-quarantine.ts";
import { problems } from "../../contract/responses.ts";
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { openUpload } from "../../platform/upload.ts";
import { claimIdempotencyKey } from "../operators/index.ts";
import { importAddresses } from "./address-files.ts";

const FILES = [
  {
    into: "quarantine",
    summary: "Put the addresses of a CSV file (multipart field `file`) into quarantine, or on the denylist",
    description: "Columns: email; status (quarantined or denylisted), reason and note may be missing.",
  },
  {
    into: "allowlist",
    summary: "Put the addresses of a CSV file (multipart field `file`) on the allowlist",
    description: "Columns: email; note may be missing.",
  },
] as const;

export function registerImportRoutes(
  plain: FastifyInstance,
  { db, now }: { readonly db: Db; readonly now: () => Instant },
): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  for (const { into, summary, description } of FILES) {
    app.route({
      method: "POST",
      url: `/${into}/import`,
      config: { idempotent: "handler", upload: true },
      schema: {
        tags: ["quarantine"],
        summary,
        description,
        response: { 200: addressImportSchema, ...problems(400, 409, 415, 422) },
      },
      handler: async (request, reply) => {
        const part = await openUpload(request);
        const fileName = part.filename.slice(0, 200);
        if (await claimIdempotencyKey(db, request, reply, fileName, now())) {
          part.file.resume();
          return reply;
        }
        const by = { actor: request.operator.label, note: fileName, at: now() };
        return importAddresses(db, { fileName, stream: part.file }, into, by);
      },
    });
  }
}
