/** What the routes of operators need from the web role. */
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import type { OidcClient } from "../../platform/oidc.ts";
import type { MasterKey } from "../../platform/seal.ts";

export type OperatorDeps = {
  readonly db: Db;
  readonly masterKey: MasterKey;
  readonly now: () => Instant;
  readonly publicUrl: string;
  readonly oidc: OidcClient;
};
