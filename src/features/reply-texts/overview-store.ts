/** The SQL of what stands around lists of reply texts: how many there are to look at, how often one was given each day. */
import type { ReplyTextCounts, ReplyTextDay } from "../../contract/reply-texts.ts";
import type { Queryable } from "../../platform/db.ts";

export async function countTexts(db: Queryable): Promise<ReplyTextCounts> {
  const [row] = await db.query<ReplyTextCounts>(
    `select count(*) filter (where state = 'to-qualify')::int as "toQualify",
            count(*) filter (where state = 'keep')::int as keep,
            count(*) filter (where state = 'ignore')::int as ignore
       from reply_texts`,
  );
  return row as ReplyTextCounts;
}

/** Days without any are left out; the oldest first. */
export function listDays(db: Queryable, textId: number): Promise<ReplyTextDay[]> {
  return db.query<ReplyTextDay>(
    `select to_char(day, 'YYYY-MM-DD') as day, sum(count)::bigint as count
       from reply_text_days where text_id = $1 group by reply_text_days.day order by reply_text_days.day`,
    [textId],
  );
}
