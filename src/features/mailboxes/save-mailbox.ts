/** Makes, changes and removes mailboxes, one change at a time. Whoever polls them acts on it at once. */
import type { MailboxInput } from "../../contract/mailboxes.ts";
import { DAY, type Instant, MINUTE, parseDuration, SECOND } from "../../core/time.ts";
import type { Db, Tx } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { assertSeen, type Seen } from "../../platform/if-match.ts";
import type { MasterKey } from "../../platform/seal.ts";
import { type Fail, mergeSecret, openSecret, type Secret, sealSecret } from "./secret.ts";
import {
  beginChange,
  deleteMailbox,
  findMailbox,
  insertMailbox,
  listMailboxes,
  type MailboxFields,
  type MailboxRow,
  setSecret,
  updateMailbox,
} from "./store.ts";

type Deps = { readonly db: Db; readonly masterKey: MasterKey; readonly now: () => Instant };
const PORTS = { pop3: { implicit: 995, other: 110 }, imap: { implicit: 993, other: 143 } };

export function createMailbox({ db, masterKey, now }: Deps, input: MailboxInput): Promise<MailboxRow> {
  return db.transaction(async (tx) => {
    await beginChange(tx);
    const { fields, secret } = check(input, null, masterKey, await listMailboxes(tx));
    const row = await insertMailbox(tx, fields, now());
    const sealedSecret = sealSecret(masterKey, row.id, secret);
    await setSecret(tx, row.id, sealedSecret);
    return { ...row, sealedSecret };
  });
}

export function replaceMailbox(
  { db, masterKey, now }: Deps,
  id: number,
  input: MailboxInput,
  seen: Seen,
): Promise<MailboxRow> {
  return db.transaction(async (tx) => {
    await beginChange(tx);
    const known = await findSeen(tx, id, seen);
    const others = (await listMailboxes(tx)).filter((other) => other.id !== id);
    const { fields, secret } = check(input, known, masterKey, others);
    await setSecret(tx, id, sealSecret(masterKey, id, secret));
    return updateMailbox(tx, id, fields, now());
  });
}

/** What lies on the server stays there. */
export async function removeMailbox({ db }: Pick<Deps, "db">, id: number, seen: Seen): Promise<void> {
  await db.transaction(async (tx) => {
    await beginChange(tx);
    await findSeen(tx, id, seen);
    await deleteMailbox(tx, id);
  });
}

async function findSeen(tx: Tx, id: number, seen: Seen): Promise<MailboxRow> {
  const known = await findMailbox(tx, id);
  if (known === null) throw appError("not-found", { what: "mailbox", id });
  assertSeen(known.version, seen, `the mailbox "${known.name}"`);
  return known;
}

/** Throws `invalid-input` with everything that is wrong. */
function check(
  input: MailboxInput,
  known: MailboxRow | null,
  masterKey: MasterKey,
  others: readonly MailboxRow[],
): { readonly fields: MailboxFields; readonly secret: Secret } {
  const errors: { pointer: string; code: string; message: string }[] = [];
  const fail: Fail = (pointer, code, message) => void errors.push({ pointer, code, message });
  const fields = fieldsOf(input, fail);
  if (others.some(({ name }) => name.toLowerCase() === fields.name.toLowerCase())) {
    fail("/name", "taken", `There is a mailbox "${fields.name}" already`);
  }
  const same = others.find((other) => placeOf(other) === placeOf(fields));
  if (same) fail("/user", "in-use", `The mailbox "${same.name}" is the same one`);
  const stays = known !== null && guardOf(known) === guardOf(fields);
  const secret = mergeSecret(
    input.auth,
    stays ? { secret: openSecret(masterKey, known), refresh: known.refresh } : null,
    fail,
  );
  if (errors.length > 0) {
    const detail = errors.map(({ pointer, message }) => `${pointer}: ${message}`).join("; ");
    throw appError("invalid-input", { detail }, errors);
  }
  return { fields, secret };
}

function fieldsOf(input: MailboxInput, fail: Fail): MailboxFields {
  const { auth, every, port, folder, ...rest } = input;
  const pause = parseDuration(every) ?? 0;
  if (pause < MINUTE || pause > DAY) fail("/every", "out-of-range", "From 1m to 1d");
  const refresh = auth.kind === "oauth2" ? (auth.refresh ?? null) : null;
  if (refresh !== null) checkTokenUrl(refresh.tokenUrl, fail);
  return {
    ...rest,
    host: rest.host.toLowerCase(),
    port: port ?? PORTS[input.protocol][input.tls === "implicit" ? "implicit" : "other"],
    auth: auth.kind,
    refresh: refresh && { tokenUrl: refresh.tokenUrl, clientId: refresh.clientId, scope: refresh.scope ?? null },
    // POP3 has but one
    folder: input.protocol === "pop3" ? "INBOX" : folder,
    everySeconds: pause / SECOND,
  };
}

function checkTokenUrl(text: string, fail: Fail): void {
  const url = new URL(text);
  const isLocal = /^(localhost|127\.[\d.]+|\[::1\])$/.test(url.hostname);
  if (url.protocol !== "https:" && !isLocal) {
    fail("/auth/refresh/tokenUrl", "invalid", "Tokens go over https only");
  } else if (url.username !== "" || url.password !== "") {
    fail("/auth/refresh/tokenUrl", "credentials", "The client's secret does not belong into the address");
  }
}

/** Looked into by two, each mail would count twice. */
function placeOf({
  protocol,
  host,
  user,
  folder,
}: Pick<MailboxFields, "protocol" | "host" | "user" | "folder">): string {
  return JSON.stringify([protocol, host, user.toLowerCase(), folder]);
}

/** Where a secret goes and how: it was given for that and nothing else. */
function guardOf({ host, port, user, tls, verifyCertificate, protocol, auth }: MailboxFields): string {
  return JSON.stringify([protocol, host, port, user, tls, verifyCertificate, auth]);
}
