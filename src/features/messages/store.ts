/**
 * The SQL of reading single messages. Lists go by the time of acceptance, newest first, in steps: with a filter on what became of them
 * many may have to be looked at, so a page looks at so many and says where to go on.
 */
import type { SingleMessage } from "../../contract/index.ts";
import type { SingleStatus } from "../../core/delivery/single.ts";
import { formatKey, type MessageKey } from "../../core/delivery/status.ts";
import type { Instant } from "../../core/time.ts";
import { timestamp, type Queryable } from "../../platform/db.ts";
import { presentSingle, type SingleRow } from "./present.ts";

const COLUMNS = `s.part_id, s.seq, s.external_id, m.address, m.status, s.ignored, m.type, m.reason, m.attempts, m.next_attempt_at,
    m.final_at, s.template_id, s.subject, s.accepted_at, s.send_at, s.expires_at, s.tags, s.metadata, d.state,
    last.reply, last.kind = 'expired' as expired`;
const JOINS = `
  join messages m on m.part_id = s.part_id and m.seq = s.seq
  join delivery_parts p on p.id = s.part_id
  join deliveries d on d.id = p.delivery_id
  left join message_attempts last on last.part_id = s.part_id and last.seq = s.seq and last.attempt = m.attempts`;

/** Null: there is no such message, or it is one of a campaign. */
export async function findSingle(
  db: Queryable,
  { partId, seq }: MessageKey,
  now: Instant,
): Promise<SingleMessage | null> {
  const [row] = await db.query<SingleRow>(
    `select ${COLUMNS} from single_messages s ${JOINS}
      where s.part_id = $1 and s.seq = $2`,
    [partId, seq],
  );
  return row ? presentSingle(row, now) : null;
}

export type SingleFilter = {
  readonly status?: SingleStatus | undefined;
  readonly matchKey?: string | undefined;
  readonly externalId?: string | undefined;
  readonly template?: number | undefined;
  readonly tag?: string | undefined;
  readonly since?: Instant | undefined;
  readonly until?: Instant | undefined;
};

/** After which a page goes on. */
export type SingleCursor = MessageKey & { readonly at: Instant };

export type SinglePage = { readonly data: SingleMessage[]; readonly next: SingleCursor | null };

/** Rows that one page looks at. */
const SCAN_MOST = 20_000;
const STEP_LEAST = 200;

export async function listSingles(
  db: Queryable,
  filter: SingleFilter,
  after: SingleCursor | null,
  limit: number,
  now: Instant,
): Promise<SinglePage> {
  const data: SingleMessage[] = [];
  let from = after;
  for (let looked = 0, step = Math.max(STEP_LEAST, limit + 1); looked < SCAN_MOST; looked += step, step *= 2) {
    const size = filter.status === undefined ? limit + 1 : Math.min(step, SCAN_MOST - looked);
    const rows = await loadPage(db, filter, from, size);
    for (const row of rows) {
      if (data.length === limit) return { data, next: from };
      const single = presentSingle(row, now);
      if (filter.status === undefined || single.status === filter.status) data.push(single);
      from = { at: row.accepted_at, partId: row.part_id, seq: row.seq };
    }
    if (rows.length < size) return { data, next: null };
  }
  return { data, next: from };
}

async function loadPage(
  db: Queryable,
  filter: SingleFilter,
  after: SingleCursor | null,
  limit: number,
): Promise<SingleRow[]> {
  const params: unknown[] = [limit];
  const param = (value: unknown) => `$${params.push(value)}`;
  const conditions = ["true"];
  if (after !== null) {
    const place = `(${param(timestamp(after.at))}::timestamptz, ${param(after.partId)}::bigint, ${param(after.seq)}::int)`;
    conditions.push(`(s.accepted_at, s.part_id, s.seq) < ${place}`);
  }
  if (filter.matchKey !== undefined) conditions.push(`s.match_key = ${param(filter.matchKey)}`);
  if (filter.externalId !== undefined) {
    conditions.push(
      `(s.part_id, s.seq) in (select part_id, seq from message_external_ids where external_id = ${param(filter.externalId)})`,
    );
  }
  if (filter.template !== undefined) conditions.push(`s.template_id = ${param(filter.template)}`);
  if (filter.tag !== undefined) conditions.push(`s.tags ? ${param(filter.tag)}::text`);
  if (filter.since !== undefined) conditions.push(`s.accepted_at >= ${param(timestamp(filter.since))}`);
  if (filter.until !== undefined) conditions.push(`s.accepted_at < ${param(timestamp(filter.until))}`);
  return db.query<SingleRow>(
    `select ${COLUMNS}
       from (select * from single_messages s where ${conditions.join(" and ")}
              order by s.accepted_at desc, s.part_id desc, s.seq desc limit $1) s ${JOINS}
      order by s.accepted_at desc, s.part_id desc, s.seq desc`,
    params,
  );
}

export function formatCursor({ at, partId, seq }: SingleCursor): string {
  return `${at}:${formatKey({ partId, seq })}`;
}

/** Null: it is none. */
export function readCursor(text: string): SingleCursor | null {
  const match = /^(\d{1,15}):([1-9]\d{0,14})-(\d{1,9})$/.exec(text);
  return match ? { at: Number(match[1]), partId: Number(match[2]), seq: Number(match[3]) } : null;
}

/** Of messages whose partitions are gone. A content may be there for a moment before the first message that has it. */
export async function forgetSingles(db: Queryable): Promise<void> {
  const oldest = "(select min(from_part) from message_partitions)";
  await db.query(`delete from message_external_ids where part_id < ${oldest}`);
  await db.query(
    `delete from message_contents c
      where c.created_at < now() - interval '2 days'
        and not exists (select 1 from delivery_parts p where p.delivery_id = c.carrier_id and p.id >= ${oldest})`,
  );
  await db.query(
    "delete from published_templates p where not exists (select 1 from templates t where t.id = p.template_id)",
  );
}
