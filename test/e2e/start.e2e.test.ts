/** What keeps Envoi from starting is said in one sentence, with an exit code, and nothing is touched. */
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";

import { createTestDatabase, type TestDatabase } from "../database.ts";
import { makeTestDir, runEnvoi, startEnvoi, type Ended, type Env, type TestDir } from "./envoi.ts";

let dir: TestDir;
let database: TestDatabase;
let env: Env;

beforeAll(async () => {
  dir = makeTestDir();
  database = await createTestDatabase();
  env = {
    DATABASE_URL: database.url,
    ENVOI_DATA_DIR: dir.path,
    ENVOI_SENDERS: "1",
    PORT: "0",
    // The same for every data directory of the tests on this database.
    ENVOI_SECRET_KEY: "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
  };
});
afterAll(async () => {
  await database.drop();
  dir.remove();
});

function expectSentence(ended: Ended, exit: number, says: RegExp): void {
  expect(ended.stderr).toMatch(says);
  expect(ended.code, ended.stderr).toBe(exit);
  expect(ended.stderr).not.toMatch(/\n\s+at |unexpected error|\[object/);
  expect(ended.stderr.trim().split("\n")).toHaveLength(1);
}

function otherDatabase(change: (url: URL) => void): string {
  const url = new URL(database.url);
  change(url);
  return url.href;
}

test("a wrong password in DATABASE_URL", async () => {
  const url = otherDatabase((u) => (u.password = "wrong"));
  const ended = await runEnvoi(["start"], { ...env, DATABASE_URL: url });
  expectSentence(ended, 1, /The database refused the login .*password.* Check user and password in DATABASE_URL/);
  expect(ended.stderr).not.toContain("wrong@");
});

test("a database server that is not there", async () => {
  const server = createServer();
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const url = otherDatabase((u) => (u.port = String(port)));
  const ended = await runEnvoi(["start"], { ...env, DATABASE_URL: url });
  expectSentence(ended, 1, /The database cannot be reached .*ECONNREFUSED/);
});

test("a database that does not exist on the server", async () => {
  const url = otherDatabase((u) => (u.pathname = "/nowhere"));
  const ended = await runEnvoi(["start"], { ...env, DATABASE_URL: url });
  expectSentence(ended, 1, /The database cannot be reached .*nowhere/);
});

test("data of a newer version is refused and stays as it is", async () => {
  const other = await createTestDatabase();
  await other.db.query("insert into schema_migrations (name, run_on) values ('9999_from_the_future', now())");
  const ended = await runEnvoi(["start"], { ...env, DATABASE_URL: other.url });
  expectSentence(ended, 1, /written by a newer Envoi.*9999_from_the_future/);
  expect(await other.db.query("select 1 from schema_migrations where name like '9999%'")).toHaveLength(1);
  await other.drop();
});

test("a port that another program has", async () => {
  const server = createServer();
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const ended = await runEnvoi(["start"], { ...env, PORT: String(port) });
  expectSentence(ended, 1, new RegExp(`Port ${port} on 127\\.0\\.0\\.1 is in use`));
  server.close();
});

test("a data directory that is a file", async () => {
  const ended = await runEnvoi(["start"], { ...env, ENVOI_DATA_DIR: dir.file("file", "") });
  expectSentence(ended, 1, /The data directory .*file cannot be used/);
});

test("settings that make no sense are named, all of them, before anything starts", async () => {
  const ended = await runEnvoi(["start"], {
    ...env,
    PORT: "http",
    ENVOI_TRANSPORT: "pigeon",
    ENVOI_ROUTES: "one.example",
    ENVOI_SENDERS: "0",
    ENVOI_RELAY: "smtp://user:secret@",
  });
  expectSentence(ended, 2, /PORT: .*ENVOI_TRANSPORT: .*ENVOI_ROUTES: .*ENVOI_SENDERS: /);
  expect(ended.stderr).toContain("ENVOI_RELAY");
  expect(ended.stderr).not.toContain("secret");
});

test("a shaping rule of the operator with a mistake in it names file and rule", async () => {
  const broken = makeTestDir();
  mkdirSync(`${broken.path}/shaping`);
  broken.file("shaping/10-mine.toml", '[[rule]]\nname = "mine"\nmx = ["*"]\nconnections = 0\n');
  const ended = await runEnvoi(["start"], { ...env, ENVOI_DATA_DIR: broken.path });
  expectSentence(ended, 2, /10-mine\.toml:4: rule mine: connections: /);
  broken.remove();
});

test("`start` starts, and ends with 0 on SIGTERM", async () => {
  const run = startEnvoi(["start"], { ...env, ENVOI_ROLES: "web,worker,sender" });
  await run.says(/Envoi is ready/);
  process.kill(run.pid, "SIGTERM");
  expect((await run.ended).code).toBe(0);
});
