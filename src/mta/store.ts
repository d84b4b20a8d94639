/**
 * The SQL of leasing and loading; outcomes come back through commit-outcomes.ts. Every statement touches rows of one part (or small tables); a lease is taken by a
 * conditional update of one row, never by locking reads over hot tables (architecture §5).
 */
import type { FailureReason, FailureType } from "../core/bounce/verdict.ts";
import type { Priority } from "../core/delivery/priority.ts";
import type { Instant } from "../core/time.ts";
import { timestamp, type Db, type Queryable } from "../platform/db.ts";

export type Lease = {
  readonly partId: number;
  readonly deliveryId: number;
  readonly domain: string | null;
  readonly epoch: number;
  /** The owner before us never gave the part back: what it had on the wire is unknown. */
  readonly takenOver: boolean;
};

export type WaitingMessage = {
  readonly seq: number;
  readonly address: string;
  readonly vars: Record<string, unknown>;
  readonly status: "pending" | "taken-into-account";
  readonly attempts: number;
  readonly type: FailureType | null;
  readonly reason: FailureReason | null;
  readonly digest: Buffer | null;
  /** A relay has it and has not said its last word: it is never attempted again. */
  readonly relayed: boolean;
  readonly firstAttemptAt: Instant | null;
};

type Candidate = {
  id: number;
  delivery_id: number;
  domain: string | null;
  epoch: number;
  owner: string | null;
  due_at: Instant;
};

export type LeaseWish = {
  readonly limit: number;
  /** Parts of these recipient domains are left for later. */
  readonly avoidDomains: readonly string[];
  /** The source for this part is another sender's. */
  readonly isOthers: (partId: number) => boolean;
};

/** Looked at in one statement. */
const CANDIDATES_MAX = 2000;
/** With many senders most candidates may be the others', and those of a slow one stay at the head: so many are passed over. */
const PAGES_MAX = 50;

/** Leases due parts of one delivery until `expiresAt`. */
export async function leaseParts(
  db: Db,
  sender: string,
  deliveryId: number,
  { limit, avoidDomains, isOthers }: LeaseWish,
  now: Instant,
  expiresAt: Instant,
): Promise<Lease[]> {
  const leases: Lease[] = [];
  const living = new Map<string, boolean>();
  let after: Pick<Candidate, "id" | "due_at"> | null = null;
  for (let page = 0; page < PAGES_MAX && leases.length < limit; page++) {
    const size = page === 0 ? Math.min(CANDIDATES_MAX, limit * 64) : CANDIDATES_MAX;
    const candidates: Candidate[] = await loadCandidates(db, sender, deliveryId, avoidDomains, now, after, size);
    for (const part of candidates) {
      if (leases.length === limit) break;
      if (isOthers(part.id)) continue;
      // A clock that jumps makes leases look old whose owners are well.
      if (part.owner !== null && (await isAlive(db, part.owner, living))) continue;
      const lease = await leasePart(db, sender, part, now, expiresAt);
      if (lease) leases.push(lease);
    }
    if (candidates.length < size) break;
    after = candidates.at(-1) ?? null;
  }
  return leases;
}

function loadCandidates(
  db: Db,
  sender: string,
  deliveryId: number,
  avoidDomains: readonly string[],
  now: Instant,
  after: Pick<Candidate, "id" | "due_at"> | null,
  limit: number,
): Promise<Candidate[]> {
  // What is ours already is in our window, whatever the clock says of its lease.
  return db.query<Candidate>(
    `select id, delivery_id, domain, epoch, owner, due_at from delivery_parts
      where delivery_id = $1 and due_at <= $2 and owner is distinct from $5
        and (domain is null or domain <> all($4))
        and ($6::timestamptz is null or (due_at, id) > ($6, $7))
      order by due_at, id limit $3`,
    [
      deliveryId,
      timestamp(now),
      limit,
      avoidDomains,
      sender,
      after === null ? null : timestamp(after.due_at),
      after?.id ?? 0,
    ],
  );
}

async function leasePart(
  db: Db,
  sender: string,
  part: Candidate,
  now: Instant,
  expiresAt: Instant,
): Promise<Lease | null> {
  const won = await db.query(
    `update delivery_parts set owner = $3, epoch = epoch + 1, due_at = $4
      where id = $1 and epoch = $2 and due_at <= $5
        and exists (select 1 from deliveries where id = $6 and state = 'in-progress') returning id`,
    [part.id, part.epoch, sender, timestamp(expiresAt), timestamp(now), part.delivery_id],
  );
  if (won.length === 0) return null;
  const { id: partId, delivery_id: deliveryId, domain } = part;
  return { partId, deliveryId, domain, epoch: part.epoch + 1, takenOver: part.owner !== null };
}

/** A sender holds a lock of its name as long as it lives (slot.ts). */
async function isAlive(db: Db, owner: string, known: Map<string, boolean>): Promise<boolean> {
  const before = known.get(owner);
  if (before !== undefined) return before;
  const lock = await db.tryLock(`sender ${owner}`, () => {});
  await lock?.close();
  known.set(owner, lock === null);
  return lock === null;
}

