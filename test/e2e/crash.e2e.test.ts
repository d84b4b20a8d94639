/**
 * Processes and databases killed without warning while 20,000 messages go out. The receiving server is the witness: nobody
 * is left out, and who got a message twice is marked in doubt. Moments are drawn from a seed (`CRASH_SEED`).
 */
import { afterEach, beforeEach, expect, test } from "vitest";

import { openDb, type Db } from "../../src/platform/db.ts";
import { expectAccountingHolds, expectOnceEach } from "./accounting.ts";
import { apiOf, TOKEN } from "./api.ts";
import {
  csvOf,
  lastJson,
  makeTestDir,
  runEnvoi,
  startEnvoi,
  type Env,
  type Run,
  type Summary,
  type TestDir,
} from "./envoi.ts";
import { childrenOf, databaseUrl, kill9, killDatabase, postmasterPid, senderPids } from "./processes.ts";
import { SmtpSink } from "./smtp-sink.ts";
import { until } from "./until.ts";

const SEED = Number(process.env["CRASH_SEED"] ?? 20_261_121);
const DOMAINS = ["north.example", "south.example", "east.example", "west.example"];
/** Most messages that can be between final dot and reply when a process dies: each connection has one there, and one behind it. */
const ON_WIRE_MAX = 2 * 20;

let dir: TestDir;
let sink: SmtpSink;
let env: Env;
const runs: Run[] = [];

beforeEach(async () => {
  dir = makeTestDir();
  sink = new SmtpSink(serveWithSomeDelay, { keepsSource: false });
  await sink.listen();
  env = {
    ENVOI_DATA_DIR: dir.path,
    ENVOI_SENDERS: "1",
    ENVOI_ROLES: "web,worker,sender",
    ENVOI_ADMIN_TOKEN: TOKEN,
    PORT: "0",
  };
});

afterEach(async () => {
  for (const run of runs.splice(0)) kill9(run.pid, ...childrenOf(run.pid));
  killDatabase(dir.path);
  await sink.close();
  dir.remove();
});

async function serveWithSomeDelay({ stage }: { stage: string }): Promise<undefined> {
  if (stage === "dot") await new Promise((resolve) => setTimeout(resolve, random() * 12));
}

/** mulberry32: small, and the same everywhere. */
let state = SEED;
function random(): number {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
}

/** Arguments of a `send` to this many people. */
function campaign(count: number): string[] {
  const people = Array.from({ length: count }, (_, i) => ({ email: `p${i}@${DOMAINS[i % 4]}`, name: `Name ${i}` }));
  return [
    "send",
    "--json",
    "--audience",
    dir.file("people.csv", csvOf(people)),
    "--html",
    dir.file("c.html", "<p>Hello {{ recipient.name }}, unsubscribe</p>"),
    "--from",
    "news@sender.example",
    "--subject",
    "Hello",
    ...DOMAINS.flatMap((domain) => ["--route", sink.route(domain)]),
  ];
}

function start(args: string[]): Run {
  const run = startEnvoi(args, env);
  runs.push(run);
  return run;
}

async function onDatabase<T>(work: (db: Db) => Promise<T>): Promise<T> {
  const db = await openDb(databaseUrl(dir.path));
  try {
    return await work(db);
  } finally {
    await db.close();
  }
}

test("kill -9 of sender, web and database at random moments: nobody is lost, nobody gets it twice unmarked", async () => {
  const COUNT = 20_000;
  const prepared = lastJson<Summary>(await runEnvoi([...campaign(COUNT), "--dry-run"], env));
  expect(prepared.toDeliver).toBe(COUNT);
  const id = Number(prepared.delivery);
  let main = start(["start"]);
  await (await apiOf(main)).post(`/deliveries/${id}/actions/confirm`);

  const victims = ["sender", "database", "web", "sender", "web", "database", "sender"] as const;
  for (const [i, victim] of victims.entries()) {
    const moment = Math.floor(((i + random()) / (victims.length + 1)) * COUNT);
    await sink.until(() => sink.timesTaken.size >= moment);
    if (victim === "sender") kill9(...(await until(() => nonEmpty(senderPids(main.pid)))));
    if (victim === "database") killDatabase(dir.path);
    if (victim === "web") {
      kill9(main.pid);
      await main.ended;
      main = start(["start"]);
    }
  }
  const api = await apiOf(main);
  const figures = await until(async () => {
    const now = await api
      .get<{ state: string; sent: number; failed: number }>(`/deliveries/${id}/indicators`)
      .catch(() => null);
    return now?.state === "finished" ? now : null;
  });
  expect(figures).toMatchObject({ sent: COUNT, failed: 0, pending: 0, inDoubt: 0 });
  expect(sink.timesTaken.size).toBe(COUNT);
  await onDatabase(async (db) => {
    await expectAccountingHolds(db, id);
    const { inDoubt, twice } = await expectOnceEach(db, id, sink.timesTaken);
    expect(twice).toBeLessThanOrEqual(inDoubt);
    // Not everything is in doubt just because something was.
    expect(inDoubt).toBeLessThanOrEqual(victims.length * ON_WIRE_MAX);
  });
});

test("kill -9 of everything that `send` started; `send --resume` finishes it", async () => {
  const COUNT = 4000;
  const run = start(campaign(COUNT));
  await sink.until(() => sink.timesTaken.size >= 1000);
  const server = postmasterPid(dir.path) ?? 0;
  kill9(run.pid, ...childrenOf(run.pid), server, ...childrenOf(server));
  await run.ended;
  const resumed = start(["send", "--json", "--resume", "1"]);
  const ended = await resumed.ended;
  expect(ended.code, ended.stderr).toBe(0);
  expect(lastJson<Summary>(ended)).toMatchObject({ state: "finished", toDeliver: COUNT, sent: COUNT, pending: 0 });
  expect(sink.timesTaken.size).toBe(COUNT);
  const server2 = start(["start"]);
  await apiOf(server2);
  await onDatabase(async (db) => {
    await expectAccountingHolds(db, 1);
    const { inDoubt } = await expectOnceEach(db, 1, sink.timesTaken);
    expect(inDoubt).toBeLessThanOrEqual(ON_WIRE_MAX);
  });
});

test("the database dies under a running `send`: the command waits for it and finishes", async () => {
  const COUNT = 4000;
  const run = start(campaign(COUNT));
  await sink.until(() => sink.timesTaken.size >= 1000);
  killDatabase(dir.path);
  const ended = await run.ended;
  expect(ended.code, ended.stderr).toBe(0);
  expect(lastJson<Summary>(ended)).toMatchObject({ state: "finished", sent: COUNT });
  expect(sink.timesTaken.size).toBe(COUNT);
});

test("after the database has died under `start`, analyses run and deliveries are sent as before", async () => {
  const prepared = lastJson<Summary>(await runEnvoi([...campaign(20), "--dry-run"], env));
  const main = start(["start"]);
  const api = await apiOf(main);
  const pid = postmasterPid(dir.path);
  killDatabase(dir.path);
  await until(() => ![null, pid].includes(postmasterPid(dir.path)));
  const path = `/deliveries/${prepared.delivery}`;
  await until(() => api.post(`${path}/actions/analyse`).catch(() => null));
  await until(async () => (await api.get<{ state: string }>(path)).state === "ready");
  await api.post(`${path}/actions/confirm`);
  await until(async () => (await api.get<{ state: string }>(path)).state === "finished");
  expect(sink.timesTaken.size).toBe(20);
});

function nonEmpty<T>(list: T[]): T[] | null {
  return list.length > 0 ? list : null;
}
