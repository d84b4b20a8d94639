/**
 * What webhooks are to be told, written in the transaction of the fact itself: either both are there or neither. One row for a batch of
 * facts, whatever their number, and none where no webhook wants any of them; the worker makes events of it later.
 */
import { ALL_EVENTS, type EventType } from "../core/webhook/event-types.ts";
import type { Instant } from "../core/time.ts";
import { timestamp, type Queryable } from "./db.ts";

/** NOTIFY channel: something happened that a webhook wants to hear of, or a webhook was changed. */
export const WEBHOOK_CHANNEL = "envoi_webhooks";

/** `[part, number, attempt]` of messages, by what happened to them. */
export type OutcomeRefs = Partial<Record<EventType, [number, number, number][]>>;

/** What a row names, by kind. */
export type OutboxFacts = {
  outcomes: OutcomeRefs;
  /** `[part, number, event id, is the first of its kind for the message]` */
  reactions: [number, number, string, boolean][];
  complaint: { partId: number; seq: number };
  subscription: { partId: number; seq: number; via: string | null };
  addresses: {
    type: EventType;
    address: string;
    reason: string;
    cause: string;
    provider: string | null;
    actor: string;
  }[];
  /** A delivery that began. `after`: how far its people have been told of; null: from the beginning. */
  start: { deliveryId: number; excludedAfter: number | null; queuedAfter: [number, number] | null };
  delivery: { deliveryId: number; kind: string; actor: string; detail: Readonly<Record<string, unknown>> };
  /** Complete as it is. */
  plain: { type: EventType; data: Readonly<Record<string, unknown>> }[];
};

export async function putOutbox<K extends keyof OutboxFacts>(
  tx: Queryable,
  kind: K,
  types: readonly EventType[],
  facts: () => OutboxFacts[K],
  at: Instant,
): Promise<void> {
  if (types.length === 0) return;
  const wanted = await tx.query("select 1 from webhooks where enabled and events && $1 limit 1", [
    [...types, ALL_EVENTS],
  ]);
  if (wanted.length === 0) return;
  await tx.query(
    `with put as (insert into webhook_outbox (at, kind, refs) values ($1, $2, $3) returning 1)
     select pg_notify($4, '') from put`,
    [timestamp(at), kind, JSON.stringify(facts()), WEBHOOK_CHANNEL],
  );
}

type Outcome = {
  readonly partId: number;
  readonly seq: number;
  readonly attempt: number;
  /** Null: nobody is told. */
  readonly type: EventType | null;
};

/** One row for all of them. */
export async function putOutcomes(tx: Queryable, outcomes: readonly Outcome[], at: Instant): Promise<void> {
  const types = new Set(outcomes.flatMap(({ type }) => type ?? []));
  const refs = () => {
    const byType: OutcomeRefs = {};
    for (const { partId, seq, attempt, type } of outcomes)
      if (type !== null) (byType[type] ??= []).push([partId, seq, attempt]);
    return byType;
  };
  await putOutbox(tx, "outcomes", [...types], refs, at);
}
