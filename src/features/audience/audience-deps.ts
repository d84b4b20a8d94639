/** What the routes of the audience work with. */
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import type { Log } from "../../platform/log.ts";

export type AudienceDeps = {
  readonly db: Db;
  readonly now: () => Instant;
  readonly log: Log;
  /** Where uploads wait for their import; nothing else may be in it. */
  readonly uploadDir: string;
};