/** The next messages of a part that may be attempted by `horizon`, in order of their number. */
export function loadMessages(
  db: Db,
  partId: number,
  afterSeq: number,
  limit: number,
  horizon: Instant,
): Promise<WaitingMessage[]> {
  return db.query<WaitingMessage>(
    `select seq, address, vars, status, attempts, type, reason, digest, relayed,
            case when attempts > 0 then (select at from message_attempts a
               where a.part_id = $1 and a.seq = messages.seq and a.attempt = 1) end as "firstAttemptAt"
       from messages
      where part_id = $1 and seq > $2 and status in ('pending', 'taken-into-account')
        and (next_attempt_at is null or next_attempt_at <= $4)
      order by seq limit $3`,
    [partId, afterSeq, limit, timestamp(horizon)],
  );
}

/** Keeps leases alive; answers with the parts that are still ours. */
export async function renewLeases(
  db: Db,
  sender: string,
  parts: readonly { partId: number; epoch: number }[],
  expiresAt: Instant,
): Promise<Set<number>> {
  const rows = await db.query<{ id: number }>(
    `update delivery_parts p set due_at = $4
       from unnest($2::bigint[], $3::int[]) as mine(id, epoch)
      where p.id = mine.id and p.epoch = mine.epoch and p.owner = $1 returning p.id`,
    [sender, parts.map((p) => p.partId), parts.map((p) => p.epoch), timestamp(expiresAt)],
  );
  return new Set(rows.map((row) => row.id));
}

/**
 * Gives a part back. It is due again when its next message is; messages that could go now were put off until `notBefore`
 * (a lane that is suspended). Never when every message is final.
 */
export async function releasePart(
  db: Queryable,
  sender: string,
  part: { partId: number; epoch: number },
  now: Instant,
  notBefore: Instant,
): Promise<void> {
  await db.query(
    `update delivery_parts p set owner = null,
            due_at = case when p.pending + p.retrying = 0 then null
              else (select min(case when m.next_attempt_at > $5 then m.next_attempt_at else greatest($4::timestamptz, $5) end)
                      from messages m where m.part_id = $1 and m.status in ('pending', 'taken-into-account')) end
      where p.id = $1 and p.epoch = $2 and p.owner = $3`,
    [part.partId, part.epoch, sender, timestamp(notBefore), timestamp(now)],
  );
}

/** Gives back every part that this sender still owns from before a crash, due at once. */
export async function releaseAll(db: Db, sender: string, now: Instant): Promise<void> {
  await db.query(
    `update delivery_parts set owner = null, epoch = epoch + 1,
            due_at = case when pending + retrying = 0 then null else $2::timestamptz end
      where owner = $1`,
    [sender, timestamp(now)],
  );
}

/** What a sender does for a delivery, as the operator sees it. */
export type SenderStatus = {
  readonly deliveryId: number;
  readonly onWire: number;
  readonly leasedParts: number;
  /** Why it holds messages back; null: it does not. */
  readonly waitingFor: string | null;
};

export async function saveSenderStatus(
  db: Db,
  sender: string,
  rows: readonly SenderStatus[],
  now: Instant,
): Promise<void> {
  await db.query(
    `with gone as (delete from sender_status where sender = $1 and delivery_id <> all($2::bigint[]))
     insert into sender_status (sender, delivery_id, on_wire, leased_parts, updated_at, waiting_for)
     select $1, d, w, p, $5, why from unnest($2::bigint[], $3::int[], $4::int[], $6::text[]) as t(d, w, p, why)
     on conflict (sender, delivery_id) do update
        set on_wire = excluded.on_wire, leased_parts = excluded.leased_parts, updated_at = excluded.updated_at,
            waiting_for = excluded.waiting_for`,
    [
      sender,
      rows.map((r) => r.deliveryId),
      rows.map((r) => r.onWire),
      rows.map((r) => r.leasedParts),
      timestamp(now),
      rows.map((r) => r.waitingFor),
    ],
  );
}

export type InDoubtPolicy = "retry" | "hold";

export async function loadPoliciesOfParts(db: Db, parts: readonly number[]): Promise<Map<number, InDoubtPolicy>> {
  const rows = await db.query<{ id: number; policy: InDoubtPolicy | null }>(
    `select p.id, d.settings->>'inDoubtPolicy' as policy
       from delivery_parts p join deliveries d on d.id = p.delivery_id where p.id = any($1)`,
    [parts],
  );
  return new Map(rows.map((row) => [row.id, row.policy ?? "retry"]));
}

export type ActiveDelivery = {
  readonly id: number;
  readonly state: string;
  readonly analysed_version: number;
  /** Messages an hour; null: no limit. */
  readonly speed: number | null;
  readonly priority: Priority;
  /** It carries single messages. */
  readonly single: boolean;
  /** May something of it be due? Of the many carriers only those are looked at that have something. */
  readonly due: boolean;
};

export function loadActiveDeliveries(db: Db, now: Instant): Promise<ActiveDelivery[]> {
  return db.query<ActiveDelivery>(
    `select id, state, analysed_version, (settings->>'speed')::int as speed,
            coalesce(settings->>'priority', 'normal') as priority, kind = 'single' as single,
            kind <> 'single' or exists (
              select 1 from delivery_parts p where p.delivery_id = deliveries.id and p.due_at <= $1) as due
       from deliveries where state in ('in-progress', 'pausing', 'stopping') order by id`,
    [timestamp(now)],
  );
}

/** Parts that were put off for a while are due at once: what held them up is over. */
export async function wakeParts(db: Db, deliveries: readonly number[], now: Instant, horizon: Instant): Promise<void> {
  await db.query(
    `update delivery_parts set due_at = $2
      where delivery_id = any($1) and owner is null and due_at > $2 and due_at <= $3`,
    [deliveries, timestamp(now), timestamp(horizon)],
  );
}
