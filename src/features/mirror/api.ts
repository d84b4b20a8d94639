/** GET /messages/KEY/mirror: an operator looks at the page of one recipient; nothing is counted. */
import { z } from "zod";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import { problems } from "../../contract/responses.ts";
import { parseKey } from "../../core/delivery/status.ts";
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { PUBLIC_HEADERS } from "../../platform/public-page.ts";
import { openMirror, type RenderMirror } from "./open-mirror.ts";
import { mailPolicy } from "./policy.ts";

export type MirrorApiDeps = { readonly db: Db; readonly now: () => Instant; readonly renderMessage: RenderMirror };

export function registerMirrorApi(plain: FastifyInstance, deps: MirrorApiDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  app.route({
    method: "GET",
    url: "/messages/:key/mirror",
    schema: {
      tags: ["logs"],
      summary: "The mirror page of one message, with links that count nothing",
      params: z.object({ key: z.string().describe("PART-SEQ, as in the log") }),
      produces: ["text/html"],
      response: {
        200: { description: "HTML as the recipient's mail has it", content: { "text/html": { schema: z.string() } } },
        ...problems(404, 410, 422),
      },
    },
    handler: async ({ params }, reply) => {
      const key = parseKey(params.key);
      if (key === null) throw appError("not-found", { what: "message", id: params.key });
      const opened = await openMirror(deps, key, "operator", deps.now());
      switch (opened.kind) {
        case "page":
          return reply
            .headers({ ...PUBLIC_HEADERS, "content-security-policy": mailPolicy("'self'") })
            .type("text/html; charset=utf-8")
            .send(opened.html);
        case "missing":
          throw appError("not-found", { what: "message", id: params.key });
        case "none":
        case "no-html":
          throw appError("not-found", { what: "mirror page of message", id: params.key });
        case "expired":
          throw appError("mirror-expired", { id: params.key });
        case "error":
          throw appError("invalid-input", {
            detail: `The mirror page of message ${params.key} cannot be made: ${opened.message}`,
          });
      }
    },
  });
}
