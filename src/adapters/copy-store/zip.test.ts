/** Zips of copies: what is in them, what keeps them whole, and zips that somebody else made. */
import { createHash } from "node:crypto";
import { spawnSync } from "node:child_process";
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ZipFile } from "yazl";

import type { CopyStore } from "../../platform/copy-store.ts";
import type { CopyZips } from "../../platform/copy-zips.ts";
import { openCopyZips } from "./copy-zips.ts";
import { openFileStore } from "./file-store.ts";
import { COPY_MAX_BYTES } from "./problems.ts";

const HOUR = "2026-05-04/13h";
const ZIP = "archives/2026-05-04/13h-0001.zip";
const sha256 = (content: Uint8Array) => createHash("sha256").update(content).digest();

let dir: string;
let store: CopyStore;
let zips: CopyZips;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "envoi-zips-"));
  store = openFileStore(dir);
  zips = openCopyZips(dir);
});
afterEach(() => rmSync(dir, { recursive: true }));

const nameOf = (i: number) => `${HOUR}/42-1207-${i}-sent.eml`;
const contentOf = (i: number) => Buffer.from(`Subject: copy ${i}\r\n\r\n${"all the same ".repeat(100)}\r\n`);

async function putCopies(count: number) {
  const copies = Array.from({ length: count }, (_, i) => ({ name: nameOf(i), sha256: sha256(contentOf(i)) }));
  await Promise.all(copies.map((copy, i) => store.put(copy.name, contentOf(i), copy.sha256.toString("base64"))));
  return copies;
}

async function listed(prefix = ""): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for await (const { name, size } of store.list(prefix)) found.set(name, size);
  return found;
}

test("copies in a zip are listed and read as they were", async () => {
  const copies = await putCopies(200);
  expect(await zips.write(HOUR, copies)).toEqual({ zip: ZIP, different: [] });
  for (const { name } of copies) await store.remove(name);
  const found = await listed();
  expect(found.size).toBe(200);
  for (const [i] of copies.entries()) {
    const location = `${ZIP}#42-1207-${i}-sent.eml`;
    expect(found.get(location)).toBe(contentOf(i).length);
    expect(await store.read(location)).toEqual(contentOf(i));
  }
  expect((await listed(`${ZIP}#42-1207-7-`)).size).toBe(1);
  expect((await listed("2026-05-04/")).size).toBe(0);
  expect(await store.read(`${ZIP}#42-1207-999.eml`)).toBeNull();
  expect(await store.read("archives/2026-05-04/13h-0002.zip#42-1207-1.eml")).toBeNull();
  expect(await zips.entries(ZIP)).toEqual(new Map(copies.map((copy) => [copy.name, copy.sha256])));
});

test("other programs read it, and its list of checksums", async (context) => {
  const copies = await putCopies(3);
  await zips.write(HOUR, copies);
  if (spawnSync("unzip", ["-q", join(dir, ZIP), "-d", join(dir, "out")]).error) return context.skip("no unzip here");
  expect(readFileSync(join(dir, "out", "42-1207-1-sent.eml"))).toEqual(contentOf(1));
  expect(spawnSync("sha256sum", ["-c", "--strict", "SHA256SUMS"], { cwd: join(dir, "out") }).status).toBe(0);
});

test("what is not what it should be stays outside", async () => {
  const copies = await putCopies(3);
  writeFileSync(join(dir, nameOf(1)), "changed by somebody");
  const gone = { name: nameOf(9), sha256: sha256(contentOf(9)) };
  expect(await zips.write(HOUR, [...copies, gone])).toEqual({ zip: ZIP, different: [nameOf(1), nameOf(9)] });
  expect([...(await zips.entries(ZIP)).keys()]).toEqual([nameOf(0), nameOf(2)]);
  expect(await zips.write(HOUR, [gone])).toEqual({ zip: null, different: [nameOf(9)] });
  expect(await zips.zips()).toEqual([ZIP]);
});

