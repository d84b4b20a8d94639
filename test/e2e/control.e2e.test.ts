/** Pause, resume, stop and limits, measured where they count: at the receiving server. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

import { createTestDatabase, type TestDatabase } from "../database.ts";
import { expectAccountingHolds, expectOnceEach } from "./accounting.ts";
import { apiOf, TOKEN, type Api } from "./api.ts";
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
import { kill9, senderPids } from "./processes.ts";
import { SmtpSink } from "./smtp-sink.ts";
import { until, untilRow } from "./until.ts";

let dir: TestDir;
let database: TestDatabase;
let sink: SmtpSink;
let env: Env;
let main: Run | null = null;

beforeEach(async () => {
  dir = makeTestDir();
  database = await createTestDatabase();
  sink = new SmtpSink(undefined, { keepsSource: false });
  await sink.listen();
  env = {
    DATABASE_URL: database.url,
    ENVOI_DATA_DIR: dir.path,
    ENVOI_SENDERS: "1",
    ENVOI_ROLES: "web,worker,sender",
    ENVOI_ADMIN_TOKEN: TOKEN,
    ENVOI_ROUTES: sink.route("*"),
    PORT: "0",
  };
});

afterEach(async () => {
  await sink.close();
  main?.child.kill("SIGTERM");
  await main?.ended;
  main = null;
  await database.drop();
  dir.remove();
});

/** An analysed delivery, and the running server. */
async function prepare(count: number): Promise<{ id: number; api: Api }> {
  const people = Array.from({ length: count }, (_, i) => ({ email: `p${i}@control.example`, name: `Name ${i}` }));
  const args = [
    "--audience",
    dir.file("people.csv", csvOf(people)),
    "--from",
    "news@sender.example",
    "--subject",
    "Hi",
  ];
  const html = dir.file("c.html", "<p>Hello {{ recipient.name }}, unsubscribe</p>");
  const prepared = await runEnvoi(["send", "--json", "--dry-run", ...args, "--html", html], env);
  main = startEnvoi(["start"], env);
  return { id: Number(lastJson<Summary>(prepared).delivery), api: await apiOf(main) };
}

type Answer = { state: string; onWire?: number };

test("pause takes effect within a second, says what is on the wire, and resume sends the rest once", async () => {
  const { id, api } = await prepare(2000);
  let open = () => {};
  let gate: Promise<undefined> = Promise.resolve(undefined);
  const shut = () => {
    gate = new Promise((resolve) => {
      open = () => resolve(undefined);
    });
  };
  sink.script = ({ stage }) => (stage === "dot" ? gate : undefined);
  await api.post(`/deliveries/${id}/actions/confirm`);
  await sink.until(() => sink.timesTaken.size >= 300);
  shut();
  await untilRow(database.db, "select 1 from sender_status where on_wire > 0");
  // Nothing moves any more: what the sender says about itself is exact.
  const wire = await untilStable();
  const askedAt = performance.now();
  const paused = await api.post<Answer>(`/deliveries/${id}/actions/pause`);
  expect(paused).toMatchObject({ state: "pausing", onWire: wire });
  open();
  await until(async () => (await api.get<Answer>(`/deliveries/${id}`)).state === "paused");
  expect(performance.now() - askedAt).toBeLessThan(1000);
  const taken = sink.timesTaken.size;
  const lastMail = sink.mailsAt.at(-1) ?? 0;
  expect(lastMail - askedAt).toBeLessThan(1000);
  expect(await database.db.query("select 1 from delivery_parts where owner is not null")).toEqual([]);

  await api.post(`/deliveries/${id}/actions/resume`);
  const resumedAt = performance.now();
  await sink.until(() => sink.timesTaken.size > taken);
  expect(performance.now() - resumedAt).toBeLessThan(1000);
  await until(async () => (await api.get<Answer>(`/deliveries/${id}`)).state === "finished");
  expect(sink.timesTaken.size).toBe(2000);
  await expectOnceEach(database.db, id, sink.timesTaken);
  await expectAccountingHolds(database.db, id);
});

