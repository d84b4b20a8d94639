/**
 * A mailbox by IMAP (RFC 9051, RFC 3501). A mail is named by UIDVALIDITY and UID, which are never used again. Messages are peeked at;
 * what is deleted is deleted alone, even where the server lacks UIDPLUS (RFC 4315).
 */
import type { ImapFlow } from "imapflow";

import { MINUTE } from "../../core/time.ts";
import { errorCode, errorText } from "../../platform/errors.ts";
import {
  type Fetched,
  type ListedMail,
  MailboxError,
  type MailboxServer,
  type MailboxSession,
  type Removed,
} from "../../platform/mailbox.ts";
import { createImapClient } from "../mailbox/imap-client.ts";
import { SESSION_MS } from "./open-pop3.ts";

/** Asked for with one command; each is taken before the next one is read. */
const BATCH = 50;
/** Deleted with one command. */
const REMOVE_BATCH = 500;
/** Some are read at once, and none that is stored is larger than 25 MB. */
const LITERAL_MAX = 32 * 1024 * 1024;
/** Mails of a folder. */
const LIST_MAX = 1_000_000;
/** Answers about mails that nobody asked for, of one command: flags that others change. */
const UNASKED_MAX = 1000;
/** RFC 9051 §2.3.1.1: 32 bits. */
const UID_MAX = 0xffff_ffff;
/** The mails of a session may have to be processed before they are deleted. */
const SILENCE_MS = 5 * MINUTE;

