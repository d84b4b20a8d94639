/** Who may use the API and for what: operators, tokens, sessions, the audit log, and what a repeated request gets. */
export { auditChanges } from "./audit-changes.ts";
export { ensureAdminToken } from "./ensure-admin-token.ts";
export { findActor } from "./find-holder.ts";
export { findUnknown, listAddresses } from "./groups-store.ts";
export { guardApi } from "./guard-api.ts";
export { forgetSignIns } from "./forget-sign-ins.ts";
export { claimIdempotencyKey, rememberAnswers } from "./idempotency.ts";
export { listOperatorLines, provisionOperator, type Provisioned, resetOperator } from "./provision.ts";
export { hasRight, requireRight } from "./rights.ts";
export { registerOperatorRoutes } from "./routes.ts";
