/** An archive that is a bucket of an object store: what endpoint, bucket and prefix must look like. */
import type { ArchiveTargetInput } from "../../contract/index.ts";
import type { CheckedTarget, Fail } from "./checked-archive.ts";
import type { ArchiveRow } from "./store.ts";

type S3Input = Extract<ArchiveTargetInput, { kind: "s3" }>;

/** Amazon's rules for old buckets, which those of other makers keep to: no slash, nothing that has to be escaped. */
const BUCKET = /^[A-Za-z0-9][A-Za-z0-9._-]*[A-Za-z0-9]$/;
/** As part of a host name. */
const DNS_BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
/** Names that every store and every tool takes (S3, "Object key naming guidelines": safe characters). */
const PREFIX = /^[A-Za-z0-9!_.*'()/-]*$/;

export function checkS3Target(
  { secretAccessKey, ...given }: S3Input,
  known: ArchiveRow | null,
  others: readonly ArchiveRow[],
  fail: Fail,
): CheckedTarget {
  const target = {
    ...given,
    endpoint: checkEndpoint(given.endpoint, fail),
    region: given.region.trim(),
    bucket: given.bucket.trim(),
    prefix: given.prefix.trim().replace(/^\/+|\/+$/g, ""),
    accessKeyId: given.accessKeyId.trim(),
  };
  checkNames(target, fail);
  const same = others.find((other) => other.target.kind === "s3" && placeOf(other.target) === placeOf(target));
  if (same) fail("/target/prefix", "in-use", `The archive "${same.name}" has its copies there`);
  if (secretAccessKey !== undefined) return { target, secret: { kind: "new", secret: secretAccessKey } };
  const before = known?.target.kind === "s3" && known.sealed_secret !== null ? known.target : null;
  if (before === null) {
    fail("/target/secretAccessKey", "missing", "The key's secret is needed");
  } else if (before.endpoint !== target.endpoint || before.accessKeyId !== target.accessKeyId) {
    const message = "For another endpoint or key the secret must be given again";
    fail("/target/secretAccessKey", "missing", message);
  }
  return { target, secret: { kind: "keep" } };
}

function checkEndpoint(text: string, fail: Fail): string {
  const url = new URL(text);
  if (url.username !== "" || url.password !== "") {
    fail("/target/endpoint", "credentials", "Keys do not belong into the address of the endpoint");
  } else if (url.search !== "" || url.hash !== "") {
    fail("/target/endpoint", "invalid", "The endpoint is an address without ? and #");
  }
  return url.href.replace(/\/+$/, "");
}

function checkNames({ bucket, prefix, pathStyle, region, accessKeyId }: Omit<S3Input, "secretAccessKey">, fail: Fail) {
  if (!BUCKET.test(bucket) || bucket.includes("..")) {
    fail("/target/bucket", "invalid", "A bucket is named with letters, digits, dots and dashes");
  } else if (!pathStyle && !DNS_BUCKET.test(bucket)) {
    fail(
      "/target/bucket",
      "invalid",
      "As part of a host name a bucket has 3 to 63 lower-case letters, digits and dashes",
    );
  }
  if (!PREFIX.test(prefix) || /(^|\/)\.{0,2}(\/|$)/.test(prefix === "" ? "x" : prefix)) {
    fail("/target/prefix", "invalid", "A prefix is made of names of letters and digits with / between them");
  }
  if (!/^[A-Za-z0-9-]+$/.test(region)) fail("/target/region", "invalid", "A region is written like us-east-1");
  if (!/^[\x21-\x7e]+$/.test(accessKeyId) || accessKeyId.includes("/") || accessKeyId.includes(",")) {
    fail("/target/accessKeyId", "invalid", "The id of a key has no blanks, slashes or commas");
  }
}

function placeOf({ endpoint, bucket, prefix }: Pick<S3Input, "endpoint" | "bucket" | "prefix">): string {
  return JSON.stringify([endpoint, bucket, prefix]);
}
