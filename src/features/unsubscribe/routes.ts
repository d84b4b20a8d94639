/**
 * The public side of unsubscribing: GET shows a page and changes nothing, because mail programs and scanners follow every link;
 * POST acts, from the page's button or from the mail program's own (RFC 8058). Whoever has the link may act: no login, no cookie.
 * But an archive has the link too: what is known to come from one changes nothing.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

import type { Instant } from "../../core/time.ts";
import type { Token } from "../../core/tracking/token.ts";
import type { Db } from "../../platform/db.ts";
import type { Log } from "../../platform/log.ts";
import { answerErrorsAsPages, PUBLIC_HEADERS } from "../../platform/public-page.ts";
import type { Tracker } from "../tracking/index.ts";
import { showPage, type Shown } from "./pages.ts";
import { isToSeed } from "./store.ts";
import { findUnsubscription, undoUnsubscription, unsubscribe } from "./unsubscribe.ts";

export type UnsubscribeDeps = {
  readonly db: Db;
  readonly log: Log;
  readonly now: () => Instant;
  readonly tracker: Pick<Tracker, "readToken" | "recogniseArchive" | "recordReaction">;
};

/** Bytes; the form of the page and that of RFC 8058 have less than 200. */
const BODY_LIMIT = 8192;

type Form = { Params: { token: string }; Body: { oneClick: boolean } | undefined };

/** For the root scope: GET and POST /u/TOKEN, POST /u/TOKEN/all and /u/TOKEN/undo. */
export function registerUnsubscribeRoutes(app: FastifyInstance, deps: UnsubscribeDeps): void {
  void app.register(async (scope) => {
    answerErrorsAsPages(scope, deps.log);
    readAnyForm(scope);
    const hidden = { schema: { hide: true }, bodyLimit: BODY_LIMIT };
    scope.get<Form>("/u/:token", hidden, answer(deps, visit));
    scope.post<Form>("/u/:token", hidden, answer(deps, act));
    scope.post<Form>("/u/:token/all", hidden, answer(deps, actForAll));
    scope.post<Form>("/u/:token/undo", hidden, answer(deps, undo));
    // Too long for a token, or the address of an answer to a form: a page all the same.
    scope.get<Form>("/u/*", hidden, (request, reply) => showPage(deps.db, request, reply, 404, UNKNOWN));
  });
}

/** Whatever the type and however it was written: that somebody sent the form is all it says, besides which form it was. */
function readAnyForm(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser("*", { parseAs: "string", bodyLimit: BODY_LIMIT }, (_request, text, done) => {
    done(null, { oneClick: /List-Unsubscribe[^]{1,200}One-Click/i.test(String(text)) });
  });
}

type Visit = FastifyRequest<Form>;
type Outcome = Shown | { readonly kind: "one-click" };
type Work = (deps: UnsubscribeDeps, link: Token, request: Visit) => Promise<Outcome>;

/** What all three have in common: whether the link is one, and how its outcome is shown. */
function answer(deps: UnsubscribeDeps, work: Work) {
  return async (request: Visit, reply: FastifyReply) => {
    const link = await deps.tracker.readToken(request.params.token);
    const outcome = link?.kind !== "unsubscribe" ? UNKNOWN : await decide(deps, link, request, work);
    if (outcome.kind === "one-click") {
      return reply.headers(PUBLIC_HEADERS).type("text/plain; charset=utf-8").send("Unsubscribed.\n");
    }
    // A program that acts for its user must not take for done what was not done.
    const refused = request.method === "POST" && (outcome.kind === "inert" || outcome.kind === "archive");
    const status = outcome.kind === "unknown" ? 404 : refused ? 409 : 200;
    return showPage(deps.db, request, reply, status, outcome);
  };
}

const UNKNOWN = { kind: "unknown" } as const;
const INERT = { kind: "inert" } as const;
const ARCHIVE = { kind: "archive" } as const;

/** A look at an exact copy's link shows what the recipient would see: it changes nothing, and nobody is told. */
async function decide(deps: UnsubscribeDeps, link: Token, request: Visit, work: Work): Promise<Outcome> {
  if (link.mark === "preview" || (await isToSeed(deps.db, link))) return INERT;
  const acts = request.method === "POST";
  const archive = acts || link.mark === "copy" ? await deps.tracker.recogniseArchive(link, request) : [];
  if (archive.length === 0) return work(deps, link, request);
  const wish = { token: link, kind: "opt-out", request, reply: null, archive } as const;
  if (acts && work !== undo) await deps.tracker.recordReaction(wish);
  return ARCHIVE;
}

async function visit({ db }: UnsubscribeDeps, link: Token): Promise<Outcome> {
  const found = await findUnsubscription(db, link);
  if (found.kind === "missing") return UNKNOWN;
  const kind = ({ no: "ask", own: "done", other: "already" } as const)[found.unsubscribed];
  return { kind, address: found.address, language: found.language, service: found.service };
}

const act: Work = (deps, link, request) => stop(deps, link, request, false);
const actForAll: Work = (deps, link, request) => stop(deps, link, request, true);

async function stop(
  { db, now, tracker }: UnsubscribeDeps,
  link: Token,
  request: Visit,
  all: boolean,
): Promise<Outcome> {
  const oneClick = request.body?.oneClick === true;
  const result = await unsubscribe(db, link, oneClick ? "one-click" : "page", now(), all);
  if (result.kind === "missing") return UNKNOWN;
  if (result.first) await tracker.recordReaction({ token: link, kind: "opt-out", request, reply: null, archive: [] });
  const { address, language, service } = result;
  return oneClick ? { kind: "one-click" } : { kind: "done", address, language, service };
}

async function undo({ db, now }: UnsubscribeDeps, link: Token): Promise<Outcome> {
  const result = await undoUnsubscription(db, link, now());
  if (result.kind === "missing") return UNKNOWN;
  const { address, language, service } = result;
  return { kind: result.kind === "stands" ? "stands" : "back", address, language, service };
}
