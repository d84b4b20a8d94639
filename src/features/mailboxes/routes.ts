/** The API of mailboxes that are polled. Secrets come in here and never go out. */
import { z } from "zod";
import type { FastifyInstance, FastifyReply } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import { mailboxSchema } from "../../contract/mailboxes.ts";
import { mailboxAnswerSchema, mailboxTestSchema } from "../../contract/responses-mailboxes.ts";
import { idParams, pageOf, pageQuery, problems } from "../../contract/responses.ts";
import { appError } from "../../platform/errors.ts";
import { readIfMatch } from "../../platform/if-match.ts";
import { readId, readNumberCursor, toPage } from "../../platform/paging.ts";
import type { LoginDeps } from "./log-in.ts";
import { presentMailbox } from "./present.ts";
import { createMailbox, removeMailbox, replaceMailbox } from "./save-mailbox.ts";
import { askForLook, findMailbox, listMailboxes, type MailboxRow } from "./store.ts";
import { testMailbox } from "./test-mailbox.ts";

const TAGS = ["inbound"];
const conditions = z.looseObject({ "if-match": z.string().optional() });

export function registerMailboxRoutes(app: FastifyInstance, deps: LoginDeps): void {
  registerReading(app, deps);
  registerEditing(app, deps);
  registerRemoving(app, deps);
  registerActions(app, deps);
}

const withTag = (reply: FastifyReply, { version }: MailboxRow) => reply.header("etag", `"${version}"`);

function registerReading(plain: FastifyInstance, { db, now }: LoginDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "GET",
    url: "/mailboxes",
    schema: {
      tags: TAGS,
      summary: "Mailboxes whose mail is fetched, oldest first, with what the last look found",
      querystring: z.object(pageQuery),
      response: { 200: pageOf(mailboxAnswerSchema), ...problems(422) },
    },
    handler: async ({ query }) => {
      const rows = await listMailboxes(db, readNumberCursor(query.cursor) ?? 0, query.limit + 1);
      const shown = rows.map((row) => presentMailbox(row, now()));
      return toPage(shown, query.limit, (last) => last.id);
    },
  });

  app.route({
    method: "GET",
    url: "/mailboxes/:id",
    schema: {
      tags: TAGS,
      summary: "One mailbox",
      params: idParams,
      response: { 200: mailboxAnswerSchema, ...problems(404) },
    },
    handler: async ({ params }, reply) => {
      const row = await findMailbox(db, readId(params.id, "mailbox"));
      if (row === null) throw appError("not-found", { what: "mailbox", id: params.id });
      return withTag(reply, row).send(presentMailbox(row, now()));
    },
  });
}

function registerEditing(plain: FastifyInstance, deps: LoginDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "POST",
    url: "/mailboxes",
    config: { idempotent: "body" },
    schema: {
      tags: TAGS,
      summary: "Have the mail of a mailbox fetched",
      description:
        "By POP3 or IMAP, every few minutes, beginning at once. Passwords and tokens are kept sealed and never shown again.",
      body: mailboxSchema,
      response: { 201: mailboxAnswerSchema, ...problems(409, 422) },
    },
    handler: async ({ body }, reply) => {
      const row = await createMailbox(deps, body);
      return withTag(reply, row)
        .code(201)
        .header("location", `/api/v1/mailboxes/${row.id}`)
        .send(presentMailbox(row, deps.now()));
    },
  });

  app.route({
    method: "PUT",
    url: "/mailboxes/:id",
    schema: {
      tags: TAGS,
      summary: "Replace what is set of a mailbox",
      description:
        "If-Match: the version that was read. Secrets left out stay, unless the server, the user, the kind of TLS or of login changes for which they were given. It is looked into at once.",
      params: idParams,
      headers: conditions,
      body: mailboxSchema,
      response: { 200: mailboxAnswerSchema, ...problems(404, 412, 422) },
    },
    handler: async ({ params, body, headers }, reply) => {
      const row = await replaceMailbox(deps, readId(params.id, "mailbox"), body, readIfMatch(headers["if-match"]));
      return withTag(reply, row).send(presentMailbox(row, deps.now()));
    },
  });
}

function registerRemoving(plain: FastifyInstance, deps: LoginDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "DELETE",
    url: "/mailboxes/:id",
    schema: {
      tags: TAGS,
      summary: "Fetch the mail of a mailbox no more",
      description: "What lies on the server stays there, and what was fetched stays here.",
      params: idParams,
      headers: conditions,
      response: { 204: z.undefined().describe("Removed"), ...problems(404, 412) },
    },
    handler: async ({ params, headers }, reply) => {
      await removeMailbox(deps, readId(params.id, "mailbox"), readIfMatch(headers["if-match"]));
      return reply.code(204).send();
    },
  });
}

function registerActions(plain: FastifyInstance, deps: LoginDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "POST",
    url: "/mailboxes/:id/actions/test",
    schema: {
      tags: TAGS,
      summary: "Log in and count the mails",
      description: "Nothing is fetched, marked or deleted. May take as long as the server does, a minute at most.",
      params: idParams,
      response: { 200: mailboxTestSchema, ...problems(404) },
    },
    handler: ({ params }) => testMailbox(deps, readId(params.id, "mailbox")),
  });

  app.route({
    method: "POST",
    url: "/mailboxes/:id/actions/poll",
    schema: {
      tags: TAGS,
      summary: "Fetch the mail now",
      description: "The worker does; `state` tells when it looked and what it found.",
      params: idParams,
      response: { 202: mailboxAnswerSchema, ...problems(404, 409) },
    },
    handler: async ({ params }, reply) => {
      const id = readId(params.id, "mailbox");
      const row = await askForLook(deps.db, id, deps.now());
      if (row === null) throw appError("not-found", { what: "mailbox", id });
      if (!row.enabled) throw appError("mailbox-disabled", { name: row.name });
      return withTag(reply, row).code(202).send(presentMailbox(row, deps.now()));
    },
  });
}
