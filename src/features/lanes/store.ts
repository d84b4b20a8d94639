/**
 * The SQL of lanes: what senders tell of them and restore, and how they are read. A lane of the source `default` has one row for each sender
 * that shares it; read, they are one lane.
 */
import type { LaneFigures } from "../../contract/shaping.ts";
import type { Constraint, SourceKey } from "../../core/shaping/restriction.ts";
import { DAY, type Duration, type Instant, MINUTE } from "../../core/time.ts";
import { timestamp, type Queryable } from "../../platform/db.ts";
import { storableJson, storableText } from "./storable.ts";

/** What a lane learned is worth this long. */
const STATE_FOR: Duration = 7 * DAY;
/** A sender that has said nothing for this long is gone, and its lanes with it. */
const SENDER_SILENT: Duration = MINUTE;

export type LaneKey = { readonly source: SourceKey; readonly site: string };

export type LaneRow = LaneKey & {
  readonly provider: string;
  readonly rule: string;
  /** The controller, as it is to be restored. */
  readonly state: unknown;
  readonly figures: LaneFigures;
};

/** One statement, however many lanes. Of a lane that is given twice, the later row counts. */
export async function saveLanes(db: Queryable, sender: string, rows: readonly LaneRow[], now: Instant): Promise<void> {
  if (rows.length === 0) return;
  const lanes = [...new Map(rows.map((row) => [`${row.source}\n${row.site}`, row])).values()];
  await db.query(
    `insert into lanes (sender, source, site, provider, rule, state, figures, updated_at)
     select $1, source, site, provider, rule, state::jsonb, figures::jsonb, $8
       from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
         as given(source, site, provider, rule, state, figures)
     on conflict (sender, source, site) do update
        set provider = excluded.provider, rule = excluded.rule, state = excluded.state, figures = excluded.figures,
            updated_at = excluded.updated_at`,
    [
      storableText(sender),
      lanes.map(({ source }) => storableText(source)),
      lanes.map(({ site }) => storableText(site)),
      lanes.map(({ provider }) => storableText(provider)),
      lanes.map(({ rule }) => storableText(rule)),
      lanes.map(({ state }) => storableJson(state)),
      lanes.map(({ figures }) => storableJson(figures)),
      timestamp(now),
    ],
  );
}

/** Lanes that this sender will not have again. */
export async function forgetLanes(db: Queryable, sender: string, lanes: readonly LaneKey[]): Promise<void> {
  if (lanes.length === 0) return;
  await db.query(
    `delete from lanes l using unnest($2::text[], $3::text[]) as gone(source, site)
      where l.sender = $1 and l.source = gone.source and l.site = gone.site`,
    [sender, lanes.map(({ source }) => storableText(source)), lanes.map(({ site }) => storableText(site))],
  );
}

type LaneState = LaneKey & {
  readonly provider: string;
  readonly rule: string;
  readonly state: unknown;
  readonly updatedAt: Instant;
};

/** What a sender's lanes knew when it last told, for its next start. */
export function loadLaneStates(db: Queryable, sender: string, now: Instant): Promise<LaneState[]> {
  return db.query<LaneState>(
    `select source, site, provider, rule, state, updated_at as "updatedAt" from lanes
      where sender = $1 and updated_at > $2 order by source, site`,
    [sender, timestamp(now - STATE_FOR)],
  );
}

/** `laneId` in SQL. */
const LANE_ID = `left(encode(sha256(convert_to(source || E'\\n' || site, 'UTF8')), 'hex'), 32)`;
const WAITING = "(figures->>'waiting')::bigint";

/** Rows of one lane, the one with most messages first. */
export type KnownLane = LaneKey & {
  id: string;
  waiting: number;
  parts: {
    sender: string;
    provider: string;
    rule: string;
    figures: LaneFigures;
    updatedAt: string;
  }[];
  pin: { connections: number | null; messages_per_hour: number | null; actor: string; at: string } | null;
};

