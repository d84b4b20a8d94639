/** The SQL of plans: how many messages wait where, by site and never by message; what is known of lanes; plans and what became of them. */
import type { Settings } from "../../contract/index.ts";
import type { Plan } from "../../contract/shaping.ts";
import type { DeliveryState } from "../../core/delivery/status.ts";
import type { SourceKey } from "../../core/shaping/restriction.ts";
import { DAY, type Duration, type Instant } from "../../core/time.ts";
import { timestamp, type Db, type Queryable } from "../../platform/db.ts";
import { senderAddressOf } from "../settings/index.ts";
import { settingsWithPool } from "../sources/index.ts";

/** What a lane was allowed longer ago says nothing about today. */
const LANE_FOR: Duration = DAY;
/** Parts whose attempts are looked at, spread over the latest ones. */
const SAMPLED_PARTS = 60;
const LATEST_PARTS = 3000;

export type PlannedDeliveryRow = {
  id: number;
  state: DeliveryState;
  settings: Partial<Settings>;
  sender_address: string;
  started_at: Instant | null;
  /** By a schedule, or by somebody who can still call it back. */
  start_at: Instant | null;
  valid_until: Instant | null;
};

export async function findPlanned(db: Queryable, id: number): Promise<PlannedDeliveryRow | null> {
  const [row] = await db.query<PlannedDeliveryRow>(
    `select id, state, ${settingsWithPool("deliveries")} as settings, ${senderAddressOf("deliveries")} as sender_address, started_at, start_at, valid_until
       from deliveries where id = $1`,
    [id],
  );
  return row ?? null;
}

/** Of waves that have not begun; `starts_at` null: so long after a start that is not known yet. */
export function listWaves(
  db: Queryable,
  deliveryId: number,
): Promise<{ starts_at: Instant | null; after_ms: Duration; messages: number }[]> {
  return db.query(
    `select starts_at, after_ms, to_deliver as messages from delivery_waves
      where delivery_id = $1 and begun_at is null and to_deliver > 0 order by number`,
    [deliveryId],
  );
}

/** Where messages go, as far as it is known; `site` null: nobody was there yet. */
export type SiteCount = { site: string | null; mx: string[] | null; domains: number; messages: number };

const LEFT = "sum(c.to_deliver) - sum(c.sent) - sum(c.failed)";

/** What is left of the delivery, by site; domains in `except` go elsewhere. */
export function countBySite(db: Queryable, deliveryId: number, except: readonly string[]): Promise<SiteCount[]> {
  return db.query<SiteCount>(
    `select s.site, min(s.mx) as mx, count(*) as domains, sum(c.messages)::bigint as messages
       from (select c.domain, ${LEFT} as messages from destination_counters c
              where c.delivery_id = $1 and c.domain <> all($2) group by c.domain) c
       left join domain_sites s on s.domain = c.domain
      where c.messages > 0 group by s.site`,
    [deliveryId, except],
  );
}

/** Domains that nobody was at yet, those with most messages first. */
export function listUnknownDomains(
  db: Queryable,
  deliveryId: number,
  except: readonly string[],
  limit: number,
): Promise<{ domain: string; messages: number }[]> {
  return db.query(
    `select c.domain, (${LEFT})::bigint as messages from destination_counters c
      where c.delivery_id = $1 and c.domain <> all($2)
        and not exists (select 1 from domain_sites s where s.domain = c.domain)
      group by c.domain having ${LEFT} > 0 order by 2 desc, 1 limit $3`,
    [deliveryId, except, limit],
  );
}

export function countDomains(
  db: Queryable,
  deliveryId: number,
  domains: readonly string[],
): Promise<{ domain: string; messages: number }[]> {
  return db.query(
    `select c.domain, (${LEFT})::bigint as messages from destination_counters c
      where c.delivery_id = $1 and c.domain = any($2) group by c.domain having ${LEFT} > 0`,
    [deliveryId, domains],
  );
}

export type Backlog = SiteCount & { delivery: number; priority: Settings["priority"] | null };

