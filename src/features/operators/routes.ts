/** The API of operators: sessions, second factor, tokens, operators, groups, audit log. */
import type { FastifyInstance } from "fastify";

import { registerAuditRoutes } from "./audit-routes.ts";
import type { OperatorDeps } from "./deps.ts";
import { registerGroupRoutes } from "./group-routes.ts";
import { registerOidcRoutes } from "./oidc-routes.ts";
import { registerOidcSettings } from "./oidc-settings-routes.ts";
import { registerOperatorsRoutes } from "./operator-routes.ts";
import { registerSecondFactorRoutes } from "./second-factor-routes.ts";
import { registerSessionRoutes } from "./session-routes.ts";
import { registerTokenRoutes } from "./token-routes.ts";

export function registerOperatorRoutes(app: FastifyInstance, deps: OperatorDeps): void {
  registerSessionRoutes(app, deps);
  registerOidcRoutes(app, deps);
  registerOidcSettings(app, deps);
  registerSecondFactorRoutes(app, deps);
  registerTokenRoutes(app, deps);
  registerOperatorsRoutes(app, deps);
  registerGroupRoutes(app, deps);
  registerAuditRoutes(app, deps);
}
