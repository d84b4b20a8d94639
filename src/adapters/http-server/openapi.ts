/** The OpenAPI 3.1 description, generated from the zod schemas of the routes, and a reader for people. */
import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import type { FastifyInstance } from "fastify";
import { jsonSchemaTransform } from "fastify-type-provider-zod";

declare module "fastify" {
  interface FastifyContextConfig {
    /** The route takes `multipart/form-data` with one `file`. */
    upload?: boolean;
  }
}

const FILE_BODY = {
  type: "object",
  required: ["file"],
  properties: { file: { type: "string", format: "binary" } },
};

const IDEMPOTENCY_HEADER = {
  type: "object",
  properties: { "Idempotency-Key": { type: "string", maxLength: 255 } },
};

export async function describeApi(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Envoi",
        version,
        description:
          "Sends e-mail campaigns and knows what became of every message. Errors are RFC 9457 problem details, times RFC 3339 in UTC, lists are read by `limit` and `cursor`. POST requests that create or send take an `Idempotency-Key`: the same key and request within 24 h get the first answer again.",
        license: { name: "MIT", identifier: "MIT" },
      },
      components: {
        securitySchemes: {
          bearer: { type: "http", scheme: "bearer" },
          session: { type: "apiKey", in: "cookie", name: "envoi_session" },
        },
      },
      security: [{ bearer: [] }, { session: [] }],
    },
    transform: (input) => {
      const { url, schema } = jsonSchemaTransform(input);
      const config = input.route.config;
      const upload = config?.upload === true ? { consumes: ["multipart/form-data"], body: FILE_BODY } : {};
      const headers = config !== undefined && "idempotent" in config ? { headers: IDEMPOTENCY_HEADER } : {};
      return { url, schema: { ...schema, ...upload, ...headers } };
    },
  });
  await app.register(swaggerUi, { routePrefix: "/api/docs", theme: { title: "Envoi API" } });
  app.get("/api/openapi.json", { schema: { hide: true } }, async () => app.swagger());
}
