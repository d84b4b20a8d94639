/** What people change about archives and copies: the audit that `GET /archives/{id}/audit` shows. Secrets never get here. */
import type { Instant } from "../core/time.ts";
import { timestamp, type Queryable } from "./db.ts";

/** The one list of kinds; the screens have words for each. */
export type ArchiveEventKind = "created" | "changed" | "removed" | "tested" | "retried" | "alert-resolved" | "erased";

export type FieldChange = { readonly field: string; readonly from: unknown; readonly to: unknown };

type NewEvent = {
  /** Null: the settings of the platform, or all archives. */
  readonly archive: number | null;
  readonly kind: ArchiveEventKind;
  /** Label of the token that acted, `cli`, or the part of the system that did. */
  readonly actor: string;
  readonly at: Instant;
  readonly detail?: { readonly changes?: readonly FieldChange[]; readonly [fact: string]: unknown };
};

/** Belongs into the transaction of the change itself: either both are there or neither. */
export async function recordArchiveEvent(tx: Queryable, event: NewEvent): Promise<void> {
  await tx.query("insert into archive_events (archive, at, kind, actor, detail) values ($1, $2, $3, $4, $5)", [
    event.archive,
    timestamp(event.at),
    event.kind,
    event.actor,
    JSON.stringify(event.detail ?? {}),
  ]);
}

/** Fields of two versions that differ, deep ones as `target.address`; null is a field that is not there. */
export function fieldChanges(from: object, to: object, prefix = ""): FieldChange[] {
  const old = from as Record<string, unknown>;
  const now = to as Record<string, unknown>;
  return [...new Set([...Object.keys(old), ...Object.keys(now)])].flatMap((name) => {
    const field = prefix + name;
    const [before, after] = [old[name] ?? null, now[name] ?? null];
    if (isPlainObject(before) && isPlainObject(after)) return fieldChanges(before, after, `${field}.`);
    return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ field, from: before, to: after }];
  });
}

function isPlainObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
