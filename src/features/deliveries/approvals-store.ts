/** The SQL of approvals: what was asked of whom, what they said, what of it still counts. */
import type { Settings } from "../../contract/index.ts";
import type { ApprovalKind, ApprovalState } from "../../core/delivery/approvals.ts";
import type { Instant } from "../../core/time.ts";
import { storable, timestamp, type Queryable, type Tx } from "../../platform/db.ts";

/** A delivery as far as approvals are about it. */
export type Subject = {
  readonly label: string;
  /** Null in deliveries that were saved before there were approvals. */
  readonly approval: Settings["approval"] | null;
  readonly auto_start_by: string | null;
  readonly to_deliver: number;
  /** The same as long as every message has the same bytes. */
  readonly content: string;
  readonly has_warnings: boolean;
  readonly public_url: string | null;
};

export async function findSubject(tx: Queryable, id: number): Promise<Subject | null> {
  const [row] = await tx.query<Subject>(
    `select d.label, d.settings->'approval' as approval, d.auto_start_by, d.to_deliver,
            md5(coalesce((d.manifest - 'tokenKeyId' - 'publicUrl')::text, '')) as content,
            exists (select 1 from checklist_items c where c.delivery_id = d.id and c.level = 'warning') as has_warnings,
            d.manifest->>'publicUrl' as public_url
       from deliveries d where d.id = $1`,
    [id],
  );
  return row ?? null;
}

export type ApprovalRow = {
  readonly id: number;
  readonly kind: ApprovalKind;
  readonly state: ApprovalState;
  readonly basis: string;
  readonly asked_at: Instant;
  readonly deadline: Instant;
  readonly decided_at: Instant | null;
  readonly decided_by: string | null;
  readonly comment: string;
};

/** Those that count, at most one of each kind. */
export function loadCurrent(db: Queryable, id: number): Promise<ApprovalRow[]> {
  return db.query<ApprovalRow>(
    `select id, kind, state, basis, asked_at, deadline, decided_at, decided_by, comment
       from delivery_approvals where delivery_id = $1 and state <> 'lapsed'
      order by array_position(array['target', 'content', 'start'], kind)`,
    [id],
  );
}

export async function lapse(tx: Tx, approvals: readonly number[]): Promise<void> {
  await tx.query("update delivery_approvals set state = 'lapsed' where id = any($1)", [approvals]);
}

/** Nobody has decided yet: they decide about what it is now. */
export async function renewBasis(tx: Tx, approval: number, basis: string): Promise<void> {
  await tx.query("update delivery_approvals set basis = $2 where id = $1", [approval, basis]);
}

export async function insertApprovals(
  tx: Tx,
  id: number,
  wanted: readonly { readonly kind: ApprovalKind; readonly basis: string }[],
  deadline: Instant,
  now: Instant,
): Promise<void> {
  await tx.query(
    `insert into delivery_approvals (delivery_id, kind, basis, asked_at, deadline)
     select $1, kind, basis, $4, $5 from unnest($2::text[], $3::text[]) as t(kind, basis)`,
    [id, wanted.map(({ kind }) => kind), wanted.map(({ basis }) => basis), timestamp(now), timestamp(deadline)],
  );
}

type Decision = {
  readonly state: "approved" | "rejected";
  readonly by: string;
  readonly operatorId: number | null;
  readonly comment: string;
};

const COMMENT_MAX = 5000;

export async function saveDecision(tx: Tx, approval: number, decision: Decision, now: Instant): Promise<void> {
  await tx.query(
    `update delivery_approvals set state = $2, decided_at = $3, decided_by = $4, operator_id = $5, comment = $6
      where id = $1 and state = 'pending'`,
    [
      approval,
      decision.state,
      timestamp(now),
      decision.by,
      decision.operatorId,
      storable(decision.comment, COMMENT_MAX),
    ],
  );
}

type OpenApproval = {
  readonly id: number;
  readonly delivery_id: number;
  readonly kind: ApprovalKind;
  readonly asked_at: Instant;
  readonly deadline: Instant;
  readonly reminders: number;
};

/** Of deliveries that wait for nothing else; those that have had both reminders are left out. */
export function listOpen(db: Queryable, limit: number): Promise<OpenApproval[]> {
  return db.query<OpenApproval>(
    `select a.id, a.delivery_id, a.kind, a.asked_at, a.deadline, a.reminders
       from delivery_approvals a join deliveries d on d.id = a.delivery_id
      where a.state = 'pending' and a.reminders < 2 and d.state = 'ready' order by a.deadline limit $1`,
    [limit],
  );
}

type WaitingRow = {
  readonly id: number;
  readonly delivery_id: number;
  readonly label: string;
  readonly to_deliver: number;
  readonly kind: ApprovalKind;
  readonly asked_at: Instant;
  readonly asked_by: string | null;
  readonly deadline: Instant;
};

/** What deliveries wait for, longest first. `asked`: only what these people are named for; null: all of it. */
export function listWaiting(
  db: Queryable,
  asked: { readonly operator: string | null; readonly groups: readonly string[] } | null,
  after: number,
  limit: number,
): Promise<WaitingRow[]> {
  return db.query<WaitingRow>(
    `select a.id, a.delivery_id, d.label, d.to_deliver, a.kind, a.asked_at, a.deadline,
            (select e.actor from delivery_events e
              where e.delivery_id = d.id and e.kind = 'analysis.started' and e.at <= a.asked_at
              order by e.id desc limit 1) as asked_by
       from delivery_approvals a join deliveries d on d.id = a.delivery_id
      where a.state = 'pending' and d.state = 'ready' and a.id > $1
        and (not $2 or d.settings #> array['approval', a.kind, 'operators'] ? $3
             or d.settings #> array['approval', a.kind, 'groups'] ?| $4::text[])
      order by a.id limit $5`,
    [after, asked !== null, asked?.operator ?? "", asked?.groups ?? [], limit],
  );
}

/** False: somebody was faster, or decided. */
export async function noteReminder(tx: Tx, approval: number, before: number, after: number): Promise<boolean> {
  const rows = await tx.query(
    "update delivery_approvals set reminders = $3 where id = $1 and reminders = $2 and state = 'pending' returning id",
    [approval, before, after],
  );
  return rows.length > 0;
}
