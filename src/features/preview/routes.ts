/** The API of looking at a delivery before it is sent: previews, links. */
import { z } from "zod";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import { previewSchema, type PreviewInput } from "../../contract/index.ts";
import { idParams, linkSchema, previewAnswerSchema, problems } from "../../contract/responses.ts";
import { parseAddress } from "../../core/address/parse-address.ts";
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { readId } from "../../platform/paging.ts";
import { findDeliveryWithManifest, type DeliveryWithManifest } from "../deliveries/index.ts";
import { loadManifest, previewDelivery, type PreviewDeps, type Subject } from "./preview-delivery.ts";
import { findPerson, findWorstCases } from "./store.ts";

const TAGS = ["deliveries"];

export function registerPreviewRoutes(plain: FastifyInstance, deps: PreviewDeps & { readonly db: Db }): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  const { db } = deps;

  app.route({
    method: "POST",
    url: "/deliveries/:id/preview",
    schema: {
      tags: TAGS,
      summary: "The message as a recipient would get it, rendered as when it is sent",
      description:
        "For a recipient of the audience, for attributes given as JSON, or for the recipients that are most likely to break it (longest, emptiest, non-Latin). Links and pixel count nothing.",
      params: idParams,
      body: previewSchema,
      response: { 200: z.object({ data: z.array(previewAnswerSchema) }), ...problems(404, 422) },
    },
    handler: async ({ params, body }) => {
      const { delivery, manifest } = await mustFind(db, params.id);
      return {
        data: await previewDelivery(db, delivery, manifest, await chooseSubjects(db, delivery, body, deps.now()), deps),
      };
    },
  });

  app.route({
    method: "GET",
    url: "/deliveries/:id/links",
    schema: {
      tags: TAGS,
      summary: "The links of the content with number, label, category and mode",
      params: idParams,
      response: { 200: z.object({ data: z.array(linkSchema) }), ...problems(404, 422) },
    },
    handler: async ({ params }) => {
      const { delivery, manifest } = await mustFind(db, params.id);
      const loaded = await loadManifest(db, delivery, manifest, deps);
      if (loaded.kind === "ready") return { data: [...loaded.manifest.links] };
      const errors = loaded.errors.map(({ part, line, column, code, message }) => ({
        pointer: `/content/${part}`,
        code,
        message: `line ${line}, column ${column}: ${message}`,
      }));
      throw appError("invalid-input", { detail: "The content has errors" }, errors);
    },
  });
}

async function mustFind(db: Db, text: string): Promise<DeliveryWithManifest> {
  const found = await findDeliveryWithManifest(db, readId(text, "delivery"));
  if (!found) throw appError("not-found", { what: "delivery", id: text });
  return found;
}

/** Attributes that were pasted: their address is `email`, or one that nobody has. */
const NOBODY = "somebody@example.com";

async function chooseSubjects(
  db: Db,
  { audience }: DeliveryWithManifest["delivery"],
  { recipient, attributes, worstCases }: PreviewInput,
  now: Instant,
): Promise<Subject[]> {
  const subjects: Subject[] = [];
  if (attributes) {
    const email = attributes["email"];
    subjects.push({ recipient: typeof email === "string" ? email : NOBODY, case: "attributes", attributes });
  }
  if (recipient !== undefined) {
    const address = parseAddress(recipient);
    const person = address.kind === "valid" ? await findPerson(db, audience, address.matchKey, now) : null;
    if (!person) throw appError("not-found", { what: "recipient of this delivery", id: recipient });
    subjects.push({ recipient: person.address, case: "recipient", attributes: person.attributes });
  }
  if (worstCases || subjects.length === 0) {
    for (const person of await findWorstCases(db, audience, now)) {
      subjects.push({ recipient: person.address, case: person.case, attributes: person.attributes });
    }
  }
  return subjects;
}
