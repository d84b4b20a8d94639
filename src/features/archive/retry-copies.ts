/** Operators say "now": what is owed is tried at once, and what was given up by name is owed again. */
import { parseKey } from "../../core/delivery/status.ts";
import type { Instant } from "../../core/time.ts";
import { recordArchiveEvent } from "../../platform/archive-events.ts";
import type { Db, Tx } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { PROGRESS_CHANNEL } from "../../platform/events.ts";
import { closeGivenUp } from "./alerts.ts";
import { listRetryParts, reopenCopies, type RetryScope, tryNow } from "./retry-store.ts";

export type RetryRequest = {
  /** Keys of messages. Their copies and those of the delivery are also tried again when they were given up. */
  readonly keys?: readonly string[] | undefined;
  readonly delivery?: number | undefined;
  readonly archive?: number | undefined;
};

/** Copies that are tried at once, and how many of them had been given up. */
export type Retried = { readonly retried: number; readonly reopened: number };

/** Parts in one transaction: keeps it below a second. */
const PARTS_AT_ONCE = 50;

export async function retryCopies(db: Db, request: RetryRequest, actor: string, now: Instant): Promise<Retried> {
  const scope = readScope(request);
  const sum = { retried: 0, reopened: 0 };
  for (let after = 0; ; ) {
    const parts = await listRetryParts(db, scope, after, PARTS_AT_ONCE);
    const last = parts.at(-1);
    if (last === undefined) break;
    const done = await db.transaction((tx) => retryParts(tx, parts, scope, now));
    sum.retried += done.retried;
    sum.reopened += done.reopened;
    after = last;
  }
  const { delivery, archive, keys } = request;
  await recordArchiveEvent(db, {
    archive: archive ?? null,
    kind: "retried",
    actor,
    at: now,
    detail: { ...sum, ...(delivery === undefined ? {} : { delivery }), ...(keys ? { keys: keys.slice(0, 100) } : {}) },
  });
  return sum;
}

async function retryParts(tx: Tx, parts: readonly number[], scope: RetryScope, now: Instant): Promise<Retried> {
  const locked = await tx.query<{ part_id: number; delivery_id: number }>(
    "select part_id, delivery_id from archive_parts where part_id = any($1) order by part_id for update",
    [parts],
  );
  const ids = locked.map((row) => row.part_id);
  const reopened = scope.reopens ? await reopenCopies(tx, ids, scope, now) : 0;
  const retried = await tryNow(tx, ids, scope, now);
  const deliveries = [...new Set(locked.map((row) => row.delivery_id))];
  if (reopened > 0) await closeGivenUp(tx, deliveries, now);
  for (const id of deliveries) await tx.query("select pg_notify($1, $2)", [PROGRESS_CHANNEL, String(id)]);
  return { retried, reopened };
}

function readScope({ keys, delivery, archive }: RetryRequest): RetryScope {
  const messages = keys?.map((text, i) => {
    const key = parseKey(text);
    if (key !== null) return key;
    const message = `"${text}" is not the key of a message`;
    throw appError("invalid-input", { detail: message }, [{ pointer: `/keys/${i}`, code: "invalid-key", message }]);
  });
  const reopens = messages !== undefined || delivery !== undefined;
  return { messages: messages ?? null, delivery: delivery ?? null, archive: archive ?? null, reopens };
}
