/** The SQL that reads what rows of the outbox name. What happened to proofs is nobody's business outside. */
import type { Instant } from "../../core/time.ts";
import type { OutboxFacts } from "../../platform/outbox.ts";
import type { Queryable, Tx } from "../../platform/db.ts";

export type OutboxRow = {
  [K in keyof OutboxFacts]: {
    readonly id: number;
    readonly at: Instant;
    readonly kind: K;
    readonly refs: OutboxFacts[K];
  };
}[keyof OutboxFacts];

/** The oldest that nobody else has at the moment. */
export function takeOutbox(tx: Tx, limit: number): Promise<OutboxRow[]> {
  return tx.query<OutboxRow>(
    "select id, at, kind, refs from webhook_outbox order by id limit $1 for update skip locked",
    [limit],
  );
}

export async function removeOutbox(tx: Tx, ids: readonly number[]): Promise<void> {
  await tx.query("delete from webhook_outbox where id = any($1)", [ids]);
}

/** There is more of it to tell. */
export async function continueOutbox(tx: Tx, id: number, refs: OutboxFacts["start"]): Promise<void> {
  await tx.query("update webhook_outbox set refs = $2 where id = $1", [id, JSON.stringify(refs)]);
}

export type MessageFacts = {
  part_id: number;
  seq: number;
  address: string;
  recipient_id: number | null;
  delivery_id: number;
  label: string;
};

const MESSAGE = "m.part_id, m.seq, m.address, m.recipient_id, p.delivery_id, d.label";
const OF_DELIVERY =
  "join delivery_parts p on p.id = m.part_id join deliveries d on d.id = p.delivery_id and d.kind <> 'proof'";

export type OutcomeFacts = MessageFacts & {
  attempt: number;
  at: Instant;
  kind: string;
  stage: string | null;
  code: number | null;
  enhanced: string | null;
  reply: string;
  mx: string | null;
  source_ip: string | null;
  type: string | null;
  reason: string | null;
};

/** By their keys; those that are gone are left out. */
export function loadOutcomes(
  tx: Queryable,
  keys: readonly (readonly [number, number, number])[],
): Promise<OutcomeFacts[]> {
  return tx.query<OutcomeFacts>(
    `select ${MESSAGE}, a.*
       from unnest($1::bigint[], $2::int[], $3::smallint[]) with ordinality as k(part_id, seq, attempt, n)
       cross join lateral (select part_id, seq, address, recipient_id from messages
         where part_id = k.part_id and seq = k.seq limit 1) m
       cross join lateral (select attempt, at, kind, stage, code, enhanced, reply, mx, source_ip, type, reason from message_attempts
         where part_id = k.part_id and seq = k.seq and attempt = k.attempt limit 1) a
       ${OF_DELIVERY} order by k.n`,
    [keys.map(([part]) => part), keys.map(([, seq]) => seq), keys.map(([, , attempt]) => attempt)],
  );
}

export type ReactionFacts = MessageFacts & {
  event_id: string;
  at: Instant;
  kind: "open" | "click";
  class: string;
  user_agent: string;
  link: { number: number; label: string; url: string } | null;
};

export function loadReactions(tx: Queryable, refs: OutboxFacts["reactions"]): Promise<ReactionFacts[]> {
  return tx.query<ReactionFacts>(
    `select ${MESSAGE}, e.event_id, e.at, e.kind, e.class, e.user_agent,
            (select jsonb_build_object('number', l->'number', 'label', l->'label', 'url', l->'url')
               from jsonb_array_elements(d.manifest->'links') l where e.link > 0 and (l->>'number')::int = e.link limit 1) as link
       from unnest($1::bigint[], $2::int[], $3::text[]) with ordinality as k(part_id, seq, event_id, n)
       cross join lateral (select part_id, seq, address, recipient_id from messages
         where part_id = k.part_id and seq = k.seq limit 1) m
       cross join lateral (select event_id, at, kind, class, user_agent, link from tracking_events
         where part_id = k.part_id and seq = k.seq and event_id = k.event_id limit 1) e
       ${OF_DELIVERY} order by k.n`,
    [refs.map(([part]) => part), refs.map(([, seq]) => seq), refs.map(([, , event]) => event)],
  );
}

export async function loadMessage(tx: Queryable, partId: number, seq: number): Promise<MessageFacts | null> {
  const [row] = await tx.query<MessageFacts>(
    `select ${MESSAGE} from messages m ${OF_DELIVERY} where m.part_id = $1 and m.seq = $2`,
    [partId, seq],
  );
  return row ?? null;
}

/** In order of their keys, those after `after`. */
export function loadQueued(
  tx: Queryable,
  deliveryId: number,
  after: readonly [number, number],
  limit: number,
): Promise<MessageFacts[]> {
  return tx.query<MessageFacts>(
    `select m.part_id, m.seq, m.address, m.recipient_id, d.id as delivery_id, d.label
       from deliveries d
       join delivery_parts p on p.delivery_id = d.id and p.id >= $2
       cross join lateral (select part_id, seq, address, recipient_id from messages
         where part_id = p.id and (p.id > $2 or seq > $3) and status <> 'cancelled' order by seq limit $4) m
      where d.id = $1 and d.kind <> 'proof'
      order by m.part_id, m.seq limit $4`,
    [deliveryId, ...after, limit],
  );
}

export type ExcludedFacts = {
  id: number;
  recipient_id: number | null;
  address: string;
  reason: string;
  label: string;
};

export function loadExcluded(
  tx: Queryable,
  deliveryId: number,
  after: number,
  limit: number,
): Promise<ExcludedFacts[]> {
  return tx.query<ExcludedFacts>(
    `select e.id, e.recipient_id, e.address, e.reason, d.label
       from exclusions e join deliveries d on d.id = e.delivery_id and d.kind <> 'proof'
      where e.delivery_id = $1 and e.id > $2 order by e.id limit $3`,
    [deliveryId, after, limit],
  );
}

/** Null: a proof. What is deleted has no label any more. */
export async function findDelivery(
  tx: Queryable,
  id: number,
): Promise<{ label: string | null; state: string | null } | null> {
  const [row] = await tx.query<{ label: string; state: string; kind: string }>(
    "select label, state, kind from deliveries where id = $1",
    [id],
  );
  if (row?.kind === "proof") return null;
  return { label: row?.label ?? null, state: row?.state ?? null };
}
