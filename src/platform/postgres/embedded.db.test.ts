/** The embedded PostgreSQL through everything that can happen to it: other processes, kills, leftovers, taken ports. Real processes. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Client } from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";

import { removeSharedData } from "../../../test/e2e/envoi.ts";
import { childrenOf, databaseDir, isAlive, kill9, killDatabase, postmasterPid } from "../../../test/e2e/processes.ts";
import { until } from "../../../test/e2e/until.ts";
import { readIfThere } from "./access.ts";

const MODULE = new URL("./embedded.ts", import.meta.url).href;
const USER = `
  import { startEmbeddedPostgres } from ${JSON.stringify(MODULE)};
  try {
    const postgres = await startEmbeddedPostgres(process.argv[1], { settings: { fsync: "off", shared_buffers: "16MB" } });
    console.log("up " + postgres.url);
    process.stdin.once("data", async () => { await postgres.close(); process.exit(0); });
  } catch (error) {
    console.log("failed " + error.code + " " + error.message);
    process.exit(1);
  }`;

let dir: string;
let users: User[] = [];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "envoi-postgres-"));
  // Started by root, the server runs as somebody else, who has to get in.
  chmodSync(dir, 0o755);
});

afterEach(async () => {
  kill9(...users.map((user) => user.pid));
  users = [];
  killDatabase(dir);
  await until(() => postmasterPid(dir) === null);
  removeSharedData(dir);
  rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
});

type User = {
  readonly pid: number;
  readonly said: Promise<string>;
  readonly ended: Promise<unknown>;
  leave(): Promise<void>;
};

/** A process of its own that uses the database of this folder. */
function startUser(dataDir = dir): User {
  const args = ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", USER, dataDir];
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(child, "exit");
  let text = "";
  const said = new Promise<string>((resolve) => {
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      if (text.endsWith("\n")) resolve(text.trim());
    });
    void ended.then(() => resolve(text.trim()));
  });
  const user = {
    pid: child.pid ?? 0,
    said,
    ended,
    leave: async () => {
      child.stdin.write("leave\n");
      await ended;
    },
  };
  users.push(user);
  return user;
}

/** Its database, once it runs. */
async function urlOf(user: User): Promise<string> {
  const said = await user.said;
  expect(said).toMatch(/^up postgres:/);
  return said.slice(3);
}

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  client.on("error", () => {});
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

const KEEP = "create table kept (n int); insert into kept values (7)";
const ASK = "select n from kept";

test("made, started, stopped by its last user, and found again as it was", async () => {
  const first = startUser();
  await query(await urlOf(first), KEEP);
  const pid = postmasterPid(dir) ?? 0;
  await first.leave();
  expect(isAlive(pid)).toBe(false);
  expect(await query(await urlOf(startUser()), ASK)).toEqual([{ n: 7 }]);
});

test("a second process finds it running; it stops when both have left", async () => {
  const first = startUser();
  const url = await urlOf(first);
  const second = startUser();
  expect(await urlOf(second)).toBe(url);
  const pid = postmasterPid(dir) ?? 0;
  await first.leave();
  expect(await query(url, "select 1 as n")).toEqual([{ n: 1 }]);
  await second.leave();
  expect(isAlive(pid)).toBe(false);
});

test("processes that come at the same moment to an empty folder share one server", async () => {
  const urls = await Promise.all([startUser(), startUser(), startUser()].map(urlOf));
  expect(new Set(urls).size).toBe(1);
  await query(urls[0] ?? "", KEEP);
  expect(await query(urls[2] ?? "", ASK)).toEqual([{ n: 7 }]);
});

test("kill -9 of the server under its user: it comes back by itself, with what was committed", async () => {
  const url = await urlOf(startUser());
  await query(url, KEEP);
  const pid = postmasterPid(dir);
  killDatabase(dir);
  await until(() => ![null, pid].includes(postmasterPid(dir)));
  const rows = await until(() => query(url, ASK).catch(() => null));
  expect(rows).toEqual([{ n: 7 }]);
});

test("kill -9 of everything: the next start recovers", async () => {
  const user = startUser();
  await query(await urlOf(user), KEEP);
  kill9(user.pid);
  killDatabase(dir);
  expect(await query(await urlOf(startUser()), ASK)).toEqual([{ n: 7 }]);
});

