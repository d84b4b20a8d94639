/** Who may use the API: tokens, sessions of the pages, and what a repeated request gets. */
export { ensureAdminToken } from "./ensure-admin-token.ts";
export { guardApi } from "./guard-api.ts";
export { claimIdempotencyKey, rememberAnswers } from "./idempotency.ts";
export { hasRight, requireRight } from "./rights.ts";
export { registerOperatorRoutes } from "./routes.ts";
