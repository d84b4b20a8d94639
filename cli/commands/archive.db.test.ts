/** `envoi archive` as it is typed: exit codes, JSON, and no password in anything that it says. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createTestDatabase, type TestDatabase } from "../../test/database.ts";
import { type Ended, lastJson, makeTestDir, runEnvoi, type TestDir } from "../../test/e2e/envoi.ts";
import { SmtpSink } from "../../test/e2e/smtp-sink.ts";
import { startImapServer } from "../../test/imap-server.ts";
import { startS3Server } from "../../test/s3-server.ts";
import { type ArchivedCopy, seedArchivedDelivery } from "../../test/seed-copies.ts";
import { seedArchive } from "../../test/seed-delivery.ts";
import type { ArchiveLedger, ArchiveTest } from "../../src/contract/index.ts";
import type { VerifyReport } from "../../src/features/archive/index.ts";
import { openMasterKey } from "../../src/features/secrets/index.ts";

let database: TestDatabase;
let dir: TestDir;
let sink: SmtpSink;
let deliveryId: number;
let copies: readonly ArchivedCopy[];

beforeAll(async () => {
  database = await createTestDatabase();
  dir = makeTestDir();
  sink = new SmtpSink();
  await sink.listen();
  const masterKey = await openMasterKey(database.db, { secretKey: null, dataDir: dir.path }, Date.now());
  const server = `127.0.0.1:${sink.port}`;
  await seedArchive(database.db, { target: { kind: "smtp", address: "copies@archive.example", server } });
  await seedArchive(database.db, { name: "Folder", target: { kind: "files" } });
  ({ deliveryId, copies } = await seedArchivedDelivery(database.db, masterKey, 12));
});
afterAll(async () => {
  await sink.close();
  await database.drop();
  dir.remove();
});

const envoi = (...args: string[]): Promise<Ended> => envoiWith({}, ...args);
const envoiWith = (env: Record<string, string>, ...args: string[]): Promise<Ended> =>
  runEnvoi(["archive", ...args], { DATABASE_URL: database.url, ENVOI_DATA_DIR: dir.path, ...env });

const verify = (...args: string[]) => envoi("verify", "--delivery", String(deliveryId), ...args);

const nameOf = ({ name }: ArchivedCopy) => `2026-11-21/09h/${deliveryId}-${name}-sent.eml`;

function write(path: string, bytes: Buffer): void {
  mkdirSync(dirname(join(dir.path, path)), { recursive: true });
  writeFileSync(join(dir.path, path), bytes);
}

/** Of tests that start several processes. */
const PATIENCE = { timeout: 120_000 };

