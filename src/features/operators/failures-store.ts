/** Failures to sign in: what core/operators/lock-out.ts decides, kept so that concurrent attempts are counted one by one. */
import { afterFailure, isLocked, type LockPolicy, NO_FAILURES } from "../../core/operators/lock-out.ts";
import { DAY, type Instant } from "../../core/time.ts";
import { type Db, type Queryable, timestamp } from "../../platform/db.ts";
import { createHash } from "node:crypto";

export type Subject = { readonly kind: "account" | "address"; readonly name: string; readonly policy: LockPolicy };

/** Null: go on. A number: locked for so many milliseconds more. */
type Admission = number | null;

/**
 * Counts one attempt at each subject as a failure, before its password is looked at: of a hundred attempts at once no more than
 * the free ones are looked at. Whoever succeeds is forgiven. Where any is locked, none is counted.
 */
export async function countAttempt(db: Db, subjects: readonly Subject[], now: Instant): Promise<Admission> {
  return db.transaction(async (tx) => {
    const states = [];
    for (const subject of subjects) {
      const key = keyOf(subject);
      await tx.query(
        "insert into sign_in_failures (subject, failures, failed_at) values ($1, 0, $2) on conflict do nothing",
        [key, timestamp(now)],
      );
      const [row] = await tx.query<{ failures: number; failed_at: Instant; locked_until: Instant | null }>(
        "select failures, failed_at, locked_until from sign_in_failures where subject = $1 for update",
        [key],
      );
      const before = row
        ? { failures: row.failures, failedAt: row.failed_at, lockedUntil: row.locked_until }
        : NO_FAILURES;
      states.push({ key, before, policy: subject.policy });
    }
    const locks = states.map(({ before }) => (isLocked(before, now) ? (before.lockedUntil ?? now) - now : 0));
    const longest = Math.max(...locks);
    if (longest > 0) return longest;
    for (const { key, before, policy } of states) {
      const after = afterFailure(before, policy, now);
      await tx.query(
        "update sign_in_failures set failures = $2, failed_at = $3, locked_until = $4 where subject = $1",
        [key, after.failures, timestamp(now), after.lockedUntil && timestamp(after.lockedUntil)],
      );
    }
    return null;
  });
}

/** This one attempt was no failure after all. */
export async function forgiveAttempt(db: Queryable, subjects: readonly Subject[]): Promise<void> {
  for (const subject of subjects) {
    await db.query(
      `update sign_in_failures set failures = greatest(failures - 1, 0),
              locked_until = case when failures <= $2 then null else locked_until end where subject = $1`,
      [keyOf(subject), subject.policy.free],
    );
  }
}

/** Of an account. */
export async function forgetFailures(db: Queryable, login: string): Promise<void> {
  await db.query("delete from sign_in_failures where subject = $1", [keyOf({ kind: "account", name: login })]);
}

export async function purgeFailures(db: Queryable, now: Instant): Promise<void> {
  await db.query("delete from sign_in_failures where failed_at < $1", [timestamp(now - 2 * DAY)]);
}

/** A hash, and operators-store.ts makes the same one: what people type there by mistake may be their password. */
function keyOf({ kind, name }: Pick<Subject, "kind" | "name">): string {
  return `${kind}:${createHash("sha256").update(name).digest("hex")}`;
}
