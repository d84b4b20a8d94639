/**
 * Copies in a folder of an IMAP server (RFC 9051, RFC 3501), in order of their UIDs. The folder is opened read-only and messages are
 * peeked at, so nothing is marked as seen. A connection that breaks is made again, as often as it goes on from where it was; the UIDs,
 * and no message, are in memory: 50 bytes each.
 */
import type { ImapFlow } from "imapflow";
import { setTimeout } from "node:timers/promises";

import { isLoopback } from "../../core/address/is-loopback.ts";
import type { ArchiveItem } from "../../core/archive/compare-copies.ts";
import { DAY, type Instant, SECOND } from "../../core/time.ts";
import { AppError, appError, errorText } from "../../platform/errors.ts";
import { createImapClient } from "./imap-client.ts";
import { MAX_COPY_BYTES, TOO_LARGE } from "./limits.ts";
import type { MailboxUrl } from "./mailbox-url.ts";

/** Asked for with one command. */
const BATCH = 50;
/** Before a broken connection is made again; one after the other as long as nothing new comes. */
const WAITS = [0, SECOND, 5 * SECOND];
const RENUMBERED = "the server numbered its messages anew meanwhile (UIDVALIDITY)";
const SILENCE_MS = 120_000;

export type ImapOptions = {
  readonly password: string;
  /** Nothing can be a copy that came before. */
  readonly since: Instant;
  /** Any certificate will do, or no TLS at all. */
  readonly insecure: boolean;
};

type Folder = { readonly client: ImapFlow; readonly validity: bigint };
type Uids = { readonly wanted: readonly number[]; readonly tooLarge: readonly number[] };

/** Throws `archive-unreadable`; its text never has the password. */
export async function* readImapFolder(url: MailboxUrl, options: ImapOptions): AsyncGenerator<ArchiveItem> {
  try {
    const folder = await openFolder(url, options);
    const { wanted, tooLarge } = await search(folder.client, options.since).catch((error: unknown) => {
      folder.client.close();
      throw error;
    });
    yield* fetchAll(folder, wanted, () => openFolder(url, options, folder.validity));
    for (const uid of tooLarge) yield { kind: "unreadable", where: `UID ${uid}`, detail: TOO_LARGE };
  } catch (error) {
    throw unreadable(url, error);
  }
}

async function* fetchAll(
  folder: Folder,
  uids: readonly number[],
  reopen: () => Promise<Folder>,
): AsyncGenerator<ArchiveItem> {
  let client: ImapFlow | null = folder.client;
  let failures = 0;
  try {
    for (let at = 0; at < uids.length; at += BATCH) {
      for (let rest = new Set(uids.slice(at, at + BATCH)); rest.size > 0; ) {
        try {
          client ??= (await reopen()).client;
          for await (const item of fetchSome(client, rest)) {
            failures = 0;
            yield item;
          }
          // what did not come is no longer there
          rest = new Set();
        } catch (error) {
          client?.close();
          client = null;
          const wait = error instanceof AppError ? undefined : WAITS[failures++];
          if (wait === undefined) throw error;
          await setTimeout(wait);
        }
      }
    }
  } finally {
    // by closing, not with LOGOUT: a batch may still be on its way to somebody who no longer wants it
    client?.close();
  }
}

/** Takes from `rest` what came. */
async function* fetchSome(client: ImapFlow, rest: Set<number>): AsyncGenerator<ArchiveItem> {
  for await (const { uid, source } of client.fetch([...rest], { uid: true, source: true }, { uid: true })) {
    if (!rest.delete(uid)) continue;
    const where = `UID ${uid}`;
    yield source
      ? { kind: "message", where, bytes: source, named: null, mayBeQuoted: false }
      : { kind: "unreadable", where, detail: "the server gave no text" };
  }
  if (!client.usable) throw new Error("the connection broke");
}

/** By the day the server took them (RFC 9051 §6.4.4), a day earlier for clocks and time zones. */
async function search(client: ImapFlow, since: Instant): Promise<Uids> {
  const from = { since: new Date(since - DAY) };
  const wanted = await client.search({ ...from, smaller: MAX_COPY_BYTES + 1 }, { uid: true });
  const tooLarge = wanted && (await client.search({ ...from, larger: MAX_COPY_BYTES }, { uid: true }));
  if (wanted && tooLarge) return { wanted, tooLarge };
  // a server that cannot search lists all it has
  const sizes: Uids & Record<"wanted" | "tooLarge", number[]> = { wanted: [], tooLarge: [] };
  for await (const { uid, size = 0 } of client.fetch("1:*", { uid: true, size: true })) {
    sizes[size > MAX_COPY_BYTES ? "tooLarge" : "wanted"].push(uid);
  }
  if (!client.usable) throw new Error("the connection broke");
  sizes.wanted.sort((a, b) => a - b);
  return sizes;
}

/** Throws an `AppError` when the server's numbers are no longer those of `validity`. */
async function openFolder(
  url: MailboxUrl,
  { password, insecure }: ImapOptions,
  validity: bigint | null = null,
): Promise<Folder> {
  const { host, port, implicitTls, user } = url;
  const local = !implicitTls && isLoopback(host);
  // the password goes over a network in the clear only if that is asked for
  const startTls = implicitTls || local || insecure ? "if-offered" : "required";
  const client = createImapClient({
    host,
    port,
    implicitTls,
    startTls,
    verifyCertificate: !insecure && !local,
    auth: { user, pass: password },
    silence: SILENCE_MS,
  });
  try {
    await client.connect();
    const { uidValidity } = await client.mailboxOpen([...url.folder], { readOnly: true });
    if (validity !== null && validity !== uidValidity) {
      throw appError("archive-unreadable", { what: url.shown, detail: RENUMBERED });
    }
    return { client, validity: uidValidity };
  } catch (error) {
    client.close();
    throw error;
  }
}

function unreadable({ shown }: MailboxUrl, error: unknown): AppError {
  if (error instanceof AppError) return error;
  const refused = error instanceof Error && "authenticationFailed" in error ? "user or password refused: " : "";
  const reply = error instanceof Error && "responseText" in error ? String(error.responseText) : errorText(error);
  return appError("archive-unreadable", { what: shown, detail: refused + reply });
}