/** What other deliveries have waiting, by site. */
export function countBacklog(db: Queryable, deliveryId: number): Promise<Backlog[]> {
  return db.query<Backlog>(
    `select d.id as delivery, d.settings->>'priority' as priority, s.site, min(s.mx) as mx, count(distinct c.domain) filter (where s.site is null) as domains, (${LEFT})::bigint as messages
       from deliveries d
       join destination_counters c on c.delivery_id = d.id
       left join domain_sites s on s.domain = c.domain
      where d.state = 'in-progress' and d.id <> $1
      group by d.id, s.site having ${LEFT} > 0 order by d.id`,
    [deliveryId],
  );
}

export type LaneNow = {
  source: SourceKey;
  site: string;
  /** Of all senders that share the lane. */
  connections: number;
  messages_per_hour: number | null;
  suspended_until: Instant | null;
  why: string;
};

export function loadLanesNow(db: Queryable, sources: readonly SourceKey[], now: Instant): Promise<LaneNow[]> {
  return db.query<LaneNow>(
    `select source, site, sum((figures->>'allowedConnections')::float8) as connections,
            sum((figures->>'messagesPerHour')::float8) as messages_per_hour,
            max((figures->>'suspendedUntil')::timestamptz) as suspended_until, min(figures->>'why') as why
       from lanes where source = any($1) and updated_at > $2 group by source, site`,
    [sources, timestamp(now - LANE_FOR)],
  );
}

export type Accepted = { mx: string; firsts: number; deferred: number; accepted: number; seconds: number | null };

/** How servers answered lately, by MX host: a sample of the latest parts. */
export function sampleAttempts(db: Queryable): Promise<Accepted[]> {
  return db.query<Accepted>(
    `with latest as (
       select id, row_number() over (order by id desc) as n
         from (select id from delivery_parts where sent + failed + retrying > 0 order by id desc limit ${LATEST_PARTS}) p),
     sample as (
       select id from latest where n % greatest(1, (select count(*) from latest) / ${SAMPLED_PARTS}) = 0)
     select a.mx, count(*) filter (where a.attempt = 1) as firsts,
            count(*) filter (where a.attempt = 1 and a.code between 400 and 499) as deferred,
            count(*) filter (where a.kind = 'accepted') as accepted,
            (avg(a.duration_ms) filter (where a.kind = 'accepted') / 1000)::float8 as seconds
       from sample s join message_attempts a on a.part_id = s.id
      where a.mx is not null group by a.mx`,
  );
}

export async function savePlan(db: Queryable, plan: Omit<Plan, "actual">): Promise<void> {
  await db.query(
    `insert into delivery_plans (delivery_id, at, plan) values ($1, $2, $3)
     on conflict (delivery_id) do update set at = excluded.at, plan = excluded.plan, actual = null`,
    [plan.deliveryId, plan.at, JSON.stringify(plan)],
  );
}

export async function findPlan(db: Queryable, deliveryId: number): Promise<Plan | null> {
  const [row] = await db.query<{ plan: Omit<Plan, "actual">; actual: Plan["actual"] }>(
    "select plan, actual from delivery_plans where delivery_id = $1",
    [deliveryId],
  );
  return row ? { ...row.plan, actual: row.actual } : null;
}

/** Deliveries that are over, and nobody has said yet what became of their plans. */
export async function listPlansToClose(db: Db): Promise<number[]> {
  const rows = await db.query<{ id: number }>(
    `select d.id from delivery_plans p join deliveries d on d.id = p.delivery_id
      where p.actual is null and d.state in ('finished', 'stopped') order by d.id`,
  );
  return rows.map(({ id }) => id);
}

/** Acceptances of a delivery by MX host; what expired or was refused is none. */
export function sumAccepted(
  db: Db,
  deliveryId: number,
): Promise<{ mx: string | null; messages: number; first: Instant; last: Instant }[]> {
  return db.query(
    `select a.mx, count(*) as messages, min(a.at) as first, max(a.at) as last
       from delivery_parts p join message_attempts a on a.part_id = p.id
      where p.delivery_id = $1 and a.kind in ('accepted', 'tested') group by a.mx`,
    [deliveryId],
  );
}

export async function saveActual(db: Db, deliveryId: number, actual: object): Promise<void> {
  await db.query("update delivery_plans set actual = $2 where delivery_id = $1", [deliveryId, JSON.stringify(actual)]);
}

/** Plans of deliveries that are deleted. */
export async function forgetPlans(db: Db): Promise<void> {
  await db.query(
    "delete from delivery_plans p where not exists (select 1 from deliveries d where d.id = p.delivery_id)",
  );
}
