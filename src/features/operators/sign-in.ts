/**
 * Signing in with a password and, where there is one, a second factor. Nothing here tells whether a name exists: every attempt
 * is counted and locked alike, and a password is hashed for each.
 */
import { ACCOUNT_POLICY, ADDRESS_POLICY } from "../../core/operators/lock-out.ts";
import { passwordProblem } from "../../core/operators/password.ts";
import { rightsOfRoles } from "../../core/operators/rights.ts";
import { HOUR, type Instant } from "../../core/time.ts";
import { clientAddress } from "../../platform/client-address.ts";
import type { Db } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import type { MasterKey } from "../../platform/seal.ts";
import { countAttempt, forgetFailures, forgiveAttempt, purgeFailures, type Subject } from "./failures-store.ts";
import { hashPassword, verifyPassword } from "./hash-password.ts";
import { loadOidcSettings } from "./oidc-settings-store.ts";
import { type Credentials, findCredentials, findOperator, noteSignIn } from "./operators-store.ts";
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
  readonly by: "password" | "oidc" | "app" | "recovery";
};

export function normaliseLogin(text: string): string {
  return text.normalize("NFKC").trim().toLowerCase();
}

/** Throws `sign-in-failed`, `code-needed`, `code-wrong`, `password-not-allowed` or `sign-in-locked`. */
export async function signIn({ db, masterKey, now }: SignInDeps, attempt: Attempt): Promise<SignedIn> {
  const login = normaliseLogin(attempt.login);
  const credentials = await findCredentials(db, { login });
  const subjects = await admit(db, login, attempt.address, now());
  const right = await verifyPassword(attempt.password, credentials?.password_hash ?? null);
  if (credentials === null || !right) throw appError("sign-in-failed");
  if (await isPasswordClosed(db, credentials.id)) {
    await forgiveAttempt(db, subjects);
    throw appError("password-not-allowed");
  }
  const by = await finish({ db, masterKey, now }, credentials, subjects, attempt.code);
  return { operatorId: credentials.id, login, by: by ?? "password" };
}

type Known = {
  readonly operatorId: number;
  readonly code?: string | undefined;
  /** Whoever says who it is has asked for a second factor already. */
  readonly isMultiFactor: boolean;
  readonly address: string;
};

/** For whom a provider has said who they are: all the same but the password. Throws what `signIn` throws. */
export async function signInKnown({ db, masterKey, now }: SignInDeps, known: Known): Promise<SignedIn> {
  const credentials = await findCredentials(db, { id: known.operatorId });
  if (credentials === null) throw appError("oidc-unknown");
  const { id: operatorId, login } = credentials;
  const subjects = await admit(db, login, known.address, now());
  const asked = known.isMultiFactor ? { ...credentials, totp_secret: null } : credentials;
  const by = await finish({ db, masterKey, now }, asked, subjects, known.code);
  return { operatorId, login, by: by ?? "oidc" };
}

/** The second factor, where there is one, and the end of all failures. Null: there is none. */
async function finish(
  { db, masterKey, now }: SignInDeps,
  credentials: Credentials,
  subjects: readonly Subject[],
  code: string | undefined,
): Promise<"app" | "recovery" | null> {
  let taken: "app" | "recovery" | null = null;
  if (credentials.totp_secret !== null) {
    if (code === undefined || code.trim() === "") {
      await forgiveAttempt(db, subjects);
      throw appError("code-needed");
    }
    taken = await takeCode(db, masterKey, credentials, code, now());
    if (taken === null) throw appError("code-wrong");
  }
  await forgiveAttempt(db, subjects);
  await forgetFailures(db, credentials.login);
  await noteSignIn(db, credentials.id, now());
  return taken;
}

/** Administrators keep theirs: nobody is shut out by a provider that is away. */
async function isPasswordClosed(db: Db, id: number): Promise<boolean> {
  const { enabled, passwords } = await loadOidcSettings(db);
  if (!enabled || passwords === "everybody") return false;
  const row = await findOperator(db, id);
  return row === null || rightsOfRoles([...row.roles, ...row.inherited]) !== null;
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
