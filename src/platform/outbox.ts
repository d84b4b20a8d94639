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

/** Whether any webhook hears of a type; $1: what `heard` gives. For statements that are made anyway. */
export const WANTED = "exists (select 1 from webhooks where enabled and events && $1)";

export function heard(types: Iterable<EventType>): string[] {
  return [...new Set(types), ALL_EVENTS];
}

export async function putOutbox<K extends keyof OutboxFacts>(
  tx: Queryable,
  kind: K,
  types: readonly EventType[],
  facts: () => OutboxFacts[K],
  at: Instant,
): Promise<void> {
  if (types.length === 0) return;
  const [row] = await tx.query<{ wanted: boolean }>(`select ${WANTED} as wanted`, [heard(types)]);
  if (row?.wanted) await insertOutbox(tx, kind, facts(), at);
}

async function insertOutbox<K extends keyof OutboxFacts>(
  tx: Queryable,
  kind: K,
  facts: OutboxFacts[K],
  at: Instant,
): Promise<void> {
  await tx.query(
    `with put as (insert into webhook_outbox (at, kind, refs) values ($1, $2, $3) returning 1)
     select pg_notify($4, '') from put`,
    [timestamp(at), kind, JSON.stringify(facts), WEBHOOK_CHANNEL],
  );
}

export type ToldOutcome = {
  readonly partId: number;
  readonly seq: number;
  readonly attempt: number;
  /** Null: nobody is told. */
  readonly type: EventType | null;
};

export const typesOf = (outcomes: readonly ToldOutcome[]): EventType[] => outcomes.flatMap(({ type }) => type ?? []);

/** One row for all of them. */
export async function putOutcomes(tx: Queryable, outcomes: readonly ToldOutcome[], at: Instant): Promise<void> {
  await putOutbox(tx, "outcomes", [...new Set(typesOf(outcomes))], () => refsOf(outcomes), at);
}

/** Of outcomes of which it is known that somebody wants to hear. */
export async function insertOutcomes(tx: Queryable, outcomes: readonly ToldOutcome[], at: Instant): Promise<void> {
  await insertOutbox(tx, "outcomes", refsOf(outcomes), at);
}

function refsOf(outcomes: readonly ToldOutcome[]): OutcomeRefs {
  const byType: OutcomeRefs = {};
  for (const { partId, seq, attempt, type } of outcomes)
    if (type !== null) (byType[type] ??= []).push([partId, seq, attempt]);
  return byType;
}
