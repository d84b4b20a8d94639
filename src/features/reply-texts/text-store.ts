/** The SQL of reply texts as people look at them and qualify them. */
import type { QualifyText, ReplyTextState } from "../../contract/reply-texts.ts";
import type { PastReply } from "../../core/bounce/compare-rules.ts";
import type { AnswerStage } from "../../core/bounce/rule.ts";
import type { FailureReason, FailureType } from "../../core/bounce/verdict.ts";
import type { Instant } from "../../core/time.ts";
import { timestamp, type Queryable } from "../../platform/db.ts";

export type TextRow = {
  readonly id: number;
  readonly text: string;
  readonly first_text: string;
  readonly code: number | null;
  readonly enhanced: string | null;
  readonly count: number;
  readonly providers: string[];
  readonly stages: AnswerStage[];
  readonly first_seen: Instant;
  readonly last_seen: Instant;
  readonly state: ReplyTextState;
  readonly type: FailureType;
  readonly reason: FailureReason;
  readonly rule: string;
  readonly qualified_at: Instant | null;
  readonly qualified_by: string | null;
  readonly version: number;
};

const COLUMNS = `id, text, first_text, code, enhanced, count, providers, stages, first_seen, last_seen, state, type, reason, rule,
  qualified_at, qualified_by, version`;

export type TextFilter = {
  readonly state?: ReplyTextState | undefined;
  readonly provider?: string | undefined;
  readonly type?: FailureType | undefined;
  readonly search?: string | undefined;
};

/** The newest first. `before`: the last one of the page before. */
export function listTexts(db: Queryable, filter: TextFilter, before: number | null, limit: number): Promise<TextRow[]> {
  return db.query<TextRow>(
    `select ${COLUMNS} from reply_texts
      where ($1::text is null or state = $1) and ($2::text is null or $2 = any(providers)) and ($3::text is null or type = $3)
        and ($4::text is null or text ilike $4 or first_text ilike $4) and ($5::bigint is null or id < $5)
      order by id desc limit $6`,
    [
      filter.state ?? null,
      filter.provider ?? null,
      filter.type ?? null,
      filter.search === undefined ? null : `%${filter.search.replace(/[\\%_]/g, "\\$&")}%`,
      before,
      limit,
    ],
  );
}

export async function findText(db: Queryable, id: number, lock = false): Promise<TextRow | null> {
  const forUpdate = lock ? " for update" : "";
  const [row] = await db.query<TextRow>(`select ${COLUMNS} from reply_texts where id = $1${forUpdate}`, [id]);
  return row ?? null;
}

/** `by` null: nobody's word holds any more, the rules' does. */
export async function saveQualification(
  db: Queryable,
  id: number,
  { state, type, reason }: QualifyText,
  by: { readonly actor: string; readonly at: Instant } | null,
): Promise<void> {
  await db.query(
    `update reply_texts set state = coalesce($2, state), type = coalesce($3, type), reason = coalesce($4, reason),
                            qualified_at = $5, qualified_by = $6, version = version + 1
      where id = $1`,
    [id, state ?? null, type ?? null, reason ?? null, by === null ? null : timestamp(by.at), by?.actor ?? null],
  );
}

/** Replies since then, by text, stage and MX: the most frequent first. */
export async function loadPastReplies(db: Queryable, since: Instant, limit: number): Promise<PastReply[]> {
  return db.query<PastReply>(
    `select d.stage, t.code, t.enhanced, t.first_text as text, d.mx, sum(d.count)::bigint as count
       from reply_text_days d join reply_texts t on t.id = d.text_id
      where d.day >= ($1::timestamptz at time zone 'UTC')::date
      group by t.id, d.stage, d.mx order by 6 desc, t.id limit $2`,
    [timestamp(since), limit],
  );
}

export type AttemptRow = {
  readonly part_id: number;
  readonly seq: number;
  readonly address: string;
  readonly at: Instant;
  readonly stage: string | null;
  readonly reply: string;
};

/** Parts with failures that are looked through, the newest first, and attempts of them. */
const PARTS_LOOKED = 500;
const ATTEMPTS_LOOKED = 5000;

/** Attempts that may have got a text; the newest first. */
export function listLikelyAttempts(db: Queryable, { code }: Pick<TextRow, "code">): Promise<AttemptRow[]> {
  return db.query<AttemptRow>(
    `select a.part_id, a.seq, m.address, a.at, a.stage, a.reply
       from (select id from delivery_parts where retrying + failed > 0 order by id desc limit ${PARTS_LOOKED}) p
       join message_attempts a on a.part_id = p.id
       join messages m on m.part_id = a.part_id and m.seq = a.seq
      where a.rule is not null and a.code is not distinct from $1
      order by a.at desc limit ${ATTEMPTS_LOOKED}`,
    [code],
  );
}
