/** Folders of copies in every shape they come in, on a real file system. */
import {
  chmodSync,
  createWriteStream,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { finished } from "node:stream/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ZipFile } from "yazl";

import type { ArchiveItem } from "../../core/archive/compare-copies.ts";
import { readFolder } from "./read-folder.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "envoi-folder-"));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text, "latin1");
}

async function read(path = "", isWanted = (deliveryId: number) => deliveryId > 0): Promise<ArchiveItem[]> {
  const items = [];
  const reading = readFolder(join(root, path), { isWanted: (named) => isWanted(named.deliveryId) });
  for await (const item of reading) items.push(item);
  return items.toSorted((a, b) => (a.where < b.where ? -1 : 1));
}

/** Place and text of messages, place and kind of anything else. */
const brief = (items: readonly ArchiveItem[]) =>
  items.map((item) => [item.where, item.kind === "message" ? Buffer.from(item.bytes).toString("latin1") : item.kind]);

async function zip(path: string, files: Readonly<Record<string, string>>): Promise<void> {
  const file = new ZipFile();
  for (const [name, text] of Object.entries(files)) file.addBuffer(Buffer.from(text, "latin1"), name);
  file.end();
  mkdirSync(dirname(join(root, path)), { recursive: true });
  await finished(file.outputStream.pipe(createWriteStream(join(root, path))));
}

test("a tree of our files: what their names say comes along, other files are passed over", async () => {
  write("2026-05-04/13h/42-7-1-sent.eml", "one\r\n");
  write("2026-05-04/14h/42-7-2.eml", "two\n");
  write("2026-05-04/14h/.42-7-3.eml.part", "half");
  write("README", "not a message");
  write("empty", "");
  symlinkSync(join(root, "README"), join(root, "link.eml"));
  const items = await read();
  expect(brief(items)).toEqual([
    ["2026-05-04/13h/42-7-1-sent.eml", "one\r\n"],
    ["2026-05-04/14h/42-7-2.eml", "two\n"],
  ]);
  expect(items[0]).toMatchObject({ named: { deliveryId: 42, key: { partId: 7, seq: 1 } }, mayBeQuoted: false });
});

test("files and zip entries that are named after another delivery are not read", async () => {
  write("2026-05-04/13h/42-7-1.eml", "one");
  write("2026-05-04/13h/43-8-1.eml", "two");
  await zip("archives/2026-05-04/13h-0001.zip", { "42-7-2-sent.eml": "three", "43-8-2-sent.eml": "four" });
  expect(brief(await read("", (deliveryId) => deliveryId === 42))).toEqual([
    ["2026-05-04/13h/42-7-1.eml", "one"],
    ["2026-05-04/13h/43-8-1.eml", "foreign"],
    ["archives/2026-05-04/13h-0001.zip#42-7-2-sent.eml", "three"],
    ["archives/2026-05-04/13h-0001.zip#43-8-2-sent.eml", "foreign"],
  ]);
});

test("a Maildir: what is in cur and new, whatever the names; nothing of tmp", async () => {
  write("cur/1700000000.M1P2.host,S=4:2,S", "seen");
  write("new/1700000001.M1P2.host", "unseen");
  write("tmp/1700000002.M1P2.host", "half of it");
  write(".Sub.Folder/new/1700000003.M1P2.host", "deeper");
  write("dovecot-uidlist", "3 V1");
  expect(brief(await read())).toEqual([
    [".Sub.Folder/new/1700000003.M1P2.host", "deeper"],
    ["cur/1700000000.M1P2.host,S=4:2,S", "seen"],
    ["new/1700000001.M1P2.host", "unseen"],
  ]);
});

describe("a mailbox file", () => {
  test("is cut at its separators, found by what it begins with", async () => {
    const separator = "From news@sender.example Mon May  4 13:05:00 2026";
    write(
      "Archive",
      `${separator}\nSubject: 1\n\nit came\nFrom here on\n>From there\n\n${separator}\nSubject: 2\n\nlast line\n\n`,
    );
    const items = await read();
    expect(brief(items)).toEqual([
      ["Archive message 1", "Subject: 1\n\nit came\nFrom here on\n>From there\n"],
      ["Archive message 2", "Subject: 2\n\nlast line\n"],
    ]);
    expect(items[0]).toMatchObject({ mayBeQuoted: true });
  });

  test("with CRLF, a message in more than one chunk, and no empty line at the end", async () => {
    const body = `${"x".repeat(70)}\r\n`.repeat(40_000);
    write("copies.mbox", `From a b\r\n\r\n${body}\r\nFrom a b\r\nS: 2\r\n\r\nend\r\n`);
    const items = await read("copies.mbox");
    expect(brief(items)).toEqual([
      ["copies.mbox message 1", `\r\n${body}`],
      ["copies.mbox message 2", "S: 2\r\n\r\nend\r\n"],
    ]);
  });

  test("that is none is said to be unreadable; an empty one has no messages", async () => {
    write("wrong.mbox", "Subject: 1\n\ntext\n");
    write("empty.mbox", "");
    expect(await read()).toEqual([
      { kind: "unreadable", where: "wrong.mbox", detail: expect.stringContaining("no mailbox file") },
    ]);
  });
});

test("a damaged zip and a damaged entry are reported, the rest is read", async () => {
  write("a.zip", "PK\x03\x04 no more");
  await zip("b.zip", { "42-7-1.eml": "x".repeat(5000), "42-7-2.eml": "fine" });
  const bytes = readFileSync(join(root, "b.zip"));
  bytes.fill(0xff, 45, 50);
  writeFileSync(join(root, "b.zip"), bytes);
  expect(brief(await read())).toEqual([
    ["a.zip", "unreadable"],
    ["b.zip#42-7-1.eml", "unreadable"],
    ["b.zip#42-7-2.eml", "fine"],
  ]);
});

test("one file can be given: whatever it is called it is a message, unless it is a mailbox file or a zip", async () => {
  write("message.txt", "Subject: 1\n\nhi\n");
  await zip("batch.zip", { "x.eml": "hello", "notes.txt": "no" });
  expect(brief(await read("message.txt"))).toEqual([["message.txt", "Subject: 1\n\nhi\n"]]);
  expect(brief(await read("batch.zip"))).toEqual([["batch.zip#x.eml", "hello"]]);
});

test("what is not there ends the comparison", async () => {
  await expect(read("nowhere")).rejects.toMatchObject({ code: "archive-unreadable", exit: 2 });
});

test.skipIf(process.getuid?.() === 0)("a file and a folder without the right to read them are reported", async () => {
  write("locked.eml", "x");
  write("closed/y.eml", "y");
  chmodSync(join(root, "locked.eml"), 0);
  chmodSync(join(root, "closed"), 0);
  expect(brief(await read())).toEqual([
    ["closed", "unreadable"],
    ["locked.eml", "unreadable"],
  ]);
  chmodSync(join(root, "closed"), 0o700);
});