test("users that die without leaving: the server is stopped all the same", async () => {
  const user = startUser();
  await urlOf(user);
  const pid = postmasterPid(dir) ?? 0;
  kill9(user.pid);
  await until(() => !isAlive(pid));
  expect(existsSync(join(databaseDir(dir), "postmaster.pid"))).toBe(false);
});

test("a postmaster.pid that names a process of somebody else is no obstacle", async () => {
  const user = startUser();
  await query(await urlOf(user), KEEP);
  kill9(user.pid);
  const file = join(databaseDir(dir), "postmaster.pid");
  const lines = readFileSync(file, "utf8").split("\n");
  killDatabase(dir);
  writeFileSync(file, [process.pid, ...lines.slice(1)].join("\n"));
  expect(await query(await urlOf(startUser()), ASK)).toEqual([{ n: 7 }]);
});

test("while a backend of a killed server still has the data open, no second server touches it", async () => {
  const user = startUser();
  const url = await urlOf(user);
  await query(url, KEEP);
  const client = new Client({ connectionString: url });
  client.on("error", () => {});
  await client.connect();
  const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
  const backend = rows[0]?.pid ?? 0;
  process.kill(backend, "SIGSTOP");
  kill9(user.pid);
  const server = postmasterPid(dir) ?? 0;
  const others = childrenOf(server).filter((pid) => pid !== backend);
  kill9(server, ...others);
  // The most hostile case: the file names a process that lives.
  const file = join(databaseDir(dir), "postmaster.pid");
  writeFileSync(file, [process.pid, ...readFileSync(file, "utf8").split("\n").slice(1)].join("\n"));
  const next = startUser();
  await until(() => /pre-existing shared memory|still in use/.test(readIfThere(join(dir, "postgres.log")) ?? ""));
  kill9(backend);
  expect(await query(await urlOf(next), ASK)).toEqual([{ n: 7 }]);
  await client.end().catch(() => {});
});

test("a port that somebody took meanwhile: another one", async () => {
  const user = startUser();
  const before = new URL(await urlOf(user));
  await user.leave();
  const server = createServer();
  await once(server.listen(Number(before.port), "127.0.0.1"), "listening");
  const after = new URL(await urlOf(startUser()));
  expect(after.port).not.toBe(before.port);
  server.close();
});

test("kill -9 during initdb leaves a folder that the next start can use", async () => {
  const user = startUser();
  const parent = dirname(await until(() => databaseDirWanted()));
  await until(() => existsSync(parent) && readdirSync(parent).some((name) => name.includes(".new-")));
  kill9(user.pid);
  await user.ended;
  expect(await query(await urlOf(startUser()), "select 1 as n")).toEqual([{ n: 1 }]);
  expect(readdirSync(parent).filter((name) => name.endsWith("data") || name === "postgres")).toHaveLength(1);
});

/** Where the data will lie; before initdb has ended nothing but the folder above it may be there. */
function databaseDirWanted(): string {
  return process.getuid?.() === 0 ? join(dir, "postgres", "data") : join(dir, "postgres");
}

test("started by root in a folder where nobody else may go: the data lies where the server's user may", async (context) => {
  if (process.getuid?.() !== 0) return context.skip("only root runs the server as somebody else");
  chmodSync(dir, 0o700);
  const [first, second] = [startUser(), startUser()];
  const url = await urlOf(first);
  expect(await urlOf(second)).toBe(url);
  const place = readFileSync(join(dir, "postgres-data"), "utf8").trim();
  expect(place).toMatch(/^\/var\/lib\/envoi\/data-/);
  expect(databaseDir(dir)).toBe(join(place, "data"));
  await query(url, KEEP);
  await first.leave();
  await second.leave();
  expect(await query(await urlOf(startUser()), ASK)).toEqual([{ n: 7 }]);
});

test("a data directory that is a file, or cannot be made, is said to be unusable", async () => {
  const file = join(dir, "file");
  writeFileSync(file, "");
  expect(await startUser(file).said).toMatch(/^failed data-dir-unusable .*file/);
  expect(await startUser(join(file, "below")).said).toMatch(/^failed data-dir-unusable .*file.below/);
});
