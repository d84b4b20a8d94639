/** The API of the audience: recipients, lists, attributes, imports. */
import type { FastifyInstance } from "fastify";

import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import type { Log } from "../../platform/log.ts";
import { registerAttributes } from "./attribute-routes.ts";
import { registerImports } from "./import-routes.ts";
import { registerLists } from "./list-routes.ts";
import { registerRecipients } from "./recipient-routes.ts";

export type AudienceDeps = {
  readonly db: Db;
  readonly now: () => Instant;
  readonly log: Log;
  /** Where uploads wait for their import; nothing else may be in it. */
  readonly uploadDir: string;
};

export function registerAudienceRoutes(app: FastifyInstance, deps: AudienceDeps): void {
  registerRecipients(app, deps);
  registerLists(app, deps);
  registerAttributes(app, deps);
  registerImports(app, deps);
}
