/** Copies as files and as objects: their names tell what became of the messages, and a full disk or a store that fails costs no copy. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

import { startS3Server } from "../s3-server.ts";
import { expectLedgerHolds } from "./archive-ledger.ts";
import { ArchiveRig } from "./archive-rig.ts";
import { filesBelow, fillDisk } from "./disk.ts";
import type { Script } from "./smtp-sink.ts";
import { until } from "./until.ts";

let rig: ArchiveRig;
beforeEach(async () => {
  rig = await ArchiveRig.open();
  await rig.start();
});
afterEach(() => rig.close());

/** One in ten is refused. */
const refusing: Script = ({ stage, address }) =>
  stage === "rcpt" && /^p\d*0@/.test(address) ? "550 5.1.1 no such user here" : undefined;

const COPY = /^\d{4}-\d\d-\d\d\/\d\dh\/(\d+)-(\d+-\d+)(|-sent|-sent-archived)\.eml$/;

/** Keys of messages by how far their copies have come; the names of all copies are as they should be. What is being written is hidden. */
function byProgress(names: readonly string[]): Record<string, string[]> {
  const found: Record<string, string[]> = { "": [], "-sent": [], "-sent-archived": [] };
  for (const name of names.filter((each) => !/\/\.[^/]+\.tmp$/.test(each))) {
    const [, , key = "", progress = "?"] = COPY.exec(name) ?? [];
    expect(name).toMatch(COPY);
    found[progress]?.push(key);
  }
  return found;
}

async function keysOf(id: number, status: string): Promise<string[]> {
  const rows = await rig.database.db.query<{ key: string }>(
    `select m.part_id || '-' || m.seq as key from messages m join delivery_parts p on p.id = m.part_id
      where p.delivery_id = $1 and m.status = $2`,
    [id, status],
  );
  return rows.map(({ key }) => key).toSorted();
}

const sorted = (list: readonly string[] | undefined) => (list ?? []).toSorted();

test("files: made, sent, and archived when the mailbox has its copy as well; refused ones stay as they are", async () => {
  const COUNT = 100;
  rig.sink.script = refusing;
  const directory = join(rig.dir.path, "archive");
  await rig.addArchive({ kind: "files" });
  await rig.addArchive();
  const { port } = rig.archive;
  await rig.archive.close();
  const id = await rig.prepare({ count: COUNT, settings: { archive: { on: true } } });
  await rig.confirm(id);
  await rig.untilState(id, "finished");
  const [sent, failed] = [await keysOf(id, "sent"), await keysOf(id, "failed")];
  expect([sent.length, failed.length]).toEqual([90, 10]);
  await until(() => byProgress(filesBelow(directory))["-sent"]?.length === 90);
  const early = byProgress(filesBelow(directory));
  expect([sorted(early[""]), sorted(early["-sent"]), early["-sent-archived"]]).toEqual([failed, sent, []]);

  await rig.archive.listen(port);
  await rig.untilPaid(id);
  await until(() => byProgress(filesBelow(directory))["-sent-archived"]?.length === 90);
  const late = byProgress(filesBelow(directory));
  expect([sorted(late[""]), late["-sent"], sorted(late["-sent-archived"])]).toEqual([failed, [], sent]);
  expect(filesBelow(directory)).toHaveLength(COUNT);
  const bytes = filesBelow(directory).map((name) => readFileSync(join(directory, name), "latin1"));
  const mailed = rig.archive.taken.map(({ source }) => source);
  expect(bytes.toSorted()).toEqual(mailed.toSorted());
  for (const { source } of rig.sink.taken) expect(bytes).toContain(source);
  await expectLedgerHolds(rig.database.db, id);
});

test("a full disk under the files: messages go on, copies are owed, and are made when there is room", async (context) => {
  const COUNT = 2000;
  const disk = join(rig.dir.path, "archive");
  mkdirSync(disk);
  if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", disk]).status !== 0) {
    process.stderr.write("SKIPPED: no small disk can be mounted here, so a full one cannot be tested\n");
    return context.skip("no small disk can be mounted here");
  }
  try {
    const filler = join(disk, "filler");
    fillDisk(filler);
    await rig.addArchive({ kind: "files" });
    const id = await rig.prepare({ count: COUNT, settings: { archive: { on: true } } });
    await rig.confirm(id);
    const full = await rig.untilState(id, "finished");
    expect(full).toMatchObject({ sent: COUNT, copies: { due: COUNT, archived: 0, owed: COUNT } });
    const { byArchive } = await rig.ledger();
    expect(byArchive).toMatchObject([{ failing: true, lastReply: expect.stringMatching(/space|full|ENOSPC/i) }]);
    rmSync(filler);
    spawnSync("mount", ["-o", "remount,size=64m", disk]);
    expect((await rig.untilPaid(id)).copies).toEqual({ due: COUNT, archived: COUNT, owed: 0, givenUp: 0 });
    // Nothing half written, nothing twice.
    const names = filesBelow(disk);
    expect(names).toHaveLength(COUNT);
    expect(new Set(names.map((name) => COPY.exec(name)?.[2])).size).toBe(COUNT);
    await expectLedgerHolds(rig.database.db, id);
  } finally {
    spawnSync("umount", [disk]);
  }
});

test("an object store that fails at one request in five: every copy is there in the end, in the very bytes", async () => {
  const COUNT = 300;
  const store = await startS3Server();
  try {
    let requests = 0;
    store.fault = () => (++requests % 5 === 0 ? { kind: "answer", status: 503, code: "SlowDown" } : null);
    await rig.addArchive({
      kind: "s3",
      endpoint: store.endpoint,
      bucket: "copies",
      prefix: "mail",
      ...store.credentials,
    });
    const id = await rig.prepare({ count: COUNT, settings: { archive: { on: true, timing: "after" } } });
    await rig.confirm(id);
    await rig.untilState(id, "finished");
    expect((await rig.untilPaid(id)).copies).toEqual({ due: COUNT, archived: COUNT, owed: 0, givenUp: 0 });
    const names = [...store.objects.keys()].map((key) => key.replace(/^copies\/mail\//, ""));
    expect(byProgress(names)["-sent"]?.length ?? 0).toBe(COUNT);
    const stored = [...store.objects.values()].map((bytes) => bytes.toString("latin1"));
    expect(stored.toSorted()).toEqual(rig.sink.taken.map(({ source }) => source).toSorted());
    await expectLedgerHolds(rig.database.db, id);
  } finally {
    await store.close();
  }
});
