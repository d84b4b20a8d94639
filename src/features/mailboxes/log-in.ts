/** Opens a mailbox with its password, or with an access token that is renewed in time and once more when it is refused. */
import { type Instant, MINUTE, SECOND } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import {
  MailboxError,
  type MailboxServer,
  type MailboxSession,
  type OpenMailbox,
  type RenewToken,
} from "../../platform/mailbox.ts";
import type { MasterKey } from "../../platform/seal.ts";
import { openSecret, sealSecret } from "./secret.ts";
import { findMailbox, type MailboxRow, replaceSecret } from "./store.ts";

export type LoginDeps = {
  readonly db: Db;
  readonly masterKey: MasterKey;
  readonly now: () => Instant;
  readonly openMailbox: OpenMailbox;
  readonly renewToken: RenewToken;
};

/** A token with less left is renewed before it is used. */
const SPARE = 2 * MINUTE;

/** Rejects with `MailboxError`, or `secret-key-wrong`. */
export async function logIn(deps: LoginDeps, mailbox: MailboxRow, signal?: AbortSignal): Promise<MailboxSession> {
  const { login, isRenewed } = await loginOf(deps, mailbox, false, signal);
  try {
    return await deps.openMailbox({ ...placeOf(mailbox), login }, signal);
  } catch (error) {
    const mayHelp = error instanceof MailboxError && error.problem === "login" && mailbox.refresh !== null;
    if (!mayHelp || isRenewed) throw error;
    const again = await loginOf(deps, mailbox, true, signal);
    return deps.openMailbox({ ...placeOf(mailbox), login: again.login }, signal);
  }
}

function placeOf({
  protocol,
  host,
  port,
  tls,
  verifyCertificate,
  user,
  folder,
}: MailboxRow): Omit<MailboxServer, "login"> {
  return { protocol, host, port, tls, verifyCertificate, user, folder };
}

async function loginOf(
  { db, masterKey, now, renewToken }: LoginDeps,
  mailbox: MailboxRow,
  mustRenew: boolean,
  signal?: AbortSignal,
): Promise<{ readonly login: MailboxServer["login"]; readonly isRenewed: boolean }> {
  // a look has many sessions, and an earlier one may have renewed it
  const row = (await findMailbox(db, mailbox.id)) ?? mailbox;
  const secret = openSecret(masterKey, row);
  if (row.auth === "password")
    return { login: { kind: "password", password: secret.password ?? "" }, isRenewed: false };
  const { refresh } = row;
  const isGood = secret.accessToken !== null && (secret.expiresAt ?? Number.POSITIVE_INFINITY) - SPARE > now();
  if (refresh === null || (isGood && !mustRenew)) {
    return { login: { kind: "token", accessToken: secret.accessToken ?? "" }, isRenewed: false };
  }
  const { refreshToken, clientSecret } = secret;
  const token = await renewToken({ ...refresh, clientSecret, refreshToken: refreshToken ?? "" }, signal);
  const renewed = {
    ...secret,
    accessToken: token.accessToken,
    expiresAt: now() + token.expiresIn * SECOND,
    // who gives a new one takes the old one back (RFC 6749 §6)
    refreshToken: token.refreshToken ?? refreshToken,
  };
  await replaceSecret(db, row, sealSecret(masterKey, row.id, renewed));
  return { login: { kind: "token", accessToken: token.accessToken }, isRenewed: true };
}
