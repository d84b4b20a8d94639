/**
 * Every change that comes in over HTTP gets its line in the audit log: written before the handler begins, completed before the
 * answer leaves, so that no change is without a line, also when the process dies in between (then it has no status). What was
 * before and after is what the API itself shows of the thing to whoever changes it; secrets it never shows. Features that write
 * their line in the transaction of the change say so (`audits: "itself"`).
 */
import { changesBetween, withoutSecrets } from "../../core/operators/changes.ts";
import { isAboutPeople, isAudited } from "../../core/operators/route-rights.ts";
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { type AuditEntry, completeAudit, recordAudit, withdrawAudit } from "./audit-store.ts";
import { routeOf } from "./guard-api.ts";

type Begun = {
  readonly id: number;
  readonly route: string;
  /** Where the thing itself is read; null: nowhere. */
  readonly place: string | null;
  readonly before: unknown;
};

declare module "fastify" {
  interface FastifyRequest {
    audit: Begun | null;
  }
  interface FastifyContextConfig {
    /** The handler writes to the audit log in the transaction of the change. */
    audits?: "itself";
  }
}

const METHOD_WORDS: Record<string, string> = {
  GET: "read",
  POST: "create",
  PUT: "update",
  PATCH: "update",
  DELETE: "remove",
};

/** After the hooks that identify the caller and answer repeated requests. */
export function auditChanges(app: FastifyInstance, db: Db, now: () => Instant): void {
  app.decorateRequest("audit", null);
  app.addHook("preHandler", async (request) => {
    const route = routeOf(request);
    if (!isAudited(route) || request.routeOptions.config.audits === "itself") return;
    const place = isAboutPeople(route) ? null : placeOf(app, request);
    const before = place === null ? undefined : await look(app, request, place);
    const id = await recordAudit(db, { ...entryOf(request, now()), detail: detailOf(request, route) });
    request.audit = { id, route, place, before };
  });
  app.addHook("onSend", async (request, reply, payload) => {
    const begun = request.audit;
    if (begun === null) return;
    request.audit = null;
    // A line that cannot be completed stays as one that has begun; the answer is the handler's all the same.
    await complete(app, db, begun, request, reply, payload).catch(() => {});
  });
}

async function complete(
  app: FastifyInstance,
  db: Db,
  { id, route, place, before }: Begun,
  request: FastifyRequest,
  { statusCode: status }: FastifyReply,
  payload: unknown,
): Promise<void> {
  if (status >= 400 && status < 500) return withdrawAudit(db, id);
  if (status >= 500) return completeAudit(db, id, { status, resourceId: null, changes: [] });
  const answer = readJson(payload);
  const isNew = request.method === "POST" && !route.includes("/actions/");
  const after = place !== null ? await look(app, request, place) : isNew && !isAboutPeople(route) ? answer : undefined;
  const made = isNew && typeof answer === "object" && answer !== null && "id" in answer ? String(answer.id) : null;
  await completeAudit(db, id, { status, resourceId: made, changes: changesBetween(before, after) });
}

/** What every line says of a request. `action` and `resource` are read from its route. */
export function entryOf(request: FastifyRequest, at: Instant): AuditEntry {
  const path = pathOf(request);
  const [things = "", verb] = path.split("/actions/");
  const names = things.split("/").filter((part) => part !== "" && !part.startsWith(":"));
  const ids = Object.entries(request.params as Record<string, string>).filter(([name]) => name !== "address");
  return {
    at,
    actor: request.operator,
    address: request.ip,
    requestId: request.id,
    action: verb ?? METHOD_WORDS[request.method] ?? request.method.toLowerCase(),
    resource: names.join("/"),
    resourceId: ids.length === 0 ? null : ids.map(([, value]) => value).join("/"),
    status: null,
    changes: [],
    detail: {},
  };
}

/** The request itself: of an action what was asked; of people only how many. */
function detailOf({ body, query, method }: FastifyRequest, route: string): Record<string, unknown> {
  if (isAboutPeople(route)) return Array.isArray(body) ? { items: body.length } : {};
  const asked =
    route.includes("/actions/") && body !== undefined && body !== null ? { request: withoutSecrets(body) } : {};
  const parameters = query as Record<string, unknown>;
  return method === "GET" || Object.keys(parameters).length === 0
    ? asked
    : { ...asked, query: withoutSecrets(parameters) };
}

const pathOf = (request: FastifyRequest) => (request.routeOptions.url ?? "").replace(/^\/api\/v1/, "");

/** Where GET shows the thing that the request changes, with its ids filled in. */
function placeOf(app: FastifyInstance, request: FastifyRequest): string | null {
  const [pattern = ""] = (request.routeOptions.url ?? "").split("/actions/");
  const [path = ""] = request.url.split("?");
  if (request.method === "POST" && !path.includes("/actions/")) return null;
  if (!app.hasRoute({ method: "GET", url: pattern })) return null;
  return path.split("/actions/")[0] ?? null;
}

async function look(app: FastifyInstance, request: FastifyRequest, url: string): Promise<unknown> {
  const { authorization, cookie } = request.headers;
  const answer = await app.inject({
    method: "GET",
    url,
    headers: { ...(authorization && { authorization }), ...(cookie && { cookie }) },
  });
  return answer.statusCode === 200 ? readJson(answer.body) : undefined;
}

function readJson(payload: unknown): unknown {
  if (typeof payload !== "string" && !Buffer.isBuffer(payload)) return undefined;
  try {
    return JSON.parse(String(payload)) as unknown;
  } catch {
    return undefined;
  }
}
