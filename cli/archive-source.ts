/** Where `envoi archive verify` reads copies: the options, checked. No password or secret key is ever part of what is said about them. */
import { join, resolve } from "node:path";

import { openS3Store } from "../src/adapters/copy-store/s3-store.ts";
import { type MailboxUrl, parseMailboxUrl } from "../src/adapters/mailbox/mailbox-url.ts";
import type { ReadOptions } from "../src/adapters/mailbox/limits.ts";
import { readCopyStore } from "../src/adapters/mailbox/read-copy-store.ts";
import { readFolder } from "../src/adapters/mailbox/read-folder.ts";
import { readImapFolder } from "../src/adapters/mailbox/read-imap-folder.ts";
import type { ArchiveKind } from "../src/core/archive/archive.ts";
import type { ArchiveItem } from "../src/core/archive/compare-copies.ts";
import type { Instant } from "../src/core/time.ts";
import type { KnownArchive, KnownTarget } from "../src/features/archive/index.ts";
import { CopyStoreError } from "../src/platform/copy-store.ts";
import { appError } from "../src/platform/errors.ts";

export type SourceOptions = {
  readonly mailbox?: string;
  readonly dir?: string;
  readonly s3?: string;
  readonly insecure?: boolean;
};

export type ArchiveSource = {
  /** Of the archives that keep copies there. */
  readonly kind: ArchiveKind;
  readonly shown: string;
  read(since: Instant, options: ReadOptions): AsyncIterable<ArchiveItem>;
};

type Environment = Readonly<Record<string, string | undefined>>;
type S3Target = Omit<Extract<KnownTarget, { kind: "s3" }>, "kind" | "connections">;

const invalid = (option: string, detail: string) => appError("option-invalid", { option, detail });

/** Null: none is named, so the archive's own folder or bucket it is. Throws `option-invalid`. */
export function readSource(options: SourceOptions, environment: Environment): ArchiveSource | null {
  const given = (["mailbox", "dir", "s3"] as const).filter((name) => options[name] !== undefined);
  if (given.length > 1) throw invalid(`--${given[1]}`, `goes not with --${given[0]}: one place at a time is compared`);
  if (options.mailbox !== undefined) return mailboxSource(options.mailbox, options.insecure === true, environment);
  if (options.dir !== undefined) return folderSource(resolve(options.dir));
  if (options.s3 !== undefined) return bucketSource(readS3Url(options.s3, environment));
  return null;
}

/** Throws `option-invalid` for an archive whose copies are in somebody's mailbox. */
export function ownSource({ name, target }: KnownArchive, dataDir: string): ArchiveSource {
  switch (target.kind) {
    case "smtp":
      throw invalid(
        "--mailbox",
        `is needed (or --dir): only the server of the archive "${name}" knows where it keeps mail`,
      );
    case "files":
      return folderSource(target.directory ?? join(dataDir, "archive"));
    case "s3":
      return bucketSource(target);
  }
}

function mailboxSource(text: string, insecure: boolean, environment: Environment): ArchiveSource {
  const url: MailboxUrl | null = parseMailboxUrl(text);
  if (url === null) {
    throw invalid(
      "--mailbox",
      "is written imaps://user:password@host:port/Folder (or imap://); other characters than letters and digits as %40 in user and password",
    );
  }
  const password = url.password ?? environment["ENVOI_MAILBOX_PASSWORD"];
  if (!password) throw invalid("--mailbox", "has no password; put one in, or into ENVOI_MAILBOX_PASSWORD");
  return { kind: "smtp", shown: url.shown, read: (since) => readImapFolder(url, { password, since, insecure }) };
}

function folderSource(path: string): ArchiveSource {
  return { kind: "files", shown: path, read: (_since, options) => readFolder(path, options) };
}

function bucketSource(target: S3Target): ArchiveSource {
  const place = [target.endpoint.replace(/^https?:\/\/|\/+$/g, ""), target.bucket, target.prefix].filter(
    (step) => step !== "",
  );
  const shown = `s3://${place.join("/")}`;
  try {
    const store = openS3Store(target);
    return { kind: "s3", shown, read: (_since, options) => readCopyStore(store, shown, options) };
  } catch (error) {
    if (error instanceof CopyStoreError) throw invalid("--s3", error.message);
    throw error;
  }
}

function readS3Url(text: string, environment: Environment): S3Target {
  const url = URL.canParse(text) ? new URL(text) : null;
  const [bucket, ...prefix] = (url?.pathname ?? "").split("/").slice(1).map(decode);
  if (url?.protocol !== "s3:" || !url.hostname || !bucket || prefix.includes(null)) {
    throw invalid(
      "--s3",
      "is written s3://KEY:SECRET@host:port/bucket/prefix?region=us-east-1 (tls=no for http); other characters than letters and digits as %2F in key and secret",
    );
  }
  const accessKeyId = decode(url.username) || environment["AWS_ACCESS_KEY_ID"];
  const secretAccessKey = decode(url.password) || environment["AWS_SECRET_ACCESS_KEY"];
  if (!accessKeyId || !secretAccessKey) {
    throw invalid("--s3", "has no key and secret; put them in, or into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
  }
  return {
    endpoint: `${url.searchParams.get("tls") === "no" ? "http" : "https"}://${url.host}`,
    region: url.searchParams.get("region") ?? environment["AWS_REGION"] ?? "us-east-1",
    bucket,
    prefix: prefix.join("/"),
    accessKeyId,
    secretAccessKey,
    pathStyle: true,
  };
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
