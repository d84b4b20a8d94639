/** The SQL of reply texts judged again: those that nobody qualified follow the rules; locked in the order of their keys, as senders do. */
import type { AnswerStage } from "../../core/bounce/rule.ts";
import type { FailureReason, FailureType, Verdict } from "../../core/bounce/verdict.ts";
import type { Queryable, Tx } from "../../platform/db.ts";

/** What persons said of these texts, by their keys. */
export async function findQualified(
  tx: Tx,
  keys: readonly string[],
): Promise<Map<string, { readonly id: number; readonly type: FailureType; readonly reason: FailureReason }>> {
  const rows = await tx.query<{ key: string; id: number; type: FailureType; reason: FailureReason }>(
    `select key, id, type, reason from reply_texts
      where key = any($1) and qualified_at is not null and type <> 'not-defined'`,
    [keys],
  );
  return new Map(rows.map(({ key, ...said }) => [key, said]));
}

/** Whether a rule of this name judged a text; it may be gone since. */
export async function hasJudged(db: Queryable, rule: string): Promise<boolean> {
  return (await db.query("select 1 from reply_texts where rule = $1 limit 1", [rule])).length > 0;
}

export type OpenText = {
  readonly id: number;
  readonly first_text: string;
  readonly code: number | null;
  readonly enhanced: string | null;
  readonly stages: AnswerStage[];
  readonly mx: string | null;
  readonly type: FailureType;
  readonly reason: FailureReason;
  readonly rule: string;
};

/** Texts that nobody qualified, after this one; `only`: of one. */
export function nextOpenTexts(tx: Tx, only: number | null, after: number, limit: number): Promise<OpenText[]> {
  return tx.query<OpenText>(
    `select t.id, t.first_text, t.code, t.enhanced, t.stages, t.type, t.reason, t.rule,
            (select d.mx from reply_text_days d where d.text_id = t.id and d.mx is not null order by d.day desc limit 1) as mx
       from reply_texts t where t.qualified_at is null and t.id > $2 and ($1::bigint is null or t.id = $1)
      order by t.id limit $3`,
    [only, after, limit],
  );
}

export type NewJudgement = { readonly id: number } & Pick<Verdict, "type" | "reason" | "rule">;

export async function saveJudgements(tx: Tx, run: number, judgements: readonly NewJudgement[]): Promise<void> {
  const ids = judgements.map(({ id }) => id);
  await lockTexts(tx, ids);
  await tx.query(
    `with n as (
       select *, case type when 'not-defined' then 'to-qualify' else 'keep' end as state
         from unnest($2::bigint[], $3::text[], $4::text[], $5::text[]) as n(id, type, reason, rule)),
     kept as (
       insert into requalified_texts
       select $1, t.id, t.state, t.type, t.reason, t.rule, n.state, n.type, n.reason, n.rule
         from n join reply_texts t on t.id = n.id where t.qualified_at is null)
     update reply_texts t set state = n.state, type = n.type, reason = n.reason, rule = n.rule
       from n where t.id = n.id and t.qualified_at is null`,
    [
      run,
      ids,
      judgements.map(({ type }) => type),
      judgements.map(({ reason }) => reason),
      judgements.map(({ rule }) => rule),
    ],
  );
}

export async function nextChangedTexts(tx: Tx, run: number, after: number, limit: number): Promise<number[]> {
  const rows = await tx.query<{ text_id: number }>(
    "select text_id from requalified_texts where requalification_id = $1 and text_id > $2 order by text_id limit $3",
    [run, after, limit],
  );
  return rows.map((row) => row.text_id);
}

/** As they were, unless somebody or another answer said something else of them since. */
export async function restoreTexts(tx: Tx, run: number, ids: readonly number[]): Promise<void> {
  await lockTexts(tx, ids);
  await tx.query(
    `update reply_texts t set state = n.state, type = n.type, reason = n.reason, rule = n.rule
       from requalified_texts n
      where n.requalification_id = $1 and n.text_id = any($2) and t.id = n.text_id and t.qualified_at is null
        and (t.state, t.type, t.reason, t.rule) = (n.new_state, n.new_type, n.new_reason, n.new_rule)`,
    [run, ids],
  );
}

async function lockTexts(tx: Tx, ids: readonly number[]): Promise<void> {
  await tx.query("select 1 from reply_texts where id = any($1) order by key for update", [ids]);
}
