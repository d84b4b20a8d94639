/** GET /r/TOKEN: a link of a message, to where it leads. GET /o/TOKEN: the picture that says that a message was opened. */
import { domainToASCII } from "node:url";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

import { toLocation } from "../../core/tracking/location.ts";
import type { Token } from "../../core/tracking/token.ts";
import { appError, errorText } from "../../platform/errors.ts";
import {
  answerErrorsAsPages,
  chooseLanguage,
  html,
  PUBLIC_HEADERS,
  sendPublicPage,
} from "../../platform/public-page.ts";
import type { TrackedDelivery } from "./link-table.ts";
import { archiveByToken } from "./recognise-archive.ts";
import { WORDS, type NoTarget } from "./texts.ts";
import type { LinkTracker } from "./tracker.ts";

/** One transparent pixel: GIF, 43 bytes. */
const PIXEL = Buffer.from("R0lGODlhAQABAIAAAAAAAAAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==", "base64");
const PIXEL_HEADERS = {
  ...PUBLIC_HEADERS,
  "content-type": "image/gif",
  // Webmail shows it on pages of its own.
  "cross-origin-resource-policy": "cross-origin",
};

type Request = FastifyRequest<{ Params: { token: string } }>;

/** For the root scope: these paths need no login. */
export function registerTrackingRoutes(app: FastifyInstance, tracker: LinkTracker): void {
  void app.register(async (scope) => {
    answerErrorsAsPages(scope, tracker.log);
    // The headers that these answers need they set themselves; those of the API's pages would be a tenth of the work.
    const hidden = { schema: { hide: true }, helmet: false } as const;
    scope.get("/r/:token", hidden, (request: Request, reply) => follow(tracker, request, reply));
    scope.get("/o/:token", hidden, (request: Request, reply) => sendPixel(tracker, request, reply));
    // Too long for a token, or with more behind it.
    for (const path of ["/r/*", "/o/*"]) scope.get(path, hidden, () => Promise.reject(altered()));
  });
}

async function follow(tracker: LinkTracker, request: Request, reply: FastifyReply): Promise<FastifyReply> {
  const token = await readToken(tracker, request, "click");
  const delivery = await findDelivery(tracker, token);
  if (delivery === null) return explain(request, reply, 404, "unknown");
  if (delivery.expiresAt !== null && tracker.now() >= delivery.expiresAt) {
    return delivery.afterwards === null
      ? explain(request, reply, 410, "expired")
      : redirect(reply, delivery.afterwards);
  }
  const location = token.url === null ? delivery.locations.get(token.link) : toLocation(token.url, domainToASCII);
  if (location === undefined || location === null) return explain(request, reply, 404, "unknown");
  if (token.mark !== "preview") {
    const { deliveryId, partId, seq, link } = token;
    const archive = archiveByToken(token.mark);
    const honeypot = link === delivery.honeypot;
    await tracker.record(
      { kind: delivery.kinds.get(link) ?? "click", deliveryId, partId, seq, link, honeypot, posted: false, archive },
      visitOf(token, request, reply),
    );
  }
  return redirect(reply, location);
}

/** What is known without the database: a personalised link carries its URL and works as long as its delivery is not known. */
const UNKNOWN: TrackedDelivery = {
  locations: new Map(),
  kinds: new Map(),
  pages: { mirror: 0, "opt-out": 0 },
  honeypot: null,
  expiresAt: null,
  afterwards: null,
};

async function findDelivery({ links, log }: LinkTracker, token: Token): Promise<TrackedDelivery | null> {
  try {
    return await links.find(token.deliveryId);
  } catch (error) {
    if (token.url === null) throw error;
    log.warn({ delivery: token.deliveryId, error: errorText(error) }, "redirected without knowing the delivery");
    return UNKNOWN;
  }
}

async function sendPixel(tracker: LinkTracker, request: Request, reply: FastifyReply): Promise<FastifyReply> {
  const token = await readToken(tracker, request, "open");
  if (token.mark !== "preview") {
    const { deliveryId, partId, seq } = token;
    const facts = { kind: "open", deliveryId, partId, seq, link: 0, honeypot: false, posted: false } as const;
    await tracker.record({ ...facts, archive: archiveByToken(token.mark) }, visitOf(token, request, reply));
  }
  return reply.headers(PIXEL_HEADERS).send(PIXEL);
}

/** Who reads copies is no person to be told apart from others: they get no cookie. */
function visitOf({ mark }: Token, request: Request, reply: FastifyReply) {
  return { request, reply: mark === "copy" ? null : reply };
}

/** Throws `malformed-request` (400) for what is no token of this kind. */
async function readToken(tracker: LinkTracker, request: Request, kind: Token["kind"]): Promise<Token> {
  const token = await tracker.readToken(request.params.token);
  if (token?.kind === kind) return token;
  throw altered();
}

function altered() {
  return appError("malformed-request", { detail: "the link was cut or altered" });
}

/** 302: browsers ask again each time, and each time is counted. */
function redirect(reply: FastifyReply, location: string): FastifyReply {
  return reply.code(302).headers(PUBLIC_HEADERS).header("location", location).send();
}

function explain(request: FastifyRequest, reply: FastifyReply, status: number, reason: NoTarget): FastifyReply {
  const language = chooseLanguage(request.headers["accept-language"]);
  const [title, text] = WORDS[language][reason];
  return sendPublicPage(reply, status, { language, title, organisation: "", logoUrl: "", body: html`<p>${text}</p>` });
}
