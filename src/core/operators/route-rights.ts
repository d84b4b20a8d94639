/**
 * The one table of routes and rights. `public`: nobody is asked who they are; `anyone`: whoever is signed in. A route that is
 * not here opens to holders of all rights only, and a test fails until it is here. Paths as the OpenAPI description writes them,
 * without /api/v1.
 */
import { holds, type Right, type Rights } from "./rights.ts";

export type Requirement = Right | "public" | "anyone";

const BY_RIGHT: Partial<Record<Requirement, readonly string[]>> = {
  public: ["DELETE /session", "POST /session", "POST /session/password"],
  anyone: [
    "GET /roles",
    "GET /session",
    "POST /session/password/change",
    "POST /session/second-factor",
    "PUT /session/second-factor",
    "DELETE /session/second-factor",
    "GET /sessions",
    "DELETE /sessions/{id}",
  ],
  "reports.read": [
    "GET /deliveries",
    "GET /deliveries/{id}",
    "GET /deliveries/{id}/audit",
    "GET /deliveries/{id}/checklist",
    "GET /deliveries/{id}/constraint",
    "GET /deliveries/{id}/destinations",
    "GET /deliveries/{id}/events",
    "GET /deliveries/{id}/indicators",
    "GET /deliveries/{id}/links",
    "GET /deliveries/{id}/plan",
    "GET /deliveries/{id}/proofs",
    "GET /settings",
  ],
  "content.read": [
    "GET /blocks",
    "GET /blocks/{name}",
    "GET /files",
    "GET /files/{id}",
    "GET /files/{id}/content",
    "GET /templates",
    "GET /templates/{id}",
    "POST /deliveries/{id}/preview",
  ],
  "people.read": [
    "GET /allowlist",
    "GET /attributes",
    "GET /attributes/{name}",
    "GET /attributes/coverage",
    "GET /deliveries/{id}/exclusions",
    "GET /deliveries/{id}/messages",
    "GET /imports",
    "GET /imports/{id}",
    "GET /imports/{id}/errors",
    "GET /imports/{id}/errors.csv",
    "GET /inbound-mails",
    "GET /inbound-mails/{id}",
    "GET /inbound-mails/{id}/raw",
    "GET /lists",
    "GET /lists/{id}",
    "GET /messages/{key}",
    "GET /messages/{key}/attempts",
    "GET /messages/{key}/constraint",
    "GET /messages/{key}/mirror",
    "GET /messages/{key}/source",
    "GET /quarantine",
    "GET /quarantine/{address}",
    "GET /quarantine/held",
    "GET /recipients",
    "GET /recipients/{id}",
    "GET /sandbox/messages",
    "GET /sandbox/messages/{id}",
    "GET /segments",
    "GET /segments/{id}",
    "GET /unsubscriptions",
    "POST /segments/preview",
  ],
  "platform.read": [
    "GET /archive",
    "GET /archive/audit",
    "GET /archive/copies",
    "GET /archives",
    "GET /archives/{id}",
    "GET /archives/{id}/audit",
    "GET /bounce-rules",
    "GET /bounce-rules/{id}",
    "GET /bounce-rules/shipped",
    "GET /domains",
    "GET /domains/{name}",
    "GET /lanes",
    "GET /lanes/{id}",
    "GET /mailboxes",
    "GET /mailboxes/{id}",
    "GET /mx-rules",
    "GET /mx-rules/{id}",
    "GET /mx-rules/resolve",
    "GET /pools",
    "GET /pools/{id}",
    "GET /providers",
    "GET /reply-texts",
    "GET /reply-texts/{id}",
    "GET /reply-texts/{id}/rule",
    "GET /reply-texts/counts",
    "GET /requalifications",
    "GET /requalifications/{id}",
    "GET /retention",
    "GET /retention/runs/{id}",
    "GET /shaping-events",
    "GET /sources",
    "GET /sources/{id}",
    "GET /warm-up",
    "POST /bounce-rules/try",
  ],
  "content.write": [
    "DELETE /blocks/{name}",
    "DELETE /files/{id}",
    "DELETE /templates/{id}",
    "POST /deliveries/{id}/actions/save-as-template",
    "POST /files",
    "POST /templates",
    "POST /templates/{id}/actions/duplicate",
    "PUT /blocks/{name}",
    "PUT /templates/{id}",
  ],
  "deliveries.write": [
    "DELETE /deliveries/{id}",
    "GET /operators/names",
    "PATCH /deliveries/{id}",
    "POST /deliveries",
    "POST /deliveries/{id}/actions/analyse",
    "POST /deliveries/{id}/actions/duplicate",
    "POST /deliveries/{id}/actions/pause",
    "POST /deliveries/{id}/actions/proof",
    "POST /deliveries/{id}/plan",
  ],
  "deliveries.start": [
    "POST /deliveries/{id}/actions/cancel-confirm",
    "POST /deliveries/{id}/actions/confirm",
    "POST /deliveries/{id}/actions/pace",
    "POST /deliveries/{id}/actions/resume",
    "POST /deliveries/{id}/actions/retry-failed",
    "POST /deliveries/{id}/actions/schedule",
    "POST /deliveries/{id}/actions/stop",
    "POST /deliveries/{id}/actions/unschedule",
  ],
  "people.write": [
    "DELETE /attributes/{name}",
    "DELETE /lists/{id}",
    "DELETE /segments/{id}",
    "PATCH /lists/{id}",
    "PATCH /recipients/{id}",
    "POST /attributes",
    "POST /attributes/actions/check",
    "POST /imports",
    "POST /imports/{id}/actions/undo",
    "POST /lists",
    "POST /lists/{id}/members",
    "POST /recipients",
    "POST /recipients/actions/upsert",
    "POST /segments",
    "PUT /attributes/{name}",
    "PUT /segments/{id}",
  ],
  "people.export": ["GET /allowlist/export", "GET /quarantine/export", "GET /recipients/export"],
  "people.erase": ["POST /recipients/{id}/actions/erase"],
  "quarantine.write": [
    "DELETE /allowlist/{address}",
    "POST /allowlist",
    "POST /allowlist/import",
    "POST /quarantine",
    "POST /quarantine/{address}/actions/release",
    "POST /quarantine/actions/release",
    "POST /quarantine/held/{provider}/actions/confirm",
    "POST /quarantine/held/{provider}/actions/drop",
    "POST /quarantine/import",
  ],
  "rules.write": [
    "DELETE /bounce-rules/{id}",
    "PATCH /bounce-rules/{id}",
    "PATCH /reply-texts/{id}",
    "POST /bounce-rules",
    "POST /bounce-rules/actions/order",
    "POST /reply-texts/{id}/actions/requalify",
    "POST /reply-texts/{id}/rule",
    "POST /reply-texts/actions/requalify",
    "POST /requalifications/{id}/actions/undo",
  ],
  "lanes.steer": [
    "POST /lanes/{id}/actions/pin",
    "POST /lanes/{id}/actions/release",
    "POST /lanes/{id}/actions/suspend",
    "POST /lanes/{id}/actions/unpin",
    "POST /shaping-events/{id}/actions/undo",
    "POST /warm-up/{source}/{provider}/actions/finish",
    "POST /warm-up/{source}/{provider}/actions/hold",
    "POST /warm-up/{source}/{provider}/actions/release",
    "POST /warm-up/{source}/{provider}/actions/restart",
    "POST /warm-up/{source}/{provider}/actions/set-day",
  ],
  "inbound.write": ["POST /inbound"],
  "platform.write": [
    "DELETE /mailboxes/{id}",
    "DELETE /mx-rules/{id}",
    "DELETE /pools/{id}",
    "DELETE /sources/{id}",
    "PATCH /mx-rules/{id}",
    "POST /archive/actions/retry",
    "POST /archive/alerts/{id}/actions/resolve",
    "POST /archives/{id}/actions/test",
    "POST /domains/{name}/keys",
    "POST /domains/{name}/keys/{id}/actions/retire",
    "POST /mailboxes",
    "POST /mailboxes/{id}/actions/poll",
    "POST /mailboxes/{id}/actions/test",
    "POST /mx-rules",
    "POST /mx-rules/actions/order",
    "POST /pools",
    "POST /retention/actions/run",
    "POST /sources",
    "PUT /mailboxes/{id}",
    "PUT /pools/{id}",
    "PUT /settings",
    "PUT /sources/{id}",
  ],
  archive: ["DELETE /archives/{id}", "POST /archives", "PUT /archives/{id}"],
  tokens: ["DELETE /tokens/{id}", "GET /tokens", "POST /tokens"],
  operators: [
    "DELETE /operator-groups/{id}",
    "DELETE /operators/{id}",
    "GET /operator-groups",
    "GET /operator-groups/{id}",
    "GET /operators",
    "GET /operators/{id}",
    "POST /operator-groups",
    "POST /operators",
    "POST /operators/{id}/actions/invite",
    "POST /operators/{id}/actions/reset-second-factor",
    "POST /operators/{id}/actions/unlock",
    "PUT /operator-groups/{id}",
    "PUT /operators/{id}",
  ],
  "audit.read": ["GET /audit"],
};

