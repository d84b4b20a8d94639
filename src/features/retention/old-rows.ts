/** Which rows are old, for tables whose feature has no word of its own on it. `$1`: the instant before which they go. */
import type { RetentionStepName } from "../../contract/retention.ts";
import type { Kept } from "./periods.ts";
import type { OldRows } from "./store.ts";

const ENDED = "select d.id from deliveries d where d.finished_at < $1";

export const OLD_ROWS: Partial<Record<RetentionStepName, readonly (OldRows & { readonly kept: Kept })[]>> = {
  exclusions: [
    { table: "exclusions", where: `t.delivery_id in (${ENDED})`, kept: "exclusions" },
    { table: "suppressed_exclusions", where: `t.delivery_id in (${ENDED})`, kept: "exclusions" },
  ],
  "delivery-events": [
    { table: "delivery_events", where: `t.at < $1 and t.delivery_id in (${ENDED})`, kept: "deliveryEvents" },
  ],
  "import-rejects": [
    {
      table: "import_errors",
      where: "t.import_id in (select i.id from imports i where i.finished_at < $1)",
      kept: "importRejects",
    },
  ],
  "quarantine-history": [
    {
      table: "quarantine_history",
      where: `t.at < $1 and (not exists (select from quarantine q where q.match_key = t.match_key)
                or exists (select from quarantine_history n where n.match_key = t.match_key and n.at > t.at))`,
      kept: "quarantineHistory",
    },
  ],
  "audit-log": [
    { table: "audit_log", where: "t.at < $1", kept: "auditLog" },
    { table: "archive_events", where: "t.at < $1", kept: "auditLog" },
  ],
  "sign-in": [
    { table: "api_tokens", where: "t.expires_at < $1", kept: "expiredTokens" },
    { table: "idempotency_keys", where: "t.created_at < $1", kept: "idempotencyKeys" },
  ],
  webhooks: [
    {
      table: "webhook_messages",
      where: `t.at < $1 and (t.state <> 'pending' or not exists (select from webhooks w where w.id = t.webhook_id and w.enabled))`,
      kept: "webhooks",
    },
    { table: "webhook_outbox", where: "t.at < $1", kept: "webhooks" },
  ],
  alerts: [
    { table: "alerts", where: "t.resolved_at < $1", kept: "alerts" },
    { table: "notices", where: "t.due_at is null and t.at < $1", kept: "alerts" },
  ],
  reports: [{ table: "retention_runs", where: "t.started_at < $1 and t.finished_at is not null", kept: "reports" }],
};
