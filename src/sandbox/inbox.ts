/**
 * What arrived in the sandbox, kept for the inbox page: the newest messages with their bytes, older ones are dropped. Receiving
 * never waits for the database: while messages pour in they gather here, and only those that would be kept anyway are written.
 */
import PostalMime from "postal-mime";

import { type Duration, type Instant, SECOND } from "../core/time.ts";
import { type Db, isTransientDbError, timestamp } from "../platform/db.ts";
import { errorText } from "../platform/errors.ts";
import type { Log } from "../platform/log.ts";
import type { LaterReport } from "./later.ts";
import type { SandboxMessage } from "./server.ts";

/** Messages kept, and so the most that are worth gathering. */
const KEEP = 2000;
const MAX_QUEUED_BYTES = 64 * 1024 * 1024;
/** Rows of one statement. */
const CHUNK = 250;
/** Writes when this long nothing came, but no later than `PATIENCE` after the first message. */
const QUIET: Duration = 300;
const PATIENCE: Duration = 3 * SECOND;

export type Inbox = {
  readonly add: (batch: readonly SandboxMessage[]) => void;
  /** Resolves when everything gathered so far is written. */
  readonly flush: () => Promise<void>;
  /** Messages that were never written because newer ones pushed them out. */
  readonly skipped: () => number;
  /** Writes what is left, then stops. */
  readonly close: () => Promise<void>;
};

export type InboxOptions = { readonly log?: Pick<Log, "warn"> };

export function createInbox(db: Db, options: InboxOptions = {}): Inbox {
  const queue = new MessageQueue();
  let closed = false;
  let quiet: NodeJS.Timeout | undefined;
  let patience: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();

  const write = async (): Promise<void> => {
    const batch = queue.takeAll();
    if (batch.length === 0) return;
    try {
      await store(db, batch);
    } catch (error) {
      options.log?.warn({ error: errorText(error) }, "sandbox inbox not written");
      if (closed || !isTransientDbError(error)) return queue.skip(batch.length);
      queue.putBack(batch);
      arm(PATIENCE);
    }
  };
  const flush = (): Promise<void> => {
    clearTimeout(quiet);
    clearTimeout(patience);
    patience = undefined;
    writing = writing.then(write);
    return writing;
  };
  const arm = (wait: Duration): void => {
    clearTimeout(quiet);
    quiet = setTimeout(() => void flush(), wait);
    patience ??= setTimeout(() => void flush(), PATIENCE);
  };
  return {
    add: (batch) => {
      if (closed || batch.length === 0) return;
      queue.push(batch);
      arm(QUIET);
    },
    flush,
    skipped: () => queue.skipped,
    close: async () => {
      closed = true;
      await flush();
    },
  };
}

/** The newest messages, within bounds; the oldest give way. Trimmed now and then, so that adding one stays cheap. */
class MessageQueue {
  skipped = 0;
  #messages: SandboxMessage[] = [];
  #bytes = 0;

  push(batch: readonly SandboxMessage[]): void {
    for (const message of batch) {
      this.#messages.push(message);
      this.#bytes += message.raw.length;
    }
    if (this.#messages.length > 2 * KEEP || this.#bytes > 2 * MAX_QUEUED_BYTES) this.#trim();
  }

  /** What was taken and not written: older than what came since. */
  putBack(batch: readonly SandboxMessage[]): void {
    this.push([...batch, ...this.takeAll()]);
  }

  skip(n: number): void {
    this.skipped += n;
  }

  takeAll(): readonly SandboxMessage[] {
    this.#trim();
    const taken = this.#messages;
    this.#messages = [];
    this.#bytes = 0;
    return taken;
  }

  #trim(): void {
    let from = this.#messages.length;
    let bytes = 0;
    while (from > 0 && this.#messages.length - from < KEEP) {
      const size = this.#messages[from - 1]?.raw.length ?? 0;
      if (bytes + size > MAX_QUEUED_BYTES) break;
      bytes += size;
      from -= 1;
    }
    this.skip(from);
    this.#messages = this.#messages.slice(from);
    this.#bytes = bytes;
  }
}

