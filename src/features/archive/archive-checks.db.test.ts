/** What is refused when an archive is saved, and where the mistake is. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { createTestWebApp, type TestWebApp } from "../../../test/web-app.ts";
import type { Problem } from "../../contract/index.ts";
import { openMasterKey } from "../secrets/index.ts";
import { loadArchives } from "./index.ts";

const URL = "/api/v1/archives";
const SMTP = { kind: "smtp", address: "copies@archive.example" };
const S3 = {
  kind: "s3",
  endpoint: "https://s3.archive.example",
  bucket: "copies",
  accessKeyId: "AKIA1",
  secretAccessKey: "the secret key",
};
const SERVER = { server: "mail.archive.example:587", user: "envoi", password: "the password", tls: "required" };

let web: TestWebApp;
beforeAll(async () => {
  web = await createTestWebApp();
});
beforeEach(async () => {
  await web.db.query("truncate archives, platform_settings");
  for (const folder of ["archive", "journal"]) rmSync(join(web.dir, folder), { recursive: true, force: true });
});
afterAll(() => web.close());

const post = (target: unknown, fields: object = {}) => web.call("POST", URL, { name: "Journal", target, ...fields });
const load = async () => loadArchives(web.db, await openMasterKey(web.db, { secretKey: null, dataDir: web.dir }, 1));

async function pointersOf(call: Promise<{ status: number; body: unknown }>): Promise<string[]> {
  const answer = await call;
  expect(answer.status).toBe(422);
  return ((answer.body as Problem).errors ?? []).map((error) => error.pointer);
}

describe("refused with a pointer:", () => {
  beforeEach(async () => {
    const settings = {
      bounceDomain: "bounces.example",
      errorAddress: "errors@sender.example",
      unqualifiedAddress: "rest@sender.example",
      unsubscribeAddress: "leave@sender.example",
    };
    expect((await web.call("PUT", "/api/v1/settings", settings)).status).toBe(200);
  });

  test.each([
    ["/target/address", { address: "nobody" }],
    ["/target/address", { address: "a@b@c.example" }],
    ["/target/address", { address: "Archive <copies@archive.example>" }],
    ["/target/address", { address: "copies@archive.example\r\nRCPT TO:<x@y.example>" }],
    ["/target/address", { address: "anything@bounces.example" }],
    ["/target/address", { address: "Errors@Sender.Example" }],
    ["/target/address", { address: "errors+archive@sender.example" }],
    ["/target/address", { address: "rest@sender.example" }],
    ["/target/address", { address: "leave@sender.example" }],
    ["/target/server", { server: "mail.archive.example" }],
    ["/target/server", { server: "mail.archive.example:0" }],
    ["/target/server", { tls: "implicit" }],
    ["/target/server", { user: "u", password: "p" }],
    ["/target/user", { server: "m.example:25", password: "p" }],
    ["/target/password", { server: "m.example:25", user: "u" }],
    ["/target/password", { server: "m.example:25", user: "u", password: "" }],
    ["/target/tls", { ...SERVER, tls: "none" }],
    ["/target/returnPath", { returnPath: "nobody" }],
    ["/target/returnPath", { returnPath: "COPIES@archive.example" }],
    ["/target/connections", { connections: 0 }],
    ["/target/ratePerMinute", { ratePerMinute: 0.5 }],
  ])("%s of %j", async (pointer, changes) => {
    expect(await pointersOf(post({ ...SMTP, ...changes }))).toEqual([pointer]);
  });

  test.each([
    ["/target/endpoint", { endpoint: "ftp://s3.example" }],
    ["/target/endpoint", { endpoint: "https://key:secret@s3.example" }],
    ["/target/endpoint", { endpoint: "https://s3.example/?x=1" }],
    ["/target/bucket", { bucket: "a/b" }],
    ["/target/bucket", { bucket: "a..b" }],
    ["/target/bucket", { bucket: "Copies", pathStyle: false }],
    ["/target/prefix", { prefix: "../other" }],
    ["/target/prefix", { prefix: "a//b" }],
    ["/target/prefix", { prefix: "a?b" }],
    ["/target/region", { region: "us east" }],
    ["/target/accessKeyId", { accessKeyId: "a/b" }],
    ["/target/secretAccessKey", { secretAccessKey: undefined }],
  ])("%s of %j", async (pointer, changes) => {
    expect(await pointersOf(post({ ...S3, ...changes }))).toEqual([pointer]);
  });

  test.each([
    ["/name", { name: "a\nb" }],
    ["/name", { name: "" }],
    ["/rule/senderDomains/1", { rule: { senderDomains: ["a.example", "b"] } }],
    ["/rule/natures/0", { rule: { natures: ["other"] } }],
    ["/target/bcc", { target: { kind: "smtp", address: "a@b.example", bcc: "x" } }],
  ])("%s of %j", async (pointer, changes) => {
    expect(await pointersOf(post(SMTP, changes))).toEqual([pointer]);
  });

  test("all that is wrong at once", async () => {
    const pointers = await pointersOf(
      post({ ...SMTP, address: "nobody", server: "y" }, { rule: { senderDomains: ["z"] } }),
    );
    expect(pointers.toSorted()).toEqual(["/rule/senderDomains/0", "/target/address", "/target/server"]);
  });

  test("settings that would lead copies back to Envoi", async () => {
    expect((await post(SMTP, { name: "copies@archive.example" })).status).toBe(201);
    const answer = await web.call("PUT", "/api/v1/settings", { bounceDomain: "archive.example" });
    expect(answer.text).not.toContain("copies@");
    expect(await pointersOf(Promise.resolve(answer))).toEqual(["/bounceDomain"]);
    const own = web.call("PUT", "/api/v1/settings", { errorAddress: "copies@archive.example" });
    expect(await pointersOf(own)).toEqual(["/errorAddress"]);
  });
});

describe("a folder", () => {
  const folder = (directory?: string, fields: object = {}) => post({ kind: "files", directory }, fields);
  const refused = (directory: string) => pointersOf(folder(directory, { name: "other" }));

  test("is made when the archive is saved, and nothing is left in it", async () => {
    const outside = mkdtempSync(join(tmpdir(), "envoi-copies-"));
    const directory = join(outside, "deep", "er");
    expect((await folder(`${directory}/`)).body).toMatchObject({ target: { directory, zip: false, zipBatch: 10_000 } });
    expect(readdirSync(directory)).toEqual([]);
    expect(await load()).toMatchObject([{ target: { kind: "files", directory, purgeAfter: null } }]);
    rmSync(outside, { recursive: true });
  });

  test("is DATA_DIR/archive by default", async () => {
    expect((await folder()).status).toBe(201);
    expect(existsSync(join(web.dir, "archive"))).toBe(true);
    expect(await load()).toMatchObject([{ target: { directory: null } }]);
  });

  test("is not made for an archive that is refused", async () => {
    const directory = join(web.dir, "archive", "not-made");
    expect(await pointersOf(folder(directory, { rule: { senderDomains: ["x"] } }))).toEqual(["/rule/senderDomains/0"]);
    expect(existsSync(directory)).toBe(false);
  });

  test.each(["relative/path", "../up", "/proc/self", "/etc/envoi", "/usr/../etc", "/", "/tmp/a\nb"])(
    "%j is refused",
    async (directory) => {
      expect(await refused(directory)).toEqual(["/target/directory"]);
    },
  );

  test("in or around what is Envoi's own is refused, also by a link", async () => {
    for (const path of ["postgres", "journal/1", "archive-2", "archive/../journal", "."]) {
      expect(await refused(join(web.dir, path))).toEqual(["/target/directory"]);
    }
    expect(await refused(join(web.dir, ".."))).toEqual(["/target/directory"]);
    mkdirSync(join(web.dir, "archive"));
    mkdirSync(join(web.dir, "journal"));
    symlinkSync(join(web.dir, "journal"), join(web.dir, "archive", "link"));
    expect(await refused(join(web.dir, "archive", "link", "x"))).toEqual(["/target/directory"]);
  });

  test("that cannot be written is refused", async () => {
    mkdirSync(join(web.dir, "archive"));
    symlinkSync("/dev/null", join(web.dir, "archive", "null"));
    expect(await refused(join(web.dir, "archive", "null"))).toEqual(["/target/directory"]);
  });

  test("is one archive's alone", async () => {
    await folder(join(web.dir, "archive", "a"));
    for (const path of ["a", "a/b", ""])
      expect(await refused(join(web.dir, "archive", path))).toEqual(["/target/directory"]);
    expect((await folder(join(web.dir, "archive", "ab"), { name: "other" })).status).toBe(201);
  });

  test("of objects, too", async () => {
    await post(S3);
    expect(await pointersOf(post(S3, { name: "other" }))).toEqual(["/target/prefix"]);
    expect((await post({ ...S3, prefix: "other" }, { name: "other" })).status).toBe(201);
  });
});