describe("verify", PATIENCE, () => {
  test("a mailbox: the archive is the only one of its kind, and the password is nowhere", async () => {
    const server = await startImapServer({
      password: "hunter2",
      messages: copies.map(({ bytes }, i) => ({
        uid: i + 1,
        bytes: Buffer.concat([Buffer.from("Received: x\n"), bytes]),
      })),
    });
    const ended = await verify("--mailbox", `imap://archive:hunter2@127.0.0.1:${server.port}/INBOX`, "--json");
    await server.close();
    expect(lastJson<VerifyReport>(ended)).toMatchObject({
      archive: { name: "Journal", kind: "smtp" },
      source: `imap://archive@127.0.0.1:${server.port}/INBOX`,
      expected: 12,
      found: 12,
      identical: 12,
      foreign: 0,
    });
    expect(ended.code).toBe(0);
    expect(ended.stdout + ended.stderr).not.toContain("hunter2");
  });

  test("a mailbox with the password in the environment; a wrong one is told from differences by the exit code", async () => {
    const server = await startImapServer({ password: "hunter2", messages: [] });
    const args = ["verify", "--delivery", String(deliveryId), "--mailbox", `imap://archive@127.0.0.1:${server.port}/`];
    const right = await envoiWith({ ENVOI_MAILBOX_PASSWORD: "hunter2" }, ...args);
    const wrong = await envoiWith({ ENVOI_MAILBOX_PASSWORD: "hunter3" }, ...args);
    await server.close();
    expect(right.code).toBe(1);
    expect(right.stdout).toMatch(/^missing: 12$/m);
    expect(wrong).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("user or password refused") });
    expect(wrong.stderr).not.toContain("hunter3");
  });

  test("the folder of the archive itself, then one with a changed and a lost copy", async () => {
    for (const copy of copies) write(join("archive", nameOf(copy)), copy.bytes);
    const whole = await verify("--archive", "Folder");
    expect(whole).toMatchObject({ code: 0, stdout: expect.stringMatching(/12 expected, 12 found, 12 identical/) });
    const [first, second] = copies as readonly [ArchivedCopy, ArchivedCopy];
    write(
      join("archive", nameOf(first)),
      Buffer.from(first.bytes.toString("latin1").replace("Subject: Hello", "Subject: \x1b[2J")),
    );
    rmSync(join(dir.path, "archive", nameOf(second)));
    const changed = await verify("--dir", join(dir.path, "archive"));
    expect(changed.code).toBe(1);
    expect(changed.stdout).toContain(`missing: 1\n  ${second.name}\n`);
    expect(changed.stdout).toMatch(/expected: Subject: Hello\n {4}found: {4}Subject: \\x1b\[2J\n/);
  });

  test("a copy that is owed or given up is not there: what is there may be right, and the exit code says that it is not all", async () => {
    const last = copies.at(-1)?.name;
    const set = (state: string) =>
      database.db.query(
        "update archive_copies set state = $1, archived_at = case when $1 = 'archived' then now() end where part_id || '-' || seq = $2",
        [state, last],
      );
    const mbox = copies.slice(0, -1).map(({ bytes }, i) => ({ uid: i + 1, bytes }));
    const server = await startImapServer({ password: "hunter2", messages: mbox });
    for (const [state, said] of Object.entries({ owed: "owed: 1", "given-up": "given up: 1" })) {
      await set(state);
      const ended = await verify("--mailbox", `imap://archive:hunter2@127.0.0.1:${server.port}/INBOX`);
      expect(ended.stdout).toContain(said);
      expect(ended.stdout).toContain("has not got all that was sent");
      expect(ended.code).toBe(1);
    }
    await set("archived");
    await server.close();
  });

  test("a bucket", async () => {
    const s3 = await startS3Server();
    for (const copy of copies) s3.objects.set(`copies/mail/${nameOf(copy)}`, copy.bytes);
    s3.objects.set("copies/mail/2026-11-21/09h/999-1-1.eml", Buffer.from("of another delivery"));
    const { accessKeyId, secretAccessKey, region } = s3.credentials;
    const host = new URL(s3.endpoint).host;
    const url = `s3://${accessKeyId}:${encodeURIComponent(secretAccessKey)}@${host}/copies/mail?region=${region}&tls=no`;
    const right = await verify("--s3", url, "--archive", "Folder", "--json");
    const wrong = await verify("--s3", url.replace("secret", "Secret"), "--archive", "Folder", "--json");
    await s3.close();
    expect(lastJson<VerifyReport>(right)).toMatchObject({
      source: `s3://${host}/copies/mail`,
      found: 12,
      identical: 12,
      foreign: 1,
    });
    expect(right.code).toBe(0);
    expect(wrong).toMatchObject({ code: 2, stdout: "" });
    expect(wrong.stderr + right.stdout).not.toMatch(/secret/i);
  });

  test.each<[string, string[], RegExp]>([
    ["an smtp archive and no mailbox", ["--archive", "Journal"], /Option --mailbox: is needed \(or --dir\)/],
    ["several archives", [], /several archives, say which: \d+ "Journal", \d+ "Folder"/],
    ["a delivery that there is not", ["--delivery", "999"], /There is no delivery 999/],
    ["a delivery that is no number, with a password behind it", ["--delivery", "imap://a:hunter2@b/"], /--delivery/],
  ])("%s is bad input", async (_, args, said) => {
    const ended = await verify(...args);
    expect(ended).toMatchObject({ code: 2, stdout: "", stderr: expect.stringMatching(said) });
    expect(ended.stderr).not.toContain("hunter2");
  });
});

test("the ledger, as text and as JSON", PATIENCE, async () => {
  const text = await envoi();
  expect(text).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+ due = \d+ archived \+ \d+ owed/) });
  expect(text.stdout).toMatch(/\tfiles\tenabled\t.*\tFolder$/m);
  const json = await envoi("status", "--json");
  expect(lastJson<ArchiveLedger>(json).byArchive.map(({ name }) => name)).toEqual(["Journal", "Folder"]);
});

test("a probe shows the dialogue, and whether the archive took it", PATIENCE, async () => {
  const ended = await envoi("test", "Journal");
  expect(ended).toMatchObject({ code: 0, stderr: expect.stringMatching(/^ok: 250/m) });
  expect(ended.stdout).toMatch(/^C: RCPT TO:<copies@archive\.example>/m);
  const folder = await envoi("test", "Folder", "--json");
  expect(lastJson<ArchiveTest>(folder)).toMatchObject({ ok: true });
});
