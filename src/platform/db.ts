/**
 * PostgreSQL, the ground everything stands on. Stores take `Db` (or a `Tx`) first and write SQL.
 * Instants come back as epoch milliseconds, bigint ids as numbers (they stay below 2^53).
 */
import { types, Client, Pool, type ClientBase, type PoolClient } from "pg";

import { arrayLiteral } from "./array-literal.ts";
import { appError, errorCode, errorText } from "./errors.ts";

type Row = Record<string, unknown>;

export type Queryable = {
  /** Rows of one statement. */
  query<R = Row>(sql: string, params?: readonly unknown[], options?: QueryOptions): Promise<R[]>;
};

export type QueryOptions = {
  /**
   * A name for this text alone: each connection parses it once, and soon plans it once. For what comes many times a second and has one best plan,
   * whatever the values.
   */
  readonly name: string;
};

/** Inside a transaction. `client` is for COPY and cursors. */
export type Tx = Queryable & { readonly client: ClientBase };

export type Db = Queryable & {
  /** Runs `work` in a transaction; rolls back when it throws. */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** One connection for as long as `work` runs, without a transaction. */
  withClient<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /**
   * Calls back for every NOTIFY on the channel, on a connection of its own that reopens by itself.
   * `onMessage("")` is called after each (re)connect, because notifications may have been missed.
   */
  listen(channel: string, onMessage: (payload: string) => void): Promise<Listener>;
  /**
   * Takes a named lock that all processes on this database share, held by a connection of its own; null when somebody
   * else has it. `onLost`: the connection broke, and with it the lock.
   */
  tryLock(name: string, onLost: () => void): Promise<Listener | null>;
  readonly url: string;
  close(): Promise<void>;
};

export type Listener = { close(): Promise<void> };

const INT8 = 20;
const INT8_ARRAY = 1016;
const TIMESTAMPTZ = 1184;

const parsers = {
  getTypeParser(oid: number, format?: "text" | "binary") {
    if (oid === INT8) return Number;
    if (oid === INT8_ARRAY) return (text: string) => (text === "{}" ? [] : text.slice(1, -1).split(",").map(Number));
    if (oid === TIMESTAMPTZ) return (text: string) => new Date(text).getTime();
    return types.getTypeParser(oid, format as "text");
  },
} as typeof types;

export type OpenDbOptions = { readonly poolSize?: number; readonly applicationName?: string };

/** Opens a pool and checks the server: reachable, login accepted, version ≥ 15. */
export async function openDb(url: string, options: OpenDbOptions = {}): Promise<Db> {
  const connection = {
    connectionString: url,
    application_name: options.applicationName ?? "envoi",
    types: parsers,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  };
  const pool = new Pool({ ...connection, max: options.poolSize ?? 10, idleTimeoutMillis: 30_000 });
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on("error", () => {});
  const db: Db = {
    url,
    query: (sql, params, options) => run(pool, sql, params, options),
    transaction: (work) => inTransaction(pool, work),
    withClient: (work) => withClient(pool, (client) => work(asTx(client))),
    listen: (channel, onMessage) => listen(connection, channel, onMessage),
    tryLock: (name, onLost) => tryLock(connection, name, onLost),
    close: () => pool.end(),
  };
  try {
    const [row] = await db.query<{ version: string }>("select current_setting('server_version_num') as version");
    if (Number(row?.version) < 150000) throw appError("database-too-old", { version: String(row?.version) });
  } catch (error) {
    await pool.end();
    throw asDatabaseError(error);
  }
  return db;
}

function asTx(client: ClientBase): Tx {
  return {
    client,
    query: (sql, params, options) => run(client, sql, params, options),
  };
}

async function run<R>(
  client: Pool | ClientBase,
  text: string,
  params?: readonly unknown[],
  options?: QueryOptions,
): Promise<R[]> {
  const { rows } = await client.query({ ...options, text }, literals(params));
  return rows as R[];
}

function literals(params: readonly unknown[] | undefined): unknown[] | undefined {
  return params?.map((value) => (Array.isArray(value) ? (arrayLiteral(value) ?? value) : value));
}

async function withClient<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  const onError = (error: Error) => {
    broken = error;
  };
  client.on("error", onError);
  try {
    return await work(client);
  } finally {
    client.off("error", onError);
    client.release(broken);
  }
}

function inTransaction<T>(pool: Pool, work: (tx: Tx) => Promise<T>): Promise<T> {
  return withClient(pool, async (client) => {
    await client.query("begin");
    try {
      const result = await work(asTx(client));
      await client.query("commit");
      return result;
    } catch (error) {
      await client.query("rollback").catch(() => {});
      throw error;
    }
  });
}

async function listen(connection: object, channel: string, onMessage: (payload: string) => void): Promise<Listener> {
  let closed = false;
  let client: Client | null = null;
  let retry: NodeJS.Timeout | undefined;
  const open = async (): Promise<void> => {
    const next = new Client(connection);
    next.on("error", () => {});
    next.on("end", () => {
      if (!closed) retry = setTimeout(() => void open().catch(() => {}), 500);
    });
    next.on("notification", (message) => onMessage(message.payload ?? ""));
    client = next;
    await next.connect();
    await next.query(`listen ${channel}`);
    onMessage("");
  };
  await open();
  return {
    close: async () => {
      closed = true;
      clearTimeout(retry);
      await client?.end().catch(() => {});
    },
  };
}

async function tryLock(connection: object, name: string, onLost: () => void): Promise<Listener | null> {
  const client = new Client(connection);
  client.on("error", () => {});
  await client.connect();
  const { rows } = await client.query("select pg_try_advisory_lock(hashtextextended($1, 0)) as won", [name]);
  if (!rows[0]?.won) {
    await client.end();
    return null;
  }
  client.on("end", onLost);
  return {
    close: async () => {
      client.off("end", onLost);
      await client.end().catch(() => {});
    },
  };
}

/** Translates what the driver throws on connecting into the catalogue. */
export function asDatabaseError(error: unknown): unknown {
  const code = errorCode(error);
  if (code === "28P01" || code === "28000") return appError("database-login-failed", { detail: errorText(error) });
  if (/^(ECONN|ENOTFOUND|EAI_|ETIMEDOUT|EHOST|ENETUNREACH|57P|3D000)/.test(code) || /timeout/i.test(errorText(error))) {
    return appError("database-unreachable", { detail: errorText(error) });
  }
  return error;
}

/** True for errors after which the same work succeeds once the server is back or the lock is free. */
export function isTransientDbError(error: unknown): boolean {
  const code = errorCode(error);
  return (
    /^(08|57P|53|40)/.test(code) ||
    /^(ECONN|EPIPE|ETIMEDOUT)/.test(code) ||
    /Connection terminated|timeout exceeded|not queryable|connection error/i.test(errorText(error))
  );
}

/** A timestamptz parameter. */
export function timestamp(at: number): Date {
  return new Date(at);
}

/** A text from outside as a parameter: PostgreSQL text cannot hold NUL. */
export function storable(text: string, most: number): string {
  return text.replaceAll("\0", "�").slice(0, most);
}
