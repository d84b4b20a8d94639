/** The API of operators: sessions, second factor, tokens, operators, groups, audit log. */
import type { FastifyInstance } from "fastify";

import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import type { MasterKey } from "../../platform/seal.ts";
import { registerAuditRoutes } from "./audit-routes.ts";
import { registerGroupRoutes } from "./group-routes.ts";
import { registerOperatorsRoutes } from "./operator-routes.ts";
import { registerSecondFactorRoutes } from "./second-factor-routes.ts";
import { registerSessionRoutes } from "./session-routes.ts";
import { registerTokenRoutes } from "./token-routes.ts";

export type OperatorDeps = {
  readonly db: Db;
  readonly masterKey: MasterKey;
  readonly now: () => Instant;
  readonly publicUrl: string;
};

export function registerOperatorRoutes(app: FastifyInstance, deps: OperatorDeps): void {
  registerSessionRoutes(app, deps);
  registerSecondFactorRoutes(app, deps);
  registerTokenRoutes(app, deps);
  registerOperatorsRoutes(app, deps);
  registerGroupRoutes(app, deps);
  registerAuditRoutes(app, deps);
}
