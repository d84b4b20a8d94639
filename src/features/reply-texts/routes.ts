/** The API of reply texts and of the rules by which they are judged. */
import type { FastifyInstance } from "fastify";

import type { RuleDeps } from "./operator-rules.ts";
import { registerOverviewRoutes } from "./overview-routes.ts";
import { registerRuleRoutes } from "./rule-routes.ts";
import { registerTextRoutes } from "./text-routes.ts";

export function registerReplyTextRoutes(app: FastifyInstance, deps: RuleDeps): void {
  registerOverviewRoutes(app, deps);
  registerTextRoutes(app, deps);
  registerRuleRoutes(app, deps);
}