async function store(db: Db, batch: readonly SandboxMessage[]): Promise<void> {
  await db.transaction(async (tx) => {
    for (let from = 0; from < batch.length; from += CHUNK) {
      const rows = batch.slice(from, from + CHUNK);
      await tx.query(
        `insert into sandbox_messages (at, mail_from, rcpt_to, domain, subject, size, raw)
         select * from unnest($1::timestamptz[], $2::text[], $3::text[], $4::text[], $5::text[], $6::int[], $7::bytea[])`,
        [
          rows.map((m) => timestamp(m.at)),
          rows.map((m) => storable(m.mailFrom)),
          rows.map((m) => storable(m.rcptTo)),
          rows.map((m) => storable(m.domain)),
          await Promise.all(rows.map((m) => subjectOf(m.raw))),
          rows.map((m) => m.raw.length),
          rows.map((m) => Buffer.from(m.raw.buffer, m.raw.byteOffset, m.raw.byteLength)),
        ],
      );
    }
    await tx.query("delete from sandbox_messages where id <= (select max(id) from sandbox_messages) - $1", [KEEP]);
  });
}

/** PostgreSQL text holds no NUL. */
function storable(text: string): string {
  return text.replaceAll("\u0000", "\ufffd");
}

const HEAD = 16 * 1024;

async function subjectOf(raw: Uint8Array): Promise<string> {
  const head = Buffer.from(raw.buffer, raw.byteOffset, Math.min(raw.byteLength, HEAD));
  const end = head.indexOf("\r\n\r\n");
  const parsed = await PostalMime.parse(end < 0 ? head : head.subarray(0, end + 4)).catch(() => null);
  return storable(parsed?.subject ?? "");
}

export type InboxItem = {
  readonly id: number;
  readonly at: Instant;
  readonly kind: "message" | "bounce" | "complaint";
  readonly mailFrom: string;
  readonly rcptTo: string;
  readonly subject: string;
  readonly size: number;
};

export type InboxQuery = {
  /** `nextCursor` of the page before. */
  readonly cursor?: number | undefined;
  readonly limit: number;
  /** Part of the recipient's address. */
  readonly recipient?: string | undefined;
  /** Addresses in lower case: mail to and from them is left out, and so are reports that name them. */
  readonly except?: readonly string[] | undefined;
};

const COLUMNS = `id, at, mail_from as "mailFrom", rcpt_to as "rcptTo", subject, size,
  case when mail_from = '' then 'bounce' when mail_from like 'fbl@mx.%' then 'complaint' else 'message' end as kind`;

/** `param` is that of the addresses. Only reports say in their text where mail went: bounces name the recipient that refused it. */
const notOf = (param: string) => `not exists (
  select from unnest(${param}::text[]) as e(address)
   where lower(rcpt_to) = e.address or lower(mail_from) = e.address
      or ((mail_from = '' or mail_from like 'fbl@mx.%')
          and position(encode(convert_to(e.address, 'UTF8'), 'escape') in lower(encode(raw, 'escape'))) > 0))`;

/** Newest first. */
export async function listInbox(db: Db, query: InboxQuery): Promise<{ data: InboxItem[]; nextCursor: number | null }> {
  const rows = await db.query<InboxItem>(
    `select ${COLUMNS} from sandbox_messages
     where ($1::bigint is null or id < $1) and ($2::text is null or position(lower($2) in lower(rcpt_to)) > 0)
       and ${notOf("$4")}
     order by id desc limit $3`,
    [query.cursor ?? null, query.recipient || null, query.limit + 1, query.except ?? []],
  );
  const data = rows.slice(0, query.limit);
  return { data, nextCursor: rows.length > data.length ? (data.at(-1)?.id ?? null) : null };
}

export type InboxMessage = InboxItem & {
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  /** As sent: to be shown in a frame that runs no scripts. */
  readonly html: string | null;
  readonly text: string | null;
  readonly raw: Uint8Array;
};

/** `except` as in `InboxQuery`. */
export async function getInboxMessage(
  db: Db,
  id: number,
  except: readonly string[] = [],
): Promise<InboxMessage | null> {
  const [row] = await db.query<InboxItem & { raw: Buffer }>(
    `select ${COLUMNS}, raw from sandbox_messages where id = $1 and ${notOf("$2")}`,
    [id, except],
  );
  if (!row) return null;
  const parsed = await PostalMime.parse(row.raw).catch(() => null);
  return {
    ...row,
    headers: parsed?.headers.map(({ originalKey, value }) => ({ name: originalKey, value })) ?? [],
    html: parsed?.html ?? null,
    text: parsed?.text ?? null,
  };
}

/** A report as the inbox keeps it, when nothing else takes it. */
export function reportToMessage(report: LaterReport, at: Instant): SandboxMessage {
  return {
    at,
    mailFrom: report.mailFrom,
    rcptTo: report.rcptTo,
    domain: report.rcptTo.slice(report.rcptTo.lastIndexOf("@") + 1).toLowerCase(),
    raw: report.raw,
  };
}
