/** GET /m/TOKEN: the mail of one recipient as a web page, for whoever has the link. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import type { Log } from "../../platform/log.ts";
import {
  answerErrorsAsPages,
  chooseLanguage,
  html,
  PUBLIC_HEADERS,
  sendPublicPage,
} from "../../platform/public-page.ts";
import { loadSettings } from "../settings/index.ts";
import type { Tracker } from "../tracking/index.ts";
import { openMirror, type RenderMirror } from "./open-mirror.ts";
import { mailPolicy } from "./policy.ts";
import { WORDS, type Reason } from "./texts.ts";

export type MirrorDeps = {
  readonly db: Db;
  readonly log: Log;
  readonly now: () => Instant;
  readonly renderMessage: RenderMirror;
  readonly tracker: Pick<Tracker, "readToken" | "recordReaction">;
};

type Token = { Params: { token: string } };

/** For the root scope. */
export function registerMirrorRoutes(app: FastifyInstance, deps: MirrorDeps): void {
  void app.register(async (scope) => {
    answerErrorsAsPages(scope, deps.log);
    const hidden = { schema: { hide: true } };
    scope.get<Token>("/m/:token", hidden, (request, reply) => show(deps, request, reply));
    // Too long for a token, or with more behind it: a page all the same.
    scope.get("/m/*", hidden, (request, reply) => explain(deps.db, request, reply, 404, "unknown"));
  });
}

async function show(deps: MirrorDeps, request: FastifyRequest<Token>, reply: FastifyReply): Promise<FastifyReply> {
  const { db, log, now, tracker } = deps;
  const link = await tracker.readToken(request.params.token);
  if (link?.kind !== "mirror") return explain(db, request, reply, 404, "unknown");
  if (link.mark === "preview") return explain(db, request, reply, 200, "inert");
  const opened = await openMirror(deps, link, "recipient", now(), link.mark);
  switch (opened.kind) {
    case "page":
      // No reply: nothing of the visitor is remembered in their browser.
      await tracker.recordReaction({ token: link, kind: "mirror", request, reply: null });
      return reply
        .headers({ ...PUBLIC_HEADERS, "content-security-policy": mailPolicy("'none'") })
        .type("text/html; charset=utf-8")
        .send(opened.html);
    case "expired":
      return explain(db, request, reply, 410, "expired", opened.language);
    case "no-html":
      return explain(db, request, reply, 404, "no-html", opened.language);
    case "missing":
    case "none":
      return explain(db, request, reply, 404, "unknown");
    case "error":
      log.error(
        { requestId: request.id, partId: link.partId, seq: link.seq, error: opened.message },
        "mirror page not made",
      );
      return explain(db, request, reply, 500, "unreadable");
  }
}

async function explain(
  db: Db,
  request: FastifyRequest,
  reply: FastifyReply,
  status: number,
  reason: Reason,
  recipientLanguage?: unknown,
): Promise<FastifyReply> {
  const { organisation, logoUrl, language: usual } = await loadSettings(db);
  const language = chooseLanguage(request.headers["accept-language"], recipientLanguage, usual);
  const [title, text] = WORDS[language][reason];
  return sendPublicPage(reply, status, { language, title, organisation, logoUrl, body: html`<p>${text}</p>` });
}