const BY_ROUTE: ReadonlyMap<string, Requirement> = new Map(
  Object.entries(BY_RIGHT).flatMap(([right, routes]) => routes.map((route) => [route, right as Requirement] as const)),
);

/** All routes of the table, for the test that walks them. */
export const GUARDED_ROUTES: readonly string[] = [...BY_ROUTE.keys()];

/** They change nothing that lasts, or are traffic with a log of its own: not in the audit log. */
const NOT_AUDITED = new Set([
  "POST /attributes/actions/check",
  "POST /bounce-rules/try",
  "POST /deliveries/{id}/plan",
  "POST /deliveries/{id}/preview",
  "POST /inbound",
  "POST /segments/preview",
]);

/** `GET /deliveries/{id}`; null: nobody has said. */
export function requirementOf(route: string): Requirement | null {
  return BY_ROUTE.get(route) ?? null;
}

export function isAudited(route: string): boolean {
  const requirement = requirementOf(route);
  if (requirement === "people.export") return true;
  return !route.startsWith("GET ") && !NOT_AUDITED.has(route) && requirement !== "public";
}

/** Segments, attributes and lists are about many, and are themselves shown. */
const ABOUT_PEOPLE = /^[A-Z]+ \/(?:recipients|imports|quarantine|allowlist|messages|lists\/\{id\}\/members)(?:\/|$)/;

/** The audit log then names nobody: who is erased must not live on in it. */
export function isAboutPeople(route: string): boolean {
  return ABOUT_PEOPLE.test(route);
}

export function mayUse(rights: Rights, requirement: Requirement | null): boolean {
  if (requirement === null) return rights === null;
  return requirement === "public" || requirement === "anyone" || holds(rights, requirement);
}
