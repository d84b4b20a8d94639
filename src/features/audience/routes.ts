/** The API of the audience: recipients, lists, attributes, imports. */
import type { FastifyInstance } from "fastify";

import { registerAttributes } from "./attribute-routes.ts";
import type { AudienceDeps } from "./audience-deps.ts";
import { registerImports } from "./import-routes.ts";
import { registerLists } from "./list-routes.ts";
import { registerRecipients } from "./recipient-routes.ts";

export function registerAudienceRoutes(app: FastifyInstance, deps: AudienceDeps): void {
  registerRecipients(app, deps);
  registerLists(app, deps);
  registerAttributes(app, deps);
  registerImports(app, deps);
}
