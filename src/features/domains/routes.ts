/** The API of sending domains: keys, the records they need, what DNS says. Private keys come in here and never go out. */
import { z } from "zod";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import { createKeySchema, type CreateKey, type DnsCheck } from "../../contract/index.ts";
import { dkimKeySchema, domainSchema } from "../../contract/responses-domains.ts";
import { pageOf, pageQuery, problems } from "../../contract/responses.ts";
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { readId, toPage } from "../../platform/paging.ts";
import { presentKey, readDomainName } from "./key-record.ts";
import { loadDomain, listDomains } from "./list-domains.ts";
import { generateKey, type GenerateSigningKey, type KeyDeps, retireKey, saveSigningKey } from "./save-signing-key.ts";

export type DomainDeps = KeyDeps & {
  readonly db: Db;
  readonly now: () => Instant;
  readonly generateKey: GenerateSigningKey;
  /** Compares DNS with what should be there; `domain` in lower case ASCII. */
  readonly checkDns: (domain: string) => Promise<DnsCheck[]>;
};

const TAGS = ["domains"];
const nameParams = z.object({ name: z.string() });

export function registerDomainRoutes(app: FastifyInstance, deps: DomainDeps): void {
  registerReading(app, deps);
  registerKeys(app, deps);
}

function registerReading(plain: FastifyInstance, { db, checkDns }: DomainDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "GET",
    url: "/domains",
    schema: {
      tags: TAGS,
      summary: "Domains with keys, by name; their checks are left out",
      querystring: z.object(pageQuery),
      response: { 200: pageOf(domainSchema), ...problems(422) },
    },
    handler: async ({ query }) => {
      const domains = await listDomains(db, query.cursor ?? "", query.limit + 1);
      const { data, nextCursor } = toPage(domains, query.limit, (last) => last.name);
      return { data: data.map((domain) => ({ ...domain, checks: [] })), nextCursor };
    },
  });

  app.route({
    method: "GET",
    url: "/domains/:name",
    schema: {
      tags: TAGS,
      summary: "One domain: its keys, and DNS compared with what should be there",
      description: "Asks DNS, which may take some seconds. A domain without keys has checks too.",
      params: nameParams,
      response: { 200: domainSchema, ...problems(422) },
    },
    handler: async ({ params }) => {
      const name = readDomainName(params.name, "URL name");
      const [domain, checks] = await Promise.all([loadDomain(db, name), checkDns(name)]);
      return { ...domain, checks };
    },
  });
}

function registerKeys(plain: FastifyInstance, deps: DomainDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  const { db, now } = deps;

  app.route({
    method: "POST",
    url: "/domains/:name/keys",
    config: { idempotent: "body" },
    schema: {
      tags: TAGS,
      summary: "Make a DKIM key, or bring one along; the answer has the DNS record to publish",
      description:
        "A key that is brought along replaces the active one of its selector; the same key again changes nothing.",
      params: nameParams,
      body: createKeySchema,
      response: { 201: dkimKeySchema, ...problems(409, 422) },
    },
    handler: async (request, reply) => {
      const domain = readDomainName(request.params.name, "URL name");
      const key = presentKey(await addKey(deps, domain, request.body));
      return reply.code(201).header("location", `/api/v1/domains/${domain}`).send(key);
    },
  });

  app.route({
    method: "POST",
    url: "/domains/:name/keys/:id/actions/retire",
    config: { idempotent: "body" },
    schema: {
      tags: TAGS,
      summary: "Sign no further deliveries with this key",
      description:
        "Deliveries that were confirmed with it still sign with it: leave its DNS record until they are over.",
      params: z.object({ name: z.string(), id: z.string() }),
      response: { 200: dkimKeySchema, ...problems(404, 409, 422) },
    },
    handler: async ({ params }) => {
      const domain = readDomainName(params.name, "URL name");
      return presentKey(await retireKey(db, domain, readId(params.id, `key of ${domain}`), now()));
    },
  });
}

function addKey(deps: DomainDeps, domain: string, { privateKey, ...key }: CreateKey) {
  const { db, now } = deps;
  if (privateKey !== undefined) {
    const { selector = "", canonicalization } = key;
    return saveSigningKey(db, deps, { domain, selector, canonicalization, privateKey }, now());
  }
  const algorithm = key.algorithm ?? "rsa-sha256";
  return generateKey(db, { ...deps, generate: deps.generateKey }, { ...key, domain, algorithm }, now());
}