test("a further zip of the hour has the next number, whatever else lies there", async () => {
  const copies = await putCopies(2);
  const folder = join(dir, dirname(ZIP));
  mkdirSync(folder, { recursive: true });
  for (const other of ["13h-0007.zip", "14h-0009.zip", "13h-x.zip", ".13h-0008.zip.abc.tmp"])
    writeFileSync(join(folder, other), "");
  expect((await zips.write(HOUR, copies)).zip).toBe("archives/2026-05-04/13h-0008.zip");
  expect((await zips.write(HOUR, copies)).zip).toBe("archives/2026-05-04/13h-0009.zip");
});

test("two that zip the same hour at once make two zips, none in place of the other", async () => {
  const copies = await putCopies(40);
  const results = await Promise.allSettled([zips.write(HOUR, copies), openCopyZips(dir).write(HOUR, copies)]);
  const made = results.flatMap((result) => (result.status === "fulfilled" ? [String(result.value.zip)] : []));
  expect(made.length).toBeGreaterThan(0);
  expect(await zips.zips()).toEqual(made.sort());
  expect(readdirSync(join(dir, dirname(ZIP))).filter((name) => name.endsWith(".tmp"))).toEqual([]);
});

test("drafts of killed processes go when they are old, and empty folders with them", async () => {
  await putCopies(1);
  const [young, old] = [join(dir, HOUR, ".1-1-1.eml.aa.tmp"), join(dir, HOUR, ".1-1-2.eml.bb.tmp")];
  for (const draft of [young, old]) writeFileSync(draft, "hal");
  utimesSync(old, 1, 1);
  await zips.removeFolder(HOUR);
  expect([existsSync(young), existsSync(old)]).toEqual([true, false]);
  await store.remove(nameOf(0));
  utimesSync(young, 1, 1);
  await zips.removeFolder(HOUR);
  expect(await zips.folders()).toEqual([]);
  expect(existsSync(join(dir, "2026-05-04"))).toBe(false);
  await zips.removeFolder(HOUR);
});

test("the zip library's own dialect is not needed: zips of others are read, and damaged ones told", async () => {
  await foreignZip({ "42-1-1.eml": Buffer.from("copy"), "notes.txt": Buffer.from("x") });
  expect([...(await listed()).keys()]).toEqual([`${ZIP}#42-1-1.eml`]);
  expect(String(await store.read(`${ZIP}#42-1-1.eml`))).toBe("copy");
  await expect(zips.entries(ZIP)).rejects.toMatchObject({ problem: "refused" });
});

test("a damaged zip is listed by its own name, and reading anything in it says why", async () => {
  mkdirSync(join(dir, dirname(ZIP)), { recursive: true });
  writeFileSync(join(dir, ZIP), "PK not at all");
  expect([...(await listed()).keys()]).toEqual([ZIP]);
  await expect(store.read(`${ZIP}#42-1-1.eml`)).rejects.toMatchObject({ problem: "refused" });
  await expect(zips.entries(ZIP)).rejects.toMatchObject({ problem: "refused" });
});

test("a zip that unpacks to more than a copy can be is refused before it does", async () => {
  await foreignZip({ "42-1-1.eml": Buffer.alloc(COPY_MAX_BYTES + 1) });
  await expect(store.read(`${ZIP}#42-1-1.eml`)).rejects.toMatchObject({ problem: "refused" });
});

test("a zip that lies about sizes is refused where it does", async () => {
  await foreignZip({ "42-1-1.eml": Buffer.alloc(30_000_000) });
  const path = join(dir, ZIP);
  const zip = readFileSync(path);
  const directory = zip.indexOf(Buffer.from("PK\x01\x02", "latin1"));
  zip.writeUInt32LE(100, directory + 24);
  writeFileSync(path, zip);
  await expect(store.read(`${ZIP}#42-1-1.eml`)).rejects.toMatchObject({ problem: "refused" });
});

async function foreignZip(files: Record<string, Buffer>): Promise<void> {
  const zip = new ZipFile();
  for (const [name, content] of Object.entries(files)) zip.addBuffer(content, name);
  zip.end();
  mkdirSync(join(dir, dirname(ZIP)), { recursive: true });
  await pipeline(zip.outputStream, createWriteStream(join(dir, ZIP)));
}
