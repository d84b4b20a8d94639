/** API tokens: made once shown once, narrowed by scopes, ended by time or by hand. */
import { z } from "zod";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import { tokenInputSchema } from "../../contract/operators.ts";
import { tokenAnswerSchema } from "../../contract/responses-operators.ts";
import { pageOf, pageQuery, problems } from "../../contract/responses.ts";
import { changesBetween } from "../../core/operators/changes.ts";
import { formatInstant, type Instant } from "../../core/time.ts";
import { appError } from "../../platform/errors.ts";
import { toPage } from "../../platform/paging.ts";
import { entryOf } from "./audit-changes.ts";
import { recordAudit } from "./audit-store.ts";
import type { OperatorDeps } from "./deps.ts";
import type { Actor } from "./find-holder.ts";
import { hasRight, passOn } from "./rights.ts";
import { deleteToken, generateToken, insertToken, listTokens, type NewToken, tokenId } from "./tokens-store.ts";

const TAGS = ["operators"];

/** Whose tokens the caller sees and ends. Null: everybody's, also for tokens of nobody, which always did. */
const reach = (operator: Actor) => (hasRight(operator, "operators") ? null : operator.operatorId);

export function registerTokenRoutes(plain: FastifyInstance, deps: OperatorDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  const { db, now } = deps;

  app.route({
    method: "GET",
    url: "/tokens",
    schema: {
      tags: TAGS,
      summary: "API tokens, without their secrets: one's own, or everybody's with the right `operators`",
      querystring: z.object(pageQuery),
      response: { 200: pageOf(tokenAnswerSchema), ...problems(422) },
    },
    handler: async ({ query, operator }) => {
      const rows = await listTokens(db, reach(operator), { after: query.cursor ?? "", limit: query.limit + 1 });
      return toPage(rows, query.limit, (last) => last.id);
    },
  });

  app.route({
    method: "POST",
    url: "/tokens",
    config: { audits: "itself" },
    schema: {
      tags: TAGS,
      summary: "Make an API token",
      description:
        "The token is shown here and never again. Takes no Idempotency-Key, because answers are kept and secrets are not. Made in an operator's session it belongs to them, and may never do more than they may at that moment. `scopes` narrows it to these rights; `rights` names the reserved ones that it has beside the ordinary. More than its maker has nobody can give.",
      body: tokenInputSchema,
      response: { 201: tokenAnswerSchema.extend({ token: z.string() }), ...problems(403, 422) },
    },
    handler: async (request, reply) => reply.code(201).send(await makeToken(deps, request, request.body)),
  });

  app.route({
    method: "DELETE",
    url: "/tokens/:id",
    config: { audits: "itself" },
    schema: {
      tags: TAGS,
      summary: "Revoke an API token and the sessions that use it",
      params: z.object({ id: z.string() }),
      response: { 204: z.undefined().describe("Revoked"), ...problems(404) },
    },
    handler: async (request, reply) => {
      const { id } = request.params;
      const owner = reach(request.operator);
      await db.transaction(async (tx) => {
        const [before] = await listTokens(tx, owner, { after: "", id, limit: 1 });
        if (!(await deleteToken(tx, id, owner))) throw appError("not-found", { what: "token", id });
        await recordAudit(tx, { ...entryOf(request, now()), status: 204, changes: changesBetween(before, undefined) });
      });
      return reply.code(204).send();
    },
  });
}

type Wanted = z.output<typeof tokenInputSchema>;

async function makeToken({ db, now }: OperatorDeps, request: FastifyRequest, wanted: Wanted) {
  const { operator } = request;
  const token = generateToken();
  const id = tokenId(token);
  const at = now();
  const expiresAt = readExpiry(wanted.expiresAt, at);
  const fields: NewToken = {
    ...passOn(operator, wanted),
    label: wanted.label,
    operatorId: operator.operatorId,
    expiresAt,
  };
  return db.transaction(async (tx) => {
    await insertToken(tx, token, fields, at);
    const [made] = await listTokens(tx, null, { after: "", id, limit: 1 });
    if (made === undefined) throw new Error("the token that was made is not there");
    const changes = changesBetween(undefined, made);
    await recordAudit(tx, { ...entryOf(request, at), resourceId: id, status: 201, changes });
    return { ...made, token };
  });
}

function readExpiry(text: string | null | undefined, now: Instant): Instant | null {
  if (text === undefined || text === null) return null;
  const at = Date.parse(text);
  if (at > now) return at;
  const message = `It is over already; now it is ${formatInstant(now)}`;
  throw appError("invalid-input", { detail: `/expiresAt: ${message}` }, [
    { pointer: "/expiresAt", code: "past", message },
  ]);
}