/** Messages on the wire, once sender and server have agreed on them for a while. */
function untilStable(): Promise<number> {
  let since = performance.now();
  let seen = -1;
  return until(async () => {
    const [row] = await database.db.query<{ n: number }>("select coalesce(sum(on_wire), 0) as n from sender_status");
    if (row?.n !== seen) since = performance.now();
    seen = row?.n ?? 0;
    return seen > 0 && performance.now() - since > 600 ? seen : null;
  });
}

test("stop lets the wire finish, cancels the rest within a second, and is final", async () => {
  const { id, api } = await prepare(5000);
  sink.script = async ({ stage }) => {
    if (stage === "dot") await new Promise((resolve) => setTimeout(resolve, 5));
    return undefined;
  };
  await api.post(`/deliveries/${id}/actions/confirm`);
  await sink.until(() => sink.timesTaken.size >= 300);
  const askedAt = performance.now();
  const stopping = await api.post<Answer>(`/deliveries/${id}/actions/stop`);
  expect(stopping.state).toBe("stopping");
  expect(stopping.onWire).toBeTypeOf("number");
  await until(async () => (await api.get<Answer>(`/deliveries/${id}`)).state === "stopped");
  expect(performance.now() - askedAt).toBeLessThan(1000);
  expect((sink.mailsAt.at(-1) ?? 0) - askedAt).toBeLessThan(1000);
  const figures = await api.get<Summary>(`/deliveries/${id}/indicators`);
  expect(figures).toMatchObject({ sent: sink.timesTaken.size, cancelled: 5000 - sink.timesTaken.size, pending: 0 });
  await expectAccountingHolds(database.db, id);
  await expect(api.post(`/deliveries/${id}/actions/resume`)).rejects.toThrow(/409.*stopped/s);
});

const CONNECTIONS = 3;
const PER_CONNECTION = 10;
const PER_HOUR = 36_000;

test("connections, messages per connection and per hour stay within the operator's rule, across a restart of the sender", async () => {
  mkdirSync(join(dir.path, "shaping"), { recursive: true });
  writeFileSync(
    join(dir.path, "shaping/10-mine.toml"),
    `[[rule]]\nname = "mine"\nmx = ["127.0.0.1"]\nconnections = ${CONNECTIONS}\nmessages_per_connection = ${PER_CONNECTION}\n` +
      `messages_per_hour = ${PER_HOUR}\nsource = "test"\nexamples = ["127.0.0.1"]\n`,
  );
  const { id, api } = await prepare(80);
  await api.post(`/deliveries/${id}/actions/confirm`);
  await sink.until(() => sink.timesTaken.size >= 30);
  const pids = senderPids(main?.pid ?? 0);
  expect(pids).toHaveLength(1);
  kill9(...pids);
  await until(async () => (await api.get<Answer>(`/deliveries/${id}`)).state === "finished");
  expect(sink.timesTaken.size).toBe(80);
  expect(sink.mostOpenConnections).toBeGreaterThan(1);
  expect(sink.mostOpenConnections).toBeLessThanOrEqual(CONNECTIONS);
  expect(Math.max(...sink.connections.map((connection) => connection.messages))).toBeLessThanOrEqual(PER_CONNECTION);
  // In any window as many as the rate allows, and one second's worth of burst.
  const perMs = PER_HOUR / 3_600_000;
  for (let first = 0; first < sink.mailsAt.length; first++) {
    for (let last = first + 1; last < sink.mailsAt.length; last++) {
      const window = (sink.mailsAt[last] ?? 0) - (sink.mailsAt[first] ?? 0);
      expect(last - first).toBeLessThanOrEqual((window + 1000) * perMs + 1);
    }
  }
  await expectAccountingHolds(database.db, id);
});