export async function openImap(server: MailboxServer, signal?: AbortSignal): Promise<MailboxSession> {
  const { host, port, tls, verifyCertificate, user, login, folder } = server;
  const client = createImapClient({
    host,
    port,
    implicitTls: tls === "implicit",
    startTls: tls === "starttls" ? "required" : "never",
    verifyCertificate,
    auth: login.kind === "token" ? { user, accessToken: login.accessToken } : { user, pass: login.password },
    silence: SILENCE_MS,
    literalMax: LITERAL_MAX,
  });
  const life = new Life(client, server);
  const timer = setTimeout(() => life.end(new MailboxError("unreachable", "the server takes too long")), SESSION_MS);
  const stop = () => life.end(new MailboxError("stopped", "the look was stopped"));
  const close = () => {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
    stop();
  };
  signal?.addEventListener("abort", stop);
  try {
    if (signal?.aborted) stop();
    const validity = await life.say(async () => {
      await client.connect();
      const { uidValidity } = await client.mailboxOpen(folder);
      if (!uidValidity) throw broken("it gives no UIDVALIDITY, so that no mail could be told from another");
      return uidValidity;
    });
    return {
      list: () => life.say(() => list(client, validity)),
      fetch: (refs, maxBytes) => life.sayAll(fetchMails(client, refs, maxBytes)),
      removeAndEnd: (refs) => life.say(() => removeAndEnd(client, refs)).finally(close),
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** Of one connection: what ended it, and its errors in our words. */
class Life {
  readonly #client: ImapFlow;
  readonly #server: MailboxServer;
  #ended: MailboxError | null = null;
  /** What ended the connection; commands that wait only hear that there is none. */
  #broke: Error | null = null;

  constructor(client: ImapFlow, server: MailboxServer) {
    this.#client = client;
    this.#server = server;
    client.on("error", (error: Error) => (this.#broke ??= error));
  }

  /** By closing, not with LOGOUT: a mail may still be on its way. */
  end(why: MailboxError): void {
    this.#ended ??= why;
    this.#client.close();
  }

  async say<T>(work: () => Promise<T>): Promise<T> {
    try {
      if (this.#ended !== null) throw this.#ended;
      return await work();
    } catch (error) {
      throw this.#explain(error);
    }
  }

  async *sayAll<T>(items: AsyncIterable<T>): AsyncGenerator<T> {
    try {
      yield* items;
    } catch (error) {
      throw this.#explain(error);
    }
  }

  #explain(caught: unknown): MailboxError {
    if (this.#ended !== null) return this.#ended;
    if (caught instanceof MailboxError && (caught.problem !== "unreachable" || this.#broke === null)) return caught;
    const error = caught instanceof Error && "responseText" in caught ? caught : (this.#broke ?? caught);
    if (TOO_MUCH.test(errorCode(error))) return broken(errorText(error));
    const { host, port, login } = this.#server;
    const secret = login.kind === "token" ? login.accessToken : login.password;
    const reply = error instanceof Error && "responseText" in error ? String(error.responseText) : errorText(error);
    const said = reply
      .replaceAll(secret, "***")
      .replaceAll(/[^\x20-\x7e]/g, "?")
      .slice(0, 300);
    if (error instanceof Error && "authenticationFailed" in error) {
      return new MailboxError("login", `user, password or token refused: ${said}`);
    }
    if (error instanceof Error && "responseText" in error) {
      return new MailboxError("refused", `the server refuses that: ${said}`);
    }
    const isTls =
      /^(ERR_TLS|ERR_SSL|EPROTO|CERT_|UNABLE_TO|DEPTH_|SELF_SIGNED|HOSTNAME_MISMATCH)/.test(errorCode(error)) ||
      /STARTTLS/.test(said);
    return new MailboxError(isTls ? "tls" : "unreachable", `${host}:${port}: ${said}`, { cause: error });
  }
}

/** Of the IMAP client. */
const TOO_MUCH = /^(LineTooLarge|LiteralTooLarge|ResponseTooLarge|MAX_IMAP_NESTING_REACHED)$/;

function broken(what: string): MailboxError {
  return new MailboxError("protocol", `the server does not speak IMAP as it should: ${what}`);
}

async function list(client: ImapFlow, validity: bigint): Promise<readonly ListedMail[]> {
  const mails = new Map<number, { readonly seq: number; readonly mail: ListedMail }>();
  if (client.mailbox === false || client.mailbox.exists === 0) return [];
  for await (const { seq, uid, size } of client.fetch("1:*", { uid: true, size: true })) {
    // flags that somebody changes meanwhile
    if (uid === undefined) continue;
    if (!Number.isInteger(uid) || uid < 1 || uid > UID_MAX) throw broken("a UID is no number");
    const known = mails.get(uid);
    // With a name that two have, the one that nobody has stored would be deleted with the other.
    if (known !== undefined && known.seq !== seq) throw broken(`two mails have the UID ${uid}`);
    const bytes = Number.isSafeInteger(size) ? (size ?? 0) : 0;
    mails.set(uid, { seq, mail: { ref: uid, uid: `${validity}:${uid}`, size: bytes } });
    if (mails.size > LIST_MAX) throw broken(`it lists more than ${LIST_MAX} mails`);
  }
  mustBeUsable(client);
  return [...mails.values()].map(({ mail }) => mail).toSorted((a, b) => a.ref - b.ref);
}

async function* fetchMails(client: ImapFlow, refs: readonly number[], maxBytes: number): AsyncGenerator<Fetched> {
  // one more than wanted tells that there is more
  const source = { start: 0, maxLength: maxBytes + 1 };
  for (let at = 0; at < refs.length; at += BATCH) {
    const rest = new Set(refs.slice(at, at + BATCH));
    let unasked = 0;
    for await (const mail of client.fetch([...rest], { uid: true, source }, { uid: true })) {
      if (!mail.source || !rest.delete(mail.uid)) {
        if (++unasked > UNASKED_MAX) throw broken("it answers what nobody asked, without end");
        continue;
      }
      yield { ref: mail.uid, mail: mail.source.length > maxBytes ? "too-large" : mail.source };
    }
    mustBeUsable(client);
    for (const ref of rest) yield { ref, mail: "gone" };
  }
}

async function removeAndEnd(client: ImapFlow, refs: readonly number[]): Promise<Removed> {
  const kept = new Set<number>();
  for (let at = 0; at < refs.length; at += REMOVE_BATCH) {
    const some = refs.slice(at, at + REMOVE_BATCH);
    const range = some.join(",");
    if (await mayExpunge(client, some)) await client.messageDelete(range, { uid: true });
    else await client.messageFlagsAdd(range, ["\\Deleted"], { uid: true });
    for (const uid of (await client.search({ uid: range }, { uid: true })) || some) kept.add(uid);
    mustBeUsable(client);
  }
  await client.logout();
  return { kept, why: kept.size > 0 ? "the server keeps what it was asked to delete" : null };
}

/** Without UIDPLUS everything goes that anybody marked as deleted: only if nobody else did. */
async function mayExpunge(client: ImapFlow, refs: readonly number[]): Promise<boolean> {
  if (client.capabilities.has("UIDPLUS")) return true;
  const marked = await client.search({ deleted: true }, { uid: true });
  return marked !== false && marked !== undefined && marked.every((uid) => refs.includes(uid));
}

/** The client ends what it was reading when a connection breaks, as if that had been all. */
function mustBeUsable(client: ImapFlow): void {
  if (!client.usable) throw new MailboxError("unreachable", "the connection broke");
}
