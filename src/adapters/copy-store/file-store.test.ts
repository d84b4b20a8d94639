/** What only files have: rights, drafts, a disk that is full. */
import { createHash } from "node:crypto";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, expect, test } from "vitest";

import type { CopyStore } from "../../platform/copy-store.ts";
import { openFileStore } from "./file-store.ts";
import { createFolderSync } from "./folder-sync.ts";
import { asCopyStoreError, COPY_MAX_BYTES } from "./problems.ts";

const HOUR = "2026-05-04/13h";
const NAME = `${HOUR}/42-1207-5.eml`;

let dir: string;
let store: CopyStore;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "envoi-copies-"));
  store = openFileStore(join(dir, "archive"));
});
afterEach(() => rmSync(dir, { recursive: true }));

const put = (into: CopyStore, name: string, content: Buffer) =>
  into.put(name, content, createHash("sha256").update(content).digest("base64"));
const everything = (folder: string) => readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();

async function namesOf(from: CopyStore): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of from.list("")) names.push(name);
  return names;
}

test("nobody else may read copies, and nothing but them is left", async () => {
  await put(store, NAME, Buffer.from("copy"));
  const modeOf = (path: string) => statSync(join(dir, path)).mode & 0o777;
  expect(["archive", "archive/2026-05-04", `archive/${HOUR}`].map(modeOf)).toEqual([0o700, 0o700, 0o700]);
  expect(modeOf(`archive/${NAME}`)).toBe(0o600);
  expect(everything(dir)).toEqual(["archive", "archive/2026-05-04", `archive/${HOUR}`, `archive/${NAME}`]);
});

test("what a killed process left half written, and what others put there, is no copy", async () => {
  await put(store, NAME, Buffer.from("copy"));
  const folder = join(dir, "archive", HOUR);
  writeFileSync(join(folder, ".42-1207-6.eml.0123456789ab.tmp"), "hal");
  writeFileSync(join(folder, "notes.txt"), "notes");
  mkdirSync(join(dir, "archive", "2026-05-04", "other"));
  writeFileSync(join(dir, "archive", "2026-05-05"), "a file with the name of a day");
  expect(await namesOf(store)).toEqual([NAME]);
});

test("a folder that somebody removed is made again", async () => {
  await put(store, NAME, Buffer.from("first"));
  rmSync(join(dir, "archive"), { recursive: true });
  await put(store, NAME, Buffer.from("second"));
  expect(String(await store.read(NAME))).toBe("second");
});

test("a file that is too large for a copy is not read into memory", async () => {
  await put(store, NAME, Buffer.from("copy"));
  truncateSync(join(dir, "archive", NAME), COPY_MAX_BYTES + 1);
  await expect(store.read(NAME)).rejects.toMatchObject({ problem: "refused" });
});

test("a folder that cannot be one is named", async () => {
  writeFileSync(join(dir, "archive"), "a file");
  const failure = expect(put(store, NAME, Buffer.from("copy"))).rejects;
  await failure.toMatchObject({ problem: "refused", message: expect.stringContaining(join(dir, "archive")) });
});

test("a folder that may not be written to is named", async (context) => {
  await put(store, NAME, Buffer.from("copy"));
  if (process.getuid?.() === 0) return context.skip("for root there is no such folder");
  chmodSync(join(dir, "archive", HOUR), 0o500);
  await expect(put(store, NAME, Buffer.from("copy"))).rejects.toMatchObject({ problem: "refused" });
  chmodSync(join(dir, "archive", HOUR), 0o700);
});

test.each([
  ["ENOSPC", "full"],
  ["EDQUOT", "full"],
  ["EIO", "unreachable"],
  ["EACCES", "refused"],
  ["EROFS", "refused"],
])("%s means %s", (code, problem) => {
  expect(asCopyStoreError(Object.assign(new Error("it failed"), { code }))).toMatchObject({
    problem,
    message: "it failed",
  });
});

const disk = mkdtempSync(join(tmpdir(), "envoi-disk-"));
afterAll(() => {
  spawnSync("umount", [disk]);
  rmSync(disk, { recursive: true });
});

test("a full disk: the copy is refused, nothing half is left, and there is room again later", async (context) => {
  if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", disk]).status !== 0) {
    return context.skip("no small disk can be mounted here");
  }
  const small = openFileStore(disk);
  const copy = Buffer.alloc(100_000, "x");
  const results = await Promise.allSettled(
    Array.from({ length: 30 }, (_, i) => put(small, `${HOUR}/1-1-${i}.eml`, copy)),
  );
  const taken = results.filter(({ status }) => status === "fulfilled").length;
  expect(taken).toBeGreaterThan(0);
  expect(taken).toBeLessThan(11);
  for (const result of results)
    if (result.status === "rejected") expect(result.reason).toMatchObject({ problem: "full" });
  expect(everything(disk).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  const names = await namesOf(small);
  expect(names).toHaveLength(taken);
  for (const name of names) expect((await small.read(name))?.length).toBe(copy.length);
  // What is there already is not touched by a larger one that does not fit.
  await expect(put(small, names[0] ?? "", Buffer.alloc(1_000_000))).rejects.toMatchObject({ problem: "full" });
  expect((await small.read(names[0] ?? ""))?.length).toBe(copy.length);
  for (const name of names.slice(0, 2)) await small.remove(name);
  await put(small, `${HOUR}/1-1-99.eml`, copy);
});

test("writers in one folder share the fsync of the folder, and none counts one that began before it", async () => {
  const started: string[] = [];
  const release: (() => void)[] = [];
  const sync = createFolderSync((folder) => {
    started.push(folder);
    return new Promise((resolve) => release.push(resolve));
  });
  const done: number[] = [];
  const first = sync("a").then(() => done.push(1));
  const others = [2, 3, 4].map((n) => sync("a").then(() => done.push(n)));
  const elsewhere = sync("b");
  expect(started).toEqual(["a", "b"]);
  release[0]?.();
  await first;
  await expect.poll(() => started).toEqual(["a", "b", "a"]);
  expect(done).toEqual([1]);
  release[2]?.();
  await Promise.all(others);
  release[1]?.();
  await elsewhere;
  void sync("a");
  expect(started).toEqual(["a", "b", "a", "a"]);
});

test("an fsync that fails fails for those who waited for it, not for later ones", async () => {
  let fails = true;
  const sync = createFolderSync(async () => {
    if (fails) throw new Error("EIO");
  });
  const [first, second] = [sync("a"), sync("a")];
  await expect(first).rejects.toThrow("EIO");
  await expect(second).rejects.toThrow("EIO");
  fails = false;
  await sync("a");
});