const LANES = `
  select l.source, l.site, l.id, l.waiting, l.parts, to_jsonb(p) - 'source' - 'site' as pin
    from (select source, site, ${LANE_ID} as id, sum(${WAITING})::bigint as waiting,
                 array_agg(distinct figures->>'constraint') as constraints,
                 jsonb_agg(jsonb_build_object('sender', sender, 'provider', provider, 'rule', rule, 'figures', figures,
                                              'updatedAt', updated_at) order by ${WAITING} desc, sender) as parts
            from lanes where updated_at > $1 and ($2::text is null or source = $2) and ($3::text is null or provider = $3)
           group by source, site) l
    left join lane_pins p on p.source = l.source and p.site = l.site`;

export type LaneFilter = {
  readonly provider?: string | undefined;
  readonly source?: string | undefined;
  readonly constraint?: Constraint | undefined;
};

export type LaneCursor = { readonly waiting: number; readonly id: string };

/** Most waiting messages first. */
export function listLanes(
  db: Queryable,
  { provider, source, constraint }: LaneFilter,
  after: LaneCursor | null,
  limit: number,
  now: Instant,
): Promise<KnownLane[]> {
  return db.query<KnownLane>(
    `${LANES}
      where ($4::text is null or $4 = any(l.constraints))
        and ($5::bigint is null or l.waiting < $5 or (l.waiting = $5 and l.id > $6))
      order by l.waiting desc, l.id limit $7`,
    [
      timestamp(now - STATE_FOR),
      source ?? null,
      provider ?? null,
      constraint ?? null,
      after?.waiting ?? null,
      after?.id ?? null,
      limit,
    ],
  );
}

export async function findLane(db: Queryable, id: string, now: Instant): Promise<KnownLane | null> {
  if (!/^[0-9a-f]{32}$/.test(id)) return null;
  const [row] = await db.query<KnownLane>(`${LANES} where l.id = $4`, [timestamp(now - STATE_FOR), null, null, id]);
  return row ?? null;
}

/** Lanes to these sites, whichever the source. */
export function listLanesTo(db: Queryable, sites: readonly string[], now: Instant): Promise<KnownLane[]> {
  return db.query<KnownLane>(`${LANES} where l.site = any($4) order by l.waiting desc, l.id`, [
    timestamp(now - STATE_FOR),
    null,
    null,
    sites,
  ]);
}

/** Lanes of senders that are there, by provider and what binds them. */
export function countLanes(
  db: Queryable,
  now: Instant,
): Promise<{ provider: string; constraint: string; lanes: number; waiting: number }[]> {
  return db.query(
    `select l.provider, l.figures->>'constraint' as constraint, count(*) as lanes, sum((l.figures->>'waiting')::bigint)::bigint as waiting
       from lanes l join senders s on s.sender = l.sender and s.seen_at > $1
      group by 1, 2 order by 1, 2`,
    [timestamp(now - SENDER_SILENT)],
  );
}

/** A sender says that it is there, and which of how many it is. */
export async function touchSender(
  db: Queryable,
  sender: string,
  index: number,
  of: number,
  now: Instant,
): Promise<void> {
  await db.query(
    `insert into senders (sender, index, of, seen_at) values ($1, $2, $3, $4)
     on conflict (sender) do update set index = excluded.index, of = excluded.of, seen_at = excluded.seen_at`,
    [sender, index, of, timestamp(now)],
  );
}

export type SeenSender = {
  readonly sender: string;
  readonly index: number;
  readonly of: number;
  readonly seenAt: Instant;
};

/** Senders that are there. */
export function loadSenders(db: Queryable, now: Instant): Promise<SeenSender[]> {
  return db.query<SeenSender>(
    `select sender, index, of, seen_at as "seenAt" from senders where seen_at > $1 order by index, sender`,
    [timestamp(now - SENDER_SILENT)],
  );
}

/** Lanes that nobody told of for too long to be restored, and senders that are gone. */
export async function forgetOldLanes(db: Queryable, now: Instant): Promise<number> {
  const gone = await db.query("delete from lanes where updated_at < $1 returning 1", [timestamp(now - STATE_FOR)]);
  await db.query("delete from senders where seen_at < $1", [timestamp(now - DAY)]);
  return gone.length;
}
