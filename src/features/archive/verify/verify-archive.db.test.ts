/** An archive compared with the ledger on a real database: what is missing, surplus, different, and what is nobody's fault. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { createTestDatabase, type TestDatabase } from "../../../../test/database.ts";
import { type ArchivedCopy, seedArchivedDelivery } from "../../../../test/seed-copies.ts";
import { seedArchive, seedInProgress } from "../../../../test/seed-delivery.ts";
import { sha256Of } from "../../../adapters/copy-store/zip.ts";
import type { ArchiveItem } from "../../../core/archive/compare-copies.ts";
import { copyNamed } from "../../../core/archive/match-copy-key.ts";
import type { MasterKey } from "../../../platform/seal.ts";
import { groundRenderer } from "../../../roles/renderer.ts";
import { loadTokenKeys, openMasterKey } from "../../secrets/index.ts";
import { chooseArchive } from "./choose-archive.ts";
import { isProven, MAX_LISTED, type VerifyReport } from "./report.ts";
import { loadVerifiable, type VerifyDeps, verifyArchive } from "./verify-archive.ts";

let database: TestDatabase;
let dir: string;
let masterKey: MasterKey;
let archiveId: number;
let deliveryId: number;
let copies: readonly ArchivedCopy[];

beforeAll(async () => {
  database = await createTestDatabase();
  dir = mkdtempSync(join(tmpdir(), "envoi-verify-"));
  masterKey = await openMasterKey(database.db, { secretKey: null, dataDir: dir }, Date.now());
  archiveId = await seedArchive(database.db);
});
afterAll(async () => {
  await database.drop();
  rmSync(dir, { recursive: true });
});
beforeEach(async () => {
  ({ deliveryId, copies } = await seedArchivedDelivery(database.db, masterKey, 15));
});

const TRACE = "Return-Path: <x@y.example>\r\nReceived: from a\r\n\tby b; Mon, 4 May 2026 13:05:00 +0000\r\n";

const item = (text: Uint8Array | string, where: string, changes: Partial<ArchiveItem> = {}): ArchiveItem =>
  ({
    kind: "message",
    where,
    bytes: typeof text === "string" ? Buffer.from(text, "latin1") : text,
    named: copyNamed(where),
    mayBeQuoted: false,
    ...changes,
  }) as ArchiveItem;

const stored = (list: readonly ArchivedCopy[] = copies): ArchiveItem[] =>
  list.map(({ bytes }, i) => item(TRACE + bytes.toString("latin1").replaceAll("\r\n", "\n"), `UID ${i + 1}`));

const text = (n: number) => copies[n]?.bytes.toString("latin1") ?? "";
const name = (n: number) => copies[n]?.name ?? "";

async function verify(items: readonly ArchiveItem[]): Promise<VerifyReport> {
  const { db } = database;
  const verifiable = await loadVerifiable(db, deliveryId);
  const archive = chooseArchive(verifiable.archives, String(archiveId), null);
  const renderer = groundRenderer({ db, masterKey });
  const deps: VerifyDeps = {
    sha256: sha256Of,
    tokenKeys: await loadTokenKeys(db, masterKey),
    render: (key, kind) => renderer.copy(key, kind),
  };
  async function* all() {
    yield* items;
  }
  return verifyArchive(db, deps, verifiable, archive, "INBOX", all);
}

const change = (n: number, set: string) =>
  database.db.query(`update archive_copies set ${set} where part_id = $1 and seq = $2`, [
    copies[n]?.key.partId,
    copies[n]?.key.seq,
  ]);

test("an archive that holds each copy once, behind fields of its own, holds what was sent", async () => {
  const report = await verify(stored());
  expect(report).toMatchObject({
    delivery: String(deliveryId),
    source: "INBOX",
    expected: 15,
    found: 15,
    identical: 15,
    foreign: 0,
    archive: { id: String(archiveId), name: "Journal", kind: "smtp" },
    counts: { missing: 0, surplus: 0, different: 0, inDoubt: 0, owed: 0, givenUp: 0, unreadable: 0 },
  });
  expect(isProven(report)).toBe(true);
});

test("what is not there is missing", async () => {
  const report = await verify(stored(copies.slice(2)));
  expect(report).toMatchObject({ identical: 13, missing: [name(0), name(1)] });
  expect(isProven(report)).toBe(false);
});

test("what is owed or given up is not missing, and surplus when it is there all the same", async () => {
  await change(0, "state = 'owed', archived_at = null");
  await change(1, "state = 'given-up', archived_at = null");
  const without = await verify(stored(copies.slice(2)));
  expect(without).toMatchObject({ expected: 13, owed: [name(0)], givenUp: [name(1)], missing: [] });
  expect(isProven(without)).toBe(true);
  expect((await verify(stored())).surplus).toEqual([
    { key: name(0), where: "UID 1", why: "owed" },
    { key: name(1), where: "UID 2", why: "given up" },
  ]);
});

test("a copy that is there twice is surplus, unless an attempt in doubt explains it", async () => {
  await change(4, "in_doubt = true");
  const twice = [...stored(), item(copies[3]?.bytes ?? "", "UID 98"), item(copies[4]?.bytes ?? "", "UID 99")];
  const report = await verify(twice);
  expect(report).toMatchObject({
    found: 17,
    identical: 15,
    surplus: [{ key: name(3), where: "UID 98", why: "twice" }],
    inDoubt: [{ key: name(4), where: "UID 99" }],
  });
  expect(isProven(report)).toBe(false);
  expect(isProven(await verify(twice.filter(({ where }) => where !== "UID 98")))).toBe(true);
});

test("a copy that the ledger does not know is surplus", async () => {
  await database.db.query("delete from archive_copies where part_id = $1 and seq = $2", [
    copies[0]?.key.partId,
    copies[0]?.key.seq,
  ]);
  expect(await verify(stored())).toMatchObject({
    expected: 14,
    surplus: [{ key: name(0), where: "UID 1", why: "not in the ledger" }],
  });
});

describe("a copy with other bytes is different, and the first line that differs is shown", () => {
  test("a changed subject, a footer, an end that was cut off", async () => {
    const items = [
      item(TRACE + text(0).replace("Subject: Hello", "Subject: [ext] Hello"), "a"),
      item(`${TRACE}${text(1)}-- \r\nscanned\r\n`, "b"),
      item(TRACE + text(2).slice(0, -8), "c"),
      ...stored(copies.slice(3)),
    ];
    const report = await verify(items);
    expect(report).toMatchObject({ expected: 15, identical: 12, missing: [] });
    expect(report.different).toMatchObject([
      { key: name(0), where: "a", expected: "Subject: Hello", found: "Subject: [ext] Hello" },
      { key: name(1), where: "b", expected: null, found: "-- " },
      { key: name(2), where: "c" },
    ]);
    expect(report.different.map(({ line }) => line)).toEqual([
      text(0).split("\r\n").indexOf("Subject: Hello") + 1,
      text(1).split("\r\n").length,
      expect.any(Number),
    ]);
  });

  test("beside the right one it does not hide it", async () => {
    const report = await verify([...stored(), item(text(0).replace("Hello", "Hallo"), "x")]);
    expect(report).toMatchObject({ identical: 15, missing: [], different: [{ key: name(0), where: "x" }] });
  });

  test("a file of ours that was emptied is known by its name", async () => {
    const path = `2026-11-21/09h/${deliveryId}-${name(0)}-sent.eml`;
    expect(await verify([item("", path), ...stored(copies.slice(1))])).toMatchObject({
      missing: [],
      different: [{ key: name(0), where: path, line: 1, found: null }],
    });
  });

  test("only the digest speaks where the message cannot be made again as it was", async () => {
    await change(0, "digest = sha256('something else')");
    const report = await verify(stored());
    expect(report.different).toEqual([{ key: name(0), where: "UID 1", line: null, expected: null, found: null }]);
  });

  test("a copy without a digest in the ledger is compared with the message made again", async () => {
    await change(0, "digest = null");
    expect(await verify(stored())).toMatchObject({ identical: 15, different: [] });
  });
});

test("inert copies are compared with inert ones: a live link in one of them shows", async () => {
  const { db } = database;
  await db.query("update deliveries set archive = jsonb_set(archive, '{copy}', '\"inert\"') where id = $1", [
    deliveryId,
  ]);
  const renderer = groundRenderer({ db, masterKey });
  const inert = await Promise.all(
    copies.map(async (copy) => ({ ...copy, bytes: (await renderer.copy(copy.key, "inert")) ?? copy.bytes })),
  );
  for (const [n, { bytes }] of inert.entries()) await change(n, `digest = '\\x${sha256Of(bytes).toString("hex")}'`);
  expect(await verify(stored(inert))).toMatchObject({ identical: 15, different: [] });
  const report = await verify([item(text(0), "live"), ...stored(inert.slice(1))]);
  expect(report.different).toMatchObject([{ key: name(0), where: "live", line: expect.any(Number) }]);
});

test("lines that a mailbox file quoted are read both ways", async () => {
  const asFile = (n: number) =>
    item(
      text(n)
        .replaceAll("\r\n", "\n")
        .replace(/^(>*From )/gm, ">$1"),
      `m ${n}`,
    );
  const items = copies.map((_, n) => ({ ...asFile(n), mayBeQuoted: true }) as ArchiveItem);
  expect(await verify(items)).toMatchObject({ identical: 15, different: [] });
});

test("what belongs to others is counted and nothing else; what cannot be read is listed", async () => {
  const other = await seedArchivedDelivery(database.db, masterKey, 3);
  const report = await verify([
    ...stored(),
    ...stored(other.copies),
    item("Subject: not ours\r\n\r\nhello\r\n", "UID 50"),
    item("", "empty"),
    { kind: "foreign", where: "2026-11-21/09h/1-1-1.eml" },
    { kind: "unreadable", where: "locked.eml", detail: "EACCES" },
  ]);
  expect(report).toMatchObject({
    found: 15,
    identical: 15,
    foreign: 6,
    unreadable: [{ where: "locked.eml", detail: "EACCES" }],
  });
  expect(isProven(report)).toBe(true);
});

test("lists end at 1,000, counts do not", async () => {
  const again = Array.from({ length: MAX_LISTED + 200 }, (_, i) => item(copies[0]?.bytes ?? "", `UID ${i}`));
  const report = await verify(again);
  expect(report.surplus).toHaveLength(MAX_LISTED);
  expect(report.counts).toMatchObject({ surplus: MAX_LISTED + 199, missing: 14 });
});

test("the ledger is settled when the delivery is over and nothing is owed or waits for its name", async () => {
  const { db } = database;
  expect((await verify(stored())).settled).toBe(false);
  await db.query("update deliveries set state = 'finished' where id = $1", [deliveryId]);
  expect((await verify(stored())).settled).toBe(true);
  await db.query("update archive_parts set rename_at = now() where delivery_id = $1", [deliveryId]);
  expect((await verify(stored())).settled).toBe(false);
});

describe("which archive", () => {
  const mailbox = { id: 1, name: "Journal", kind: "smtp" as const };
  const folder = { id: 2, name: "Folder", kind: "files" as const };
  const other = { id: 3, name: "1", kind: "smtp" as const };

  test("the one that is named by id or name, else the only one that fits", () => {
    expect(chooseArchive([mailbox, folder, other], "1", "smtp")).toBe(mailbox);
    expect(chooseArchive([mailbox, folder, other], "Folder", "smtp")).toBe(folder);
    expect(chooseArchive([mailbox, folder], undefined, "smtp")).toBe(mailbox);
    expect(chooseArchive([mailbox], undefined, "files")).toBe(mailbox);
    expect(chooseArchive([folder], undefined, null)).toBe(folder);
  });

  test("several that fit are named", () => {
    const several = { code: "option-invalid", message: expect.stringContaining('1 "Journal", 2 "Folder"') };
    expect(() => chooseArchive([mailbox, folder], undefined, null)).toThrow(expect.objectContaining(several));
    expect(() => chooseArchive([mailbox, folder], undefined, "s3")).toThrow(expect.objectContaining(several));
    expect(() => chooseArchive([mailbox, folder], "Elsewhere", null)).toThrow(/no archive "Elsewhere"/);
  });

  test("a delivery that makes no copies, and one that there is not", async () => {
    const without = await seedInProgress(database.db, 3, 10);
    await expect(loadVerifiable(database.db, without)).rejects.toThrow(/makes no copies/);
    await expect(loadVerifiable(database.db, 999_999)).rejects.toMatchObject({ code: "not-found", exit: 2 });
  });
});
