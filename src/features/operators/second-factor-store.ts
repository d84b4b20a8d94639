/** Secrets of authenticator apps (sealed by the caller), the last step that was used, recovery codes (hashed). */
import type { Instant } from "../../core/time.ts";
import { type Queryable, timestamp, type Tx } from "../../platform/db.ts";
import { hashToken } from "./find-holder.ts";

/** Not in force until a code confirms it; one that is in force stays. False: there is one in force. */
export async function offerSecret(db: Queryable, id: number, sealed: Buffer): Promise<boolean> {
  const rows = await db.query(
    "update operators set totp_secret = $2, totp_step = 0 where id = $1 and totp_since is null returning 1",
    [id, sealed],
  );
  return rows.length > 0;
}

export async function findOfferedSecret(db: Queryable, id: number): Promise<Buffer | null> {
  const [row] = await db.query<{ totp_secret: Buffer | null }>(
    "select totp_secret from operators where id = $1 and totp_since is null",
    [id],
  );
  return row?.totp_secret ?? null;
}

/** False: somebody confirmed it, or made another one meanwhile. */
export async function putInForce(
  tx: Tx,
  id: number,
  sealed: Buffer,
  step: number,
  codes: readonly string[],
  now: Instant,
): Promise<boolean> {
  const rows = await tx.query(
    `update operators set totp_since = $3, totp_step = $4
      where id = $1 and totp_secret = $2 and totp_since is null returning 1`,
    [id, sealed, timestamp(now), step],
  );
  if (rows.length === 0) return false;
  await tx.query("delete from recovery_codes where operator_id = $1", [id]);
  await tx.query("insert into recovery_codes (operator_id, code_hash) select $1, unnest($2::text[])", [
    id,
    codes.map(hashToken),
  ]);
  return true;
}

/** False: this step, or a later one, was used already. */
export async function takeStep(db: Queryable, id: number, step: number): Promise<boolean> {
  const rows = await db.query("update operators set totp_step = $2 where id = $1 and totp_step < $2 returning 1", [
    id,
    step,
  ]);
  return rows.length > 0;
}

/** False: it is none, or was used. */
export async function takeRecoveryCode(db: Queryable, id: number, code: string): Promise<boolean> {
  const rows = await db.query("delete from recovery_codes where operator_id = $1 and code_hash = $2 returning 1", [
    id,
    hashToken(code),
  ]);
  return rows.length > 0;
}

/** True when there was one in force. */
export async function removeSecondFactor(tx: Tx, id: number): Promise<boolean> {
  const rows = await tx.query<{ had: boolean }>(
    `update operators o set totp_secret = null, totp_since = null, totp_step = 0
       from (select id, totp_since is not null as had from operators where id = $1 for update) before
      where o.id = before.id returning before.had`,
    [id],
  );
  await tx.query("delete from recovery_codes where operator_id = $1", [id]);
  return rows[0]?.had === true;
}
