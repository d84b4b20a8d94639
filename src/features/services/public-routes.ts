/**
 * What strangers see of services: the page on which anybody may subscribe, and the page of the link in the confirmation mail. GET changes
 * nothing, because mail programs and scanners follow every link. Whether an address is known is told to nobody.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

import { parseAddress } from "../../core/address/parse-address.ts";
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import type { Log } from "../../platform/log.ts";
import { answerErrorsAsPages, chooseLanguage } from "../../platform/public-page.ts";
import { loadSettings } from "../settings/index.ts";
import { type Confirmation, confirm, findConfirmation } from "./confirm.ts";
import { showPage, type Shown } from "./pages.ts";
import { findPublicService, type ServiceRow } from "./store.ts";
import { subscribe } from "./subscribe.ts";

export type PublicServiceDeps = {
  readonly db: Db;
  readonly log: Log;
  readonly now: () => Instant;
  readonly publicUrl: string;
};

/** Bytes; the form has an address and little more. */
const BODY_LIMIT = 8192;
/** A field that people do not see: programs that fill in every form fill it in. */
const TRAP = "website";

type Visit = FastifyRequest<{ Params: { key: string }; Body: URLSearchParams | undefined }>;

/** For the root scope: GET and POST /s/KEY and /s/confirm/TOKEN. */
export function registerPublicServices(app: FastifyInstance, deps: PublicServiceDeps): void {
  void app.register(async (scope) => {
    answerErrorsAsPages(scope, deps.log);
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", { parseAs: "string", bodyLimit: BODY_LIMIT }, (_request, text, done) => {
      done(null, new URLSearchParams(String(text)));
    });
    const hidden = { schema: { hide: true }, bodyLimit: BODY_LIMIT };
    // Each may make a mail to somebody: as tight as signing in.
    const tight = { ...hidden, config: { limit: "sign-in" } } as const;
    scope.get("/s/:key", hidden, (request: Visit, reply) => showForm(deps, request, reply));
    scope.post("/s/:key", tight, (request: Visit, reply) => takeForm(deps, request, reply));
    const look = (request: Visit) => findConfirmation(deps.db, request.params.key, deps.now());
    const act = (request: Visit) => confirm(deps.db, request.params.key, deps.now());
    scope.get("/s/confirm/:key", hidden, (request: Visit, reply) => showConfirmation(deps, request, reply, look));
    scope.post("/s/confirm/:key", hidden, (request: Visit, reply) => showConfirmation(deps, request, reply, act));
  });
}

async function show(deps: PublicServiceDeps, request: Visit, reply: FastifyReply, status: number, shown: Shown) {
  return showPage(await loadSettings(deps.db), request, reply, status, shown);
}

async function showForm(deps: PublicServiceDeps, request: Visit, reply: FastifyReply): Promise<FastifyReply> {
  const service = await findPublicService(deps.db, request.params.key);
  if (service === null) return show(deps, request, reply, 404, { kind: "unknown" });
  return show(deps, request, reply, 200, formOf(service));
}

const formOf = ({ name, description }: ServiceRow, typed = ""): Shown => ({
  kind: "form",
  service: name,
  description,
  typed,
});

async function takeForm(deps: PublicServiceDeps, request: Visit, reply: FastifyReply): Promise<FastifyReply> {
  const service = await findPublicService(deps.db, request.params.key);
  if (service === null) return show(deps, request, reply, 404, { kind: "unknown" });
  const typed = (request.body?.get("email") ?? "").trim().slice(0, 500);
  if (parseAddress(typed).kind !== "valid") return show(deps, request, reply, 422, formOf(service, typed));
  if (!request.body?.get(TRAP)) await subscribeTyped(deps, service, typed, request);
  return show(deps, request, reply, 200, { kind: service.double_opt_in ? "asked" : "taken", service: service.name });
}

async function subscribeTyped(deps: PublicServiceDeps, service: ServiceRow, typed: string, request: Visit) {
  const settings = await loadSettings(deps.db);
  const language = chooseLanguage(request.headers["accept-language"], settings.language);
  const wish = { people: [{ address: typed, attributes: {} }], confirmed: false, note: "", quiet: false };
  await subscribe(deps, service.id, wish, { origin: "page", actor: "", language }, deps.now());
}

async function showConfirmation(
  deps: PublicServiceDeps,
  request: Visit,
  reply: FastifyReply,
  work: (request: Visit) => Promise<Confirmation>,
): Promise<FastifyReply> {
  const found = await work(request);
  const status = found.kind === "unknown" ? 404 : found.kind === "used" ? 409 : 200;
  return show(deps, request, reply, status, found);
}
