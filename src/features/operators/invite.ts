/** Invitations: whoever holds one chooses the operator's password, once, within three days. */
import { DAY, formatInstant, type Instant } from "../../core/time.ts";
import { type Db, type Queryable, timestamp, type Tx } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { randomBytes } from "node:crypto";
import { type AuditEntry, recordAudit } from "./audit-store.ts";
import { forgetFailures } from "./failures-store.ts";
import { type Actor, hashToken } from "./find-holder.ts";
import { savePassword } from "./operators-store.ts";
import { deleteSessions } from "./sessions-store.ts";
import { hashNewPassword } from "./sign-in.ts";

const VALID = 3 * DAY;

/** Replaces those before it. */
export async function createInvitation(tx: Tx, operatorId: number, publicUrl: string, now: Instant) {
  const invitation = randomBytes(32).toString("base64url");
  const expiresAt = now + VALID;
  await tx.query("delete from operator_invitations where operator_id = $1 or expires_at < $2", [
    operatorId,
    timestamp(now),
  ]);
  await tx.query("insert into operator_invitations (token_hash, operator_id, expires_at) values ($1, $2, $3)", [
    hashToken(invitation),
    operatorId,
    timestamp(expiresAt),
  ]);
  // In the fragment, which no server and no log sees.
  return { invitation, url: `${publicUrl}/#invitation=${invitation}`, expiresAt: formatInstant(expiresAt) };
}

type Given = { readonly invitation: string; readonly password: string };
type Invited = Pick<Actor, "label" | "operatorId" | "tokenId">;

export async function acceptInvitation(
  { db, now }: { readonly db: Db; readonly now: () => Instant },
  { invitation, password }: Given,
  entryFor: (actor: Invited) => AuditEntry,
): Promise<void> {
  const hash = hashToken(invitation);
  const found = await findInvited(db, hash, now());
  const passwordHash = await hashNewPassword(password, found.login, "/password");
  await db.transaction(async (tx) => {
    const taken = await tx.query("delete from operator_invitations where token_hash = $1 returning 1", [hash]);
    if (taken.length === 0) throw unknown();
    await savePassword(tx, found.id, passwordHash, now());
    await deleteSessions(tx, found.id, null);
    await forgetFailures(tx, found.login);
    await recordAudit(tx, entryFor({ label: found.login, operatorId: found.id, tokenId: null }));
  });
}

const unknown = () =>
  appError("not-found", { what: "invitation", id: "of this text, or it was used, or its time is over" });

async function findInvited(db: Queryable, hash: string, now: Instant): Promise<{ id: number; login: string }> {
  const [row] = await db.query<{ id: number; login: string }>(
    `select o.id, o.login from operator_invitations i join operators o on o.id = i.operator_id
      where i.token_hash = $1 and i.expires_at > $2 and o.disabled_at is null`,
    [hash, timestamp(now)],
  );
  if (!row) throw unknown();
  return row;
}
