/** The journal's disk is full: sending waits, nothing is lost, and it goes on by itself when there is room. Needs root for a small disk of its own. */
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

import { createTestDatabase, type TestDatabase } from "../database.ts";
import { expectAccountingHolds, expectOnceEach } from "./accounting.ts";
import { fillDisk } from "./disk.ts";
import { csvOf, lastJson, makeTestDir, startEnvoi, type Run, type Summary, type TestDir } from "./envoi.ts";
import { childrenOf, kill9 } from "./processes.ts";
import { SmtpSink } from "./smtp-sink.ts";
import { until } from "./until.ts";

let dir: TestDir;
let database: TestDatabase;
let sink: SmtpSink;

const disk = () => join(dir.path, "journal");

function mountSmallDisk(): boolean {
  mkdirSync(disk(), { recursive: true });
  return spawnSync("mount", ["-t", "tmpfs", "-o", "size=16m", "tmpfs", disk()]).status === 0;
}

let isMounted = false;
const runs: Run[] = [];

beforeAll(async () => {
  dir = makeTestDir();
  database = await createTestDatabase();
  sink = new SmtpSink(undefined, { keepsSource: false });
  await sink.listen();
  isMounted = mountSmallDisk();
  if (!isMounted) process.stderr.write("SKIPPED: no small disk can be mounted here, so a full one cannot be tested\n");
});

afterAll(async () => {
  kill9(...runs.flatMap((run) => [run.pid, ...childrenOf(run.pid)]));
  await Promise.all(runs.map((run) => run.ended));
  if (isMounted) spawnSync("umount", [disk()]);
  await sink.close();
  await database.drop();
  dir.remove();
});

test("a full disk under the journal: sending waits and goes on when there is room", async (context) => {
  if (!isMounted) return context.skip("no small disk can be mounted here");
  const COUNT = 3000;
  const people = Array.from({ length: COUNT }, (_, i) => ({ email: `p${i}@disk.example`, name: `Name ${i}` }));
  sink.script = async ({ stage }) => {
    if (stage === "dot") await new Promise((resolve) => setTimeout(resolve, 2));
    return undefined;
  };
  const filler = join(disk(), "filler");
  const run = startEnvoi(
    [
      "send",
      "--json",
      "--audience",
      dir.file("people.csv", csvOf(people)),
      "--html",
      dir.file("c.html", "<p>Hello {{ recipient.name }}, unsubscribe</p>"),
      "--from",
      "news@sender.example",
      "--subject",
      "Hi",
    ],
    {
      DATABASE_URL: database.url,
      ENVOI_DATA_DIR: dir.path,
      ENVOI_SENDERS: "1",
      ENVOI_ROUTES: sink.route("*"),
      ENVOI_LOG_LEVEL: "error",
    },
  );
  runs.push(run);
  await sink.until(() => sink.timesTaken.size >= 500);
  fillDisk(filler);
  await run.says(/journal cannot be written; sending waits/);
  await untilQuiet();
  const taken = sink.timesTaken.size;
  const connections = sink.connections.length;
  await untilQuiet();
  // Nobody is bothered with messages that end in nothing.
  expect(sink.connections).toHaveLength(connections);
  expect(taken).toBeLessThan(COUNT);
  // Everything that was taken is in the database all the same: it does not need the journal.
  await until(async () => {
    const [row] = await database.db.query<{ sent: number }>("select sum(sent) as sent from delivery_parts");
    return row?.sent === taken;
  });
  rmSync(filler);
  const ended = await run.ended;
  expect(ended.code, ended.stderr).toBe(0);
  expect(lastJson<Summary>(ended)).toMatchObject({ state: "finished", sent: COUNT });
  const { twice, inDoubt } = await expectOnceEach(database.db, 1, sink.timesTaken);
  expect({ twice, inDoubt }).toEqual({ twice: 0, inDoubt: 0 });
  await expectAccountingHolds(database.db, 1);
});

/** No new mail for longer than the sender waits between two tries. */
async function untilQuiet(): Promise<void> {
  let taken = -1;
  let since = performance.now();
  await until(() => {
    if (sink.timesTaken.size !== taken) since = performance.now();
    taken = sink.timesTaken.size;
    return performance.now() - since > 1200;
  });
}
