/** Makes, changes and removes webhooks. Whoever sends to them acts on it at once. */
import type { NewWebhook, WebhookInput } from "../../contract/webhooks.ts";
import type { Duration, Instant } from "../../core/time.ts";
import type { Db, Tx } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { assertSeen, type Seen } from "../../platform/if-match.ts";
import type { MasterKey } from "../../platform/seal.ts";
import { checkSecret, makeSecret, openSecret, sealSecret } from "./secret.ts";
import {
  announceChange,
  deleteWebhook,
  findWebhook,
  insertWebhook,
  lockWebhook,
  setSecrets,
  updateWebhook,
  type WebhookRow,
} from "./store.ts";

export type SaveDeps = { readonly db: Db; readonly masterKey: MasterKey; readonly now: () => Instant };
export function createWebhook({ db, masterKey, now }: SaveDeps, input: NewWebhook): Promise<WebhookRow> {
  const { secret, ...fields } = input;
  checkUrl(fields);
  const known = secret === undefined ? makeSecret() : checkSecret(secret, "/secret");
  return db.transaction(async (tx) => {
    const id = await insertWebhook(tx, fields, now());
    await setSecrets(tx, id, { sealed: sealSecret(masterKey, id, known), previous: null, previousUntil: null });
    await announceChange(tx);
    return mustFind(tx, id);
  });
}

export function replaceWebhook(
  { db, now }: SaveDeps,
  id: number,
  input: WebhookInput,
  seen: Seen,
): Promise<WebhookRow> {
  checkUrl(input);
  return db.transaction(async (tx) => {
    await updateWebhook(tx, await lockSeen(tx, id, seen), input, now());
    await announceChange(tx);
    return mustFind(tx, id);
  });
}

/** With everything that was sent to it, and what waits. */
export async function removeWebhook({ db }: Pick<SaveDeps, "db">, id: number, seen: Seen): Promise<void> {
  await db.transaction(async (tx) => {
    await lockSeen(tx, id, seen);
    await deleteWebhook(tx, id);
  });
}

/** For so long both secrets sign; of three at once the oldest is dropped. */
export function rotateSecret(
  { db, masterKey, now }: SaveDeps,
  id: number,
  { secret, keepPrevious }: { readonly secret: string | undefined; readonly keepPrevious: Duration },
): Promise<WebhookRow> {
  const fresh = secret === undefined ? makeSecret() : checkSecret(secret, "/secret");
  return db.transaction(async (tx) => {
    const row = await lockSeen(tx, id, null);
    const previous = sealSecret(masterKey, id, openSecret(masterKey, id, row.sealedSecret));
    const previousUntil = now() + keepPrevious;
    await setSecrets(tx, id, { sealed: sealSecret(masterKey, id, fresh), previous, previousUntil });
    return mustFind(tx, id);
  });
}

async function lockSeen(tx: Tx, id: number, seen: Seen): Promise<WebhookRow> {
  const row = await lockWebhook(tx, id);
  if (row === null) throw appError("not-found", { what: "webhook", id });
  assertSeen(row.version, seen, `webhook ${id}`);
  return row;
}

async function mustFind(tx: Tx, id: number): Promise<WebhookRow> {
  const row = await findWebhook(tx, id);
  if (row === null) throw appError("not-found", { what: "webhook", id });
  return row;
}

/** Where a name leads is only known when something is sent; what cannot be meant is said at once. */
function checkUrl({ url }: Pick<WebhookInput, "url">): void {
  const { username, password, hash } = new URL(url);
  if (username === "" && password === "" && hash === "") return;
  const message = "A URL has no user, no password and no fragment here: requests are signed";
  throw appError("invalid-input", { detail: `/url: ${message}` }, [{ pointer: "/url", code: "invalid-url", message }]);
}
