/** Where copies are read: what the options say, and what is said about them, without passwords. */
import { describe, expect, test } from "vitest";

import type { KnownArchive } from "../src/features/archive/index.ts";
import { ownSource, readSource, type SourceOptions } from "./archive-source.ts";

const SECRETS = { AWS_ACCESS_KEY_ID: "AKID", AWS_SECRET_ACCESS_KEY: "hunter2", ENVOI_MAILBOX_PASSWORD: "hunter2" };

test.each<[SourceOptions, Record<string, string>, string, string]>([
  [{ mailbox: "imaps://a%40b:hunter2@mail.example/Copies" }, {}, "smtp", "imaps://a%40b@mail.example/Copies"],
  [{ mailbox: "imap://a@mail.example:1143" }, SECRETS, "smtp", "imap://a@mail.example:1143"],
  [{ dir: "/var/mail/copies" }, {}, "files", "/var/mail/copies"],
  [{ s3: "s3://KEY:hunter%2F2@s3.example:9000/bucket/a/b?region=eu" }, {}, "s3", "s3://s3.example:9000/bucket/a/b"],
  [{ s3: "s3://s3.example/bucket" }, SECRETS, "s3", "s3://s3.example/bucket"],
])("%j is a place of its kind", (options, environment, kind, shown) => {
  expect(readSource(options, environment)).toMatchObject({ kind, shown });
});

test("nothing named is the archive's own place", () => {
  const archive = (target: object) => ({ id: 1, name: "Folder", target }) as KnownArchive;
  expect(readSource({ insecure: true }, SECRETS)).toBeNull();
  expect(ownSource(archive({ kind: "files", directory: null }), "/data").shown).toBe("/data/archive");
  expect(ownSource(archive({ kind: "files", directory: "/copies" }), "/data").shown).toBe("/copies");
  const s3 = {
    kind: "s3",
    endpoint: "https://s3.example/",
    bucket: "copies",
    prefix: "",
    region: "eu",
    accessKeyId: "k",
  };
  expect(ownSource(archive({ ...s3, secretAccessKey: "hunter2" }), "/data").shown).toBe("s3://s3.example/copies");
  expect(() => ownSource(archive({ kind: "smtp" }), "/data")).toThrow(/--mailbox: is needed \(or --dir\)/);
});

describe("bad input names the option and keeps passwords", () => {
  test.each<[SourceOptions, string]>([
    [{ dir: "/tmp", mailbox: "imap://a:hunter2@b/" }, "--dir: goes not with --mailbox"],
    [{ mailbox: "http://a:hunter2@b/" }, "--mailbox: is written"],
    [{ mailbox: "imap://a:hunter2@b:x/" }, "--mailbox: is written"],
    [{ mailbox: "imap://a@b/" }, "--mailbox: has no password"],
    [{ s3: "s3://a:hunter2@b/" }, "--s3: is written"],
    [{ s3: "s3://a:hunter/2@b/bucket" }, "--s3: is written"],
    [{ s3: "s3://a:hunter2@b/bucket/%zz" }, "--s3: is written"],
    [{ s3: "s3://b/bucket" }, "--s3: has no key and secret"],
  ])("%j", (options, said) => {
    const read = () => readSource(options, {});
    expect(read).toThrow(expect.objectContaining({ code: "option-invalid", exit: 2 }));
    expect(read).toThrow(said);
    expect(read).not.toThrow("hunter");
  });
});
