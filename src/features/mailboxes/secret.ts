/** The secrets of a mailbox: one sealed value, which opens only under the id of its mailbox. */
import { z } from "zod";

import type { MailboxInput } from "../../contract/mailboxes.ts";
import { appError } from "../../platform/errors.ts";
import { type MasterKey, seal, unseal } from "../../platform/seal.ts";
import type { MailboxRow, Refresh } from "./store.ts";

const secretSchema = z.object({
  password: z.string().nullable(),
  accessToken: z.string().nullable(),
  /** Null: not known. */
  expiresAt: z.number().nullable(),
  refreshToken: z.string().nullable(),
  clientSecret: z.string().nullable(),
});
export type Secret = z.infer<typeof secretSchema>;

const NONE: Secret = { password: null, accessToken: null, expiresAt: null, refreshToken: null, clientSecret: null };

const contextOf = (id: number) => `mailboxes/${id}`;

export function sealSecret(key: MasterKey, id: number, secret: Secret): Buffer {
  return seal(key, JSON.stringify(secret), contextOf(id));
}

/** Throws `secret-key-wrong`. */
export function openSecret(key: MasterKey, { id, name, sealedSecret }: MailboxRow): Secret {
  if (sealedSecret === null) return NONE;
  const text = unseal(key, sealedSecret, contextOf(id));
  if (text === null) throw appError("secret-key-wrong", { what: `the secret of the mailbox "${name}"` });
  return secretSchema.parse(JSON.parse(text.toString("utf8")));
}

/** Adds what is wrong with one field. */
export type Fail = (pointer: string, code: string, message: string) => void;

/** `known`: what may stay, because it goes where it went before. */
export function mergeSecret(
  auth: MailboxInput["auth"],
  known: { readonly secret: Secret; readonly refresh: Refresh | null } | null,
  fail: Fail,
): Secret {
  const before = known?.secret ?? NONE;
  if (auth.kind === "password") {
    const password = auth.password ?? before.password;
    if (password === null) fail("/auth/password", "missing", "The password is needed");
    return { ...NONE, password };
  }
  const { refresh } = auth;
  if (refresh === undefined) {
    const accessToken = auth.accessToken ?? (known?.refresh === null ? before.accessToken : null);
    if (accessToken === null) fail("/auth/accessToken", "missing", "An access token or a way to get one is needed");
    return { ...NONE, accessToken };
  }
  const isSame = known?.refresh?.tokenUrl === refresh.tokenUrl && known.refresh.clientId === refresh.clientId;
  const kept = isSame ? before : NONE;
  const refreshToken = refresh.refreshToken ?? kept.refreshToken;
  if (refreshToken === null) fail("/auth/refresh/refreshToken", "missing", "The refresh token is needed");
  const isFresh = auth.accessToken !== undefined || refresh.refreshToken !== undefined;
  return {
    password: null,
    accessToken: auth.accessToken ?? (isFresh ? null : kept.accessToken),
    expiresAt: isFresh ? null : kept.expiresAt,
    refreshToken,
    clientSecret: refresh.clientSecret ?? kept.clientSecret,
  };
}
