/**
 * The worst day, by the processes that do it in use: a backup while a delivery is under way, the machine dies, the backup is restored
 * elsewhere. Nothing leaves the copy before somebody says so; then the rest goes, and nobody gets a message twice.
 */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";

import { openDb } from "../../src/platform/db.ts";
import { createTestDatabase, type TestDatabase } from "../database.ts";
import { expectAccountingHolds } from "./accounting.ts";
import { apiOf, TOKEN } from "./api.ts";
import { csvOf, lastJson, makeTestDir, runEnvoi, startEnvoi, type Run, type Summary, type TestDir } from "./envoi.ts";
import { SmtpSink } from "./smtp-sink.ts";
import { until } from "./until.ts";

const PEOPLE = 4000;
const PASSPHRASE = "correct horse battery staple";
let dir: TestDir;
let elsewhere: TestDir;
let database: TestDatabase;
const runs: Run[] = [];
const sink = new SmtpSink(undefined, { keepsSource: false });

beforeAll(async () => {
  dir = makeTestDir();
  elsewhere = makeTestDir();
  database = await createTestDatabase();
  await sink.listen();
});
afterAll(async () => {
  await sink.close();
  for (const run of runs) {
    run.child.kill("SIGTERM");
    await run.ended;
  }
  await database.drop();
  dir.remove();
  elsewhere.remove();
});

function start(env: Record<string, string>): Run {
  const run = startEnvoi(["start"], env);
  runs.push(run);
  return run;
}

const shared = () => ({
  ENVOI_SENDERS: "1",
  ENVOI_ADMIN_TOKEN: TOKEN,
  ENVOI_ROLES: "web,worker,sender",
  ENVOI_ROUTES: sink.route("*"),
  ENVOI_BACKUP_PASSPHRASE: PASSPHRASE,
  PORT: "0",
});

test("a copy of a running delivery sends nothing by itself, and after its release only what nobody has", async () => {
  const env = { ...shared(), DATABASE_URL: database.url, ENVOI_DATA_DIR: dir.path };
  const people = Array.from({ length: PEOPLE }, (_, i) => ({ email: `p${i}@backup.example` }));
  const html = dir.file("c.html", "<p>Hello, unsubscribe</p>");
  const args = ["--audience", dir.file("people.csv", csvOf(people)), "--html", html];
  const fields = ["--from", "news@sender.example", "--subject", "Hello"];
  const prepared = await runEnvoi(["send", "--json", "--dry-run", ...args, ...fields], env);
  const id = Number(lastJson<Summary>(prepared).delivery);
  const original = start(env);
  const api = await apiOf(original);

  // Some are sent, some are on the wire and will be taken after the backup, and most wait.
  let open = () => {};
  let gate: Promise<undefined> = Promise.resolve(undefined);
  sink.script = ({ stage }) => (stage === "dot" ? gate : undefined);
  await api.post(`/deliveries/${id}/actions/confirm`);
  await sink.until(() => sink.timesTaken.size >= 500);
  gate = new Promise((resolve) => (open = () => resolve(undefined)));
  await sink.until(() => sink.onWire > 0);
  const file = `${elsewhere.path}/backup.tar`;
  const backup = await runEnvoi(["backup", "--to", file, "--with-secret-key", "--json"], env);
  expect(lastJson(backup)).toMatchObject({ file, secretKey: true });
  process.kill(-original.pid, "SIGKILL");
  await original.ended;
  open();
  await sink.until(() => sink.onWire === 0);
  const before = sink.timesTaken.size;

  const into = `${elsewhere.path}/data`;
  const restored = await runEnvoi(["restore", "--from", file, "--into", into, "--json"], shared());
  expect(lastJson(restored)).toMatchObject({ paused: [String(id)], secretKey: "restored" });
  const { inDoubt } = lastJson<{ inDoubt: number }>(restored);
  expect(inDoubt).toBeGreaterThan(0);
  const again = { ...shared(), ENVOI_DATA_DIR: into };
  const refused = await runEnvoi(["send", "--resume", String(id)], again);
  expect([refused.code, refused.stderr]).toEqual([3, expect.stringContaining("Nothing is sent from here")]);
  const copy = start(again);
  await copy.says(/HELD: nothing is sent/);
  const there = await apiOf(copy);
  expect(await there.get("/installation")).toMatchObject({ held: { paused: [String(id)] } });
  const releasedAt = Date.now();
  expect((await runEnvoi(["release", "--resume"], again)).stdout).toBe(`released; deliveries ${id} go on\n`);
  await until(async () => (await there.get<{ state: string }>(`/deliveries/${id}`)).state === "finished");

  expect(Math.max(...sink.timesTaken.values()), "nobody got it twice").toBe(1);
  const { port, password } = JSON.parse(readFileSync(`${into}/postgres.json`, "utf8")) as {
    port: number;
    password: string;
  };
  const db = await openDb(`postgres://envoi:${password}@127.0.0.1:${port}/envoi`);
  try {
    await expectAccountingHolds(db, id);
    const count = async (status: string) =>
      (await db.query<{ n: number }>("select count(*) as n from messages where status = $1", [status]))[0]?.n ?? 0;
    expect(await count("in-doubt")).toBe(inDoubt);
    expect(await count("sent")).toBe(PEOPLE - inDoubt);
    const sent = await db.query<{ address: string }>("select address from messages where status = 'sent'");
    expect(sent.filter(({ address }) => !sink.timesTaken.has(address))).toEqual([]);
    const [early] = await db.query<{ n: number }>(
      "select count(*) as n from message_attempts where kind = 'accepted' and at < $1",
      [new Date(releasedAt)],
    );
    expect(early?.n, "what the copy sent, it sent after its release").toBeLessThanOrEqual(before);
    expect(sink.timesTaken.size).toBeGreaterThan(before);
  } finally {
    await db.close();
  }
});
