/**
 * Signing in with a password and, where there is one, a second factor. Nothing here tells whether a name exists: every attempt
 * is counted and locked alike, and a password is hashed for each.
 */
import { ACCOUNT_POLICY, ADDRESS_POLICY } from "../../core/operators/lock-out.ts";
import { passwordProblem } from "../../core/operators/password.ts";
import { HOUR, type Instant } from "../../core/time.ts";
import { clientAddress } from "../../platform/client-address.ts";
import type { Db } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import type { MasterKey } from "../../platform/seal.ts";
import { countAttempt, forgetFailures, forgiveAttempt, purgeFailures, type Subject } from "./failures-store.ts";
import { hashPassword, verifyPassword } from "./hash-password.ts";
import { type Credentials, findCredentials, noteSignIn } from "./operators-store.ts";
import { takeCode } from "./second-factor.ts";

export type SignInDeps = { readonly db: Db; readonly masterKey: MasterKey; readonly now: () => Instant };
export type Attempt = {
  readonly login: string;
  readonly password: string;
  readonly code?: string | undefined;
  readonly address: string;
};

export type SignedIn = {
  readonly operatorId: number;
  readonly login: string;
  readonly by: "password" | "app" | "recovery";
};

export function normaliseLogin(text: string): string {
  return text.normalize("NFKC").trim().toLowerCase();
}

/** Throws `sign-in-failed`, `code-needed`, `code-wrong` or `sign-in-locked`. */
export async function signIn({ db, masterKey, now }: SignInDeps, attempt: Attempt): Promise<SignedIn> {
  const login = normaliseLogin(attempt.login);
  const credentials = await findCredentials(db, { login });
  const subjects = await admit(db, login, attempt.address, now());
  const right = await verifyPassword(attempt.password, credentials?.password_hash ?? null);
  if (credentials === null || !right) throw appError("sign-in-failed");
  let by: SignedIn["by"] = "password";
  if (credentials.totp_secret !== null) {
    if (attempt.code === undefined || attempt.code.trim() === "") {
      await forgiveAttempt(db, subjects);
      throw appError("code-needed");
    }
    const taken = await takeCode(db, masterKey, credentials, attempt.code, now());
    if (taken === null) throw appError("code-wrong");
    by = taken;
  }
  await forgiveAttempt(db, subjects);
  await forgetFailures(db, login);
  await noteSignIn(db, credentials.id, now());
  return { operatorId: credentials.id, login, by };
}

type Confirmation = {
  readonly id: number;
  readonly password: string;
  readonly address: string;
  readonly pointer: string;
};

/**
 * For what somebody who is signed in must confirm with their password. A wrong one is `invalid-input`: 401 would say that the
 * session is over. Throws `sign-in-locked` too.
 */
export async function confirmPassword(
  { db, now }: Pick<SignInDeps, "db" | "now">,
  { id, password, address, pointer }: Confirmation,
): Promise<Credentials> {
  const credentials = await findCredentials(db, { id });
  if (credentials === null) throw appError("not-an-operator");
  const subjects = await admit(db, credentials.login, address, now());
  if (!(await verifyPassword(password, credentials.password_hash))) {
    const message = "It is not the password";
    throw appError("invalid-input", { detail: `${pointer}: ${message}` }, [{ pointer, code: "wrong", message }]);
  }
  await forgiveAttempt(db, subjects);
  return credentials;
}

let purgedAt = 0;

async function admit(db: Db, login: string, address: string, now: Instant): Promise<readonly Subject[]> {
  const subjects: readonly Subject[] = [
    { kind: "account", name: login, policy: ACCOUNT_POLICY },
    { kind: "address", name: clientAddress(address), policy: ADDRESS_POLICY },
  ];
  if (now - purgedAt > HOUR) {
    purgedAt = now;
    await purgeFailures(db, now);
  }
  const locked = await countAttempt(db, subjects, now);
  if (locked !== null) throw appError("sign-in-locked", { seconds: Math.ceil(locked / 1000) });
  return subjects;
}

/** The hash to keep. Throws `invalid-input` for one that will not do. */
export async function hashNewPassword(password: string, login: string, pointer: string): Promise<string> {
  const problem = passwordProblem(password, login);
  if (problem !== null) {
    throw appError("invalid-input", { detail: `The password will not do: ${problem}` }, [
      { pointer, code: "weak", message: problem },
    ]);
  }
  return hashPassword(password);
}
