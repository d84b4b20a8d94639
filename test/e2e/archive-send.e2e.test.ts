/** `envoi send --bcc`: the command line's way to archive a delivery, and that it does not end before its archive has everything. */
import { afterEach, beforeEach, expect, test } from "vitest";

import { createTestDatabase, type TestDatabase } from "../database.ts";
import { platformSettingsSchema } from "../../src/contract/index.ts";
import {
  csvOf,
  lastJson,
  makeTestDir,
  readLog,
  runEnvoi,
  startEnvoi,
  type Env,
  type Summary,
  type TestDir,
} from "./envoi.ts";
import { SmtpSink } from "./smtp-sink.ts";
import { untilRow } from "./until.ts";

const ARCHIVE = "journal@archive.example";
const COUNT = 40;

let dir: TestDir;
let database: TestDatabase;
let sink: SmtpSink;
let env: Env;
let audience: string;

beforeEach(async () => {
  dir = makeTestDir();
  database = await createTestDatabase();
  sink = new SmtpSink();
  await sink.listen();
  env = { DATABASE_URL: database.url, ENVOI_DATA_DIR: dir.path, ENVOI_SENDERS: "1" };
  audience = dir.file("people.csv", csvOf(Array.from({ length: COUNT }, (_, i) => ({ email: `p${i}@one.example` }))));
});

afterEach(async () => {
  await sink.close();
  await database.drop();
  dir.remove();
});

/** One server for everybody, the archive included. */
function sendArgs(...more: string[]): string[] {
  const letter = dir.file("letter.html", "<p>Dear {{ recipient.email }}, unsubscribe.</p>\n");
  const from = ["--from", "News <news@sender.example>", "--subject", "Hello", "--html", letter];
  return ["send", "--json", "--audience", audience, ...from, ...more, "--route", sink.route("*")];
}

const copies = () => sink.taken.filter(({ address }) => address === ARCHIVE);
const originals = () => sink.taken.filter(({ address }) => address !== ARCHIVE);

function setPlatform(archive: object): Promise<unknown> {
  const settings = platformSettingsSchema.parse({ archive });
  return database.db.query("insert into platform_settings (settings, updated_at) values ($1, now())", [
    JSON.stringify(settings),
  ]);
}

test.each([
  ["before", ["--bcc-timing", "before"]],
  ["before", ["--bcc-strict"]],
  ["after", ["--bcc-timing", "after"]],
])(
  "23: %s: the archive gets every message, byte for byte, one that bounced only of copies made before (%o)",
  async (timing, options) => {
    const refused = "p3@one.example";
    sink.script = ({ stage, address }) =>
      stage === "rcpt" && address === refused ? "550 5.1.1 no such user" : undefined;
    const ended = await runEnvoi(sendArgs("--bcc", ARCHIVE, ...options), env);
    expect(ended.code, ended.stderr).toBe(0);
    const count = timing === "before" ? COUNT : COUNT - 1;
    const summary = lastJson<Summary & { archived: number }>(ended);
    expect(summary).toMatchObject({ state: "finished", toDeliver: COUNT, sent: COUNT - 1, failed: 1, archived: count });
    const sources = originals().map(({ source }) => source);
    const archived = copies().map(({ source }) => source);
    expect(archived).toHaveLength(count);
    expect(new Set(archived).size).toBe(count);
    expect(sources.filter((source) => !archived.includes(source))).toEqual([]);
    const log = await readLog(summary.delivery, env);
    const unarchived = log.filter((line) => !(line as { archived?: boolean }).archived).map((line) => line.recipient);
    expect(unarchived).toEqual(timing === "before" ? [] : [refused]);
    expect(ended.stderr).toMatch(/^info: BCC on: 40 copies, /m);
  },
);

