/** The SQL of single exclusions: each gives its reason to those rows of `target` that have none. */
import type { Control, ExclusionRule, Limit, Order, Quality } from "../../contract/index.ts";
import type { ExclusionReason } from "../../core/delivery/status.ts";
import { shareOf } from "../../core/population/share.ts";
import type { Instant } from "../../core/time.ts";
import type { Tx } from "../../platform/db.ts";
import { compileSegment, prepareChoice } from "../segments/index.ts";
import { orderSql } from "./order-sql.ts";
import type { FrozenSegment } from "./target-store.ts";

/** Of the words of a rule that go with each row it excludes. */
const MAX_WORDS = 300;

/** Whom the choice names. `name`: of the rule that says so; else the choice in words. */
export async function excludeChoice(
  tx: Tx,
  choice: ExclusionRule,
  { reason, name, now }: { readonly reason: ExclusionReason; readonly name?: string; readonly now: Instant },
): Promise<FrozenSegment> {
  const { prepared, words } = await prepareChoice(tx, choice, now);
  const { sql, params } = compileSegment(prepared, { now, recipient: "r", offset: 2 });
  await tx.query(`update target r set reason = $1, detail = $2 where r.reason is null and ${sql}`, [
    reason,
    (name ?? words).slice(0, MAX_WORDS),
    ...params,
  ]);
  return { use: "exclude", words, tree: prepared.tree };
}

/** Who unsubscribed from the service that the delivery is of, whatever list they are on. */
export async function excludeThoseWhoLeft(tx: Tx, service: string): Promise<void> {
  await tx.query(
    `update target t set reason = 'denylisted', detail = 'unsubscribed from ' || v.name
       from subscriptions s join services v on v.id = s.service_id
      where t.reason is null and s.service_id = $1 and s.recipient_id = t.id and s.state = 'unsubscribed'`,
    [service],
  );
}

/** Whom nothing is sent to by the lists from outside. */
export async function excludeSuppressed(tx: Tx): Promise<void> {
  const [lists] = await tx.query<{ addresses: boolean; domains: boolean }>(
    `select exists (select 1 from suppressed_addresses) as addresses, exists (select 1 from suppressed_domains) as domains`,
  );
  if (lists?.addresses) {
    await tx.query(
      `update target set reason = 'suppressed'
        where reason is null and sha256(convert_to(match_key, 'UTF8')) in (select hash from suppressed_addresses)`,
    );
  }
  if (lists?.domains) {
    await tx.query(
      "update target set reason = 'suppressed' where reason is null and domain in (select domain from suppressed_domains)",
    );
  }
}

/** Addresses with more errors in a row than that. */
export async function excludeFailing(tx: Tx, maxErrors: number): Promise<void> {
  await tx.query(
    `update target t set reason = 'bad-quality', detail = q.errors || ' errors in a row'
       from quarantine q where q.match_key = t.match_key and t.reason is null and q.errors > $1`,
    [maxErrors],
  );
}

/** Whose number is less, or who have none. */
export async function excludeBadQuality(tx: Tx, { attribute, atLeast }: Quality): Promise<void> {
  await tx.query(
    `update target set reason = 'bad-quality', detail = $1::text || ' is less than ' || $2::text
      where reason is null and coalesce(read_number(attributes ->> $1) < $2::numeric, true)`,
    [attribute, String(atLeast)],
  );
}

type Rest = {
  readonly reason: ExclusionReason;
  readonly detail: string;
  readonly by: Order | undefined;
  readonly shuffle: string;
};

/** All but the first `keep` in the order. */
export async function excludeAfter(tx: Tx, keep: number, rest: Rest): Promise<void> {
  await excludeRanked(tx, `offset ${Math.max(0, Math.floor(keep))}`, rest);
}

/** The first `count` in the order. */
async function excludeFirst(tx: Tx, count: number, first: Rest): Promise<void> {
  await excludeRanked(tx, `limit ${Math.max(0, Math.floor(count))}`, first);
}

async function excludeRanked(tx: Tx, which: string, { reason, detail, by, shuffle }: Rest): Promise<void> {
  const params: unknown[] = [reason, detail];
  const order = await orderSql(tx, by, shuffle, (value) => `$${params.push(value)}`);
  await tx.query(
    `update target t set reason = $1, detail = $2
       from (select t.row_id from target t where t.reason is null order by ${order} ${which}) x
      where x.row_id = t.row_id`,
    params,
  );
}

export async function limitSize(tx: Tx, { recipients, by }: Limit, shuffle: string): Promise<void> {
  const detail =
    by === undefined ? `limited to ${recipients} at random` : `limited to ${recipients} by ${by.attribute}`;
  await excludeAfter(tx, recipients, { reason: "size-limited", detail, by, shuffle });
}

export async function countLeft(tx: Tx): Promise<number> {
  const [row] = await tx.query<{ count: number }>("select count(*) as count from target where reason is null");
  return row?.count ?? 0;
}

/** Takes the control group from those who would get a message. */
export async function chooseControlGroup(
  tx: Tx,
  control: Control,
  { shuffle, now }: { readonly shuffle: string; readonly now: Instant },
): Promise<FrozenSegment[]> {
  if ("choice" in control) return [await excludeChoice(tx, control.choice, { reason: "control-address", now })];
  const count = "percent" in control ? shareOf(await countLeft(tx), control.percent) : control.recipients;
  const size = "percent" in control ? `${control.percent} %` : String(count);
  const detail = control.by === undefined ? `${size} at random` : `${size} by ${control.by.attribute}`;
  // Another chance than that of the size limit, or the group would not be like the others.
  await excludeFirst(tx, count, {
    reason: "control-address",
    detail,
    by: control.by,
    shuffle: `control:${shuffle}`,
  });
  return [];
}