test("it waits for what is owed; Ctrl-C ends the waiting, --resume goes on with it", async () => {
  let full = true;
  sink.script = ({ stage, address }) =>
    stage === "rcpt" && address === ARCHIVE && full ? "452 4.3.1 archive is full" : undefined;
  const run = startEnvoi(sendArgs("--bcc", ARCHIVE, "--bcc-timing", "after"), env);
  await run.says(/finished: 40 sent.* 40 copies owed: last reply 452 4\.3\.1 archive is full/);
  process.kill(run.pid, "SIGINT");
  const ended = await run.ended;
  const summary = lastJson<Summary & { archived: number }>(ended);
  expect(summary).toMatchObject({ state: "finished", sent: COUNT, archived: 0 });
  expect(ended.code).toBe(4);
  expect(ended.stderr).toContain(
    `40 copies still owed to the archive; go on with: envoi send --resume ${summary.delivery}`,
  );
  full = false;
  await database.db.query("update archive_copies set next_attempt_at = now() where state = 'owed'");
  await database.db.query("update archive_parts set due_at = now() where owed > 0");
  const again = await runEnvoi(["send", "--json", "--resume", summary.delivery], env);
  expect(again.code, again.stderr).toBe(0);
  expect(lastJson(again)).toMatchObject({ state: "finished", sent: COUNT, archived: COUNT });
  expect(copies()).toHaveLength(COUNT);
  expect(originals()).toHaveLength(COUNT);
});

test("copies that are given up end the wait, with an exit code and words of their own", async () => {
  await setPlatform({ giveUpAfter: "1s" });
  sink.script = ({ stage, address }) => (stage === "rcpt" && address === ARCHIVE ? "452 4.3.1 full" : undefined);
  const ended = await runEnvoi(sendArgs("--bcc", ARCHIVE, "--bcc-timing", "after"), env);
  expect(ended.code, ended.stderr).toBe(4);
  expect(ended.stderr).toContain("40 copies given up, the archive has not got them: last reply 452 4.3.1 full");
  expect(lastJson(ended)).toMatchObject({ state: "finished", sent: COUNT, archived: 0 });
});

test("Ctrl-C while messages are left pauses as ever; --resume sends and archives the rest", async () => {
  sink.script = ({ stage, address }) =>
    stage === "rcpt" && address === "p7@one.example" ? "451 4.7.1 later" : undefined;
  const run = startEnvoi(sendArgs("--bcc", ARCHIVE), env);
  await untilRow(database.db, "select 1 from messages where status = 'taken-into-account'");
  process.kill(run.pid, "SIGINT");
  const ended = await run.ended;
  const { delivery, state } = lastJson<Summary>(ended);
  expect([ended.code, state]).toEqual([1, "paused"]);
  sink.script = () => undefined;
  await database.db.query("update messages set next_attempt_at = now() where status = 'taken-into-account'");
  await database.db.query("update delivery_parts set due_at = now() where due_at is not null");
  const again = await runEnvoi(["send", "--json", "--resume", delivery], env);
  expect(again.code, again.stderr).toBe(0);
  expect(lastJson(again)).toMatchObject({ state: "finished", sent: COUNT, archived: COUNT });
});

test.each([
  [["--bcc", "nobody"], /^envoi: Option --bcc: /m],
  [["--bcc", ""], /^envoi: Option --bcc: an address is needed/m],
  [["--bcc", ARCHIVE, "--bcc-timing", "later"], /--bcc-timing/],
  [["--bcc-timing", "after"], /^envoi: Option --bcc-timing: needs --bcc ADDRESS/m],
  [["--bcc-strict"], /^envoi: Option --bcc-strict: needs --bcc ADDRESS/m],
  [["--bcc", ARCHIVE, "--bcc-strict", "--bcc-timing", "after"], /^envoi: Option --bcc-strict: /m],
  [["--bcc", "copies@bounces.sender.example"], /^envoi: Option --bcc: /m],
])("%o is refused by the option's name, and nothing is sent", async (options, message) => {
  await database.db.query(
    `insert into platform_settings (settings, updated_at) values ('{"bounceDomain": "bounces.sender.example"}', now())`,
  );
  const ended = await runEnvoi(sendArgs(...options), env);
  expect(ended.code, ended.stderr).toBe(2);
  expect(ended.stderr).toMatch(message);
  expect(sink.taken).toEqual([]);
  expect(await database.db.query("select 1 from imports")).toEqual([]);
});

test("an archive that is a recipient is found by the analysis; nothing is sent", async () => {
  const ended = await runEnvoi(sendArgs("--bcc", "P5@one.example".toLowerCase()), env);
  expect(ended.code).toBe(3);
  expect(ended.stderr).toMatch(/^error: The archive "p5@one\.example" is a recipient of this delivery/m);
  expect(sink.taken).toEqual([]);
});
