/** Reads what an S3-compatible store answers: its errors, and lists of objects. Nothing in an answer is believed beyond its form. */
import { Parser } from "htmlparser2";
import type { IncomingHttpHeaders } from "node:http";

import type { CopyStoreProblem } from "../../platform/copy-store.ts";

export type S3Error = { readonly code: string; readonly message: string; readonly region: string };

export type S3Failure = {
  readonly problem: CopyStoreProblem;
  readonly message: string;
  /** The same request may succeed in a moment. */
  readonly again: boolean;
  readonly retryAfterMs: number;
};

export type S3List = {
  readonly objects: readonly { readonly key: string; readonly size: number }[];
  /** Null: this was all. */
  readonly next: string | null;
};

const ERROR_MAX_BYTES = 65_536;
const TEXT_MAX = 300;

/** Codes of stores that have no room, whatever their status. */
const FULL = /^(QuotaExceeded|XMinioStorageFull|InsufficientStorage|XMinioAdminBucketQuotaExceeded|TooManyBuckets)$/;
/** Refusals that pass. */
const BUSY = /^(SlowDown|ServiceUnavailable|InternalError|RequestTimeout|Throttling|TooManyRequests)/;

/** Null: no error is in it. */
export function readError(body: Buffer): S3Error | null {
  const start = body.subarray(0, 200).toString("latin1");
  if (!/^(\uFEFF|ï»¿)?\s*(<\?xml[^>]*>\s*)?<Error[\s>]/.test(start)) return null;
  const texts = new Map<string, string>();
  collect(body.subarray(0, ERROR_MAX_BYTES), (path, text) => {
    if (!texts.has(path)) texts.set(path, text);
  });
  return {
    code: clean(texts.get("Error/Code") ?? ""),
    message: clean(texts.get("Error/Message") ?? ""),
    region: clean(texts.get("Error/Region") ?? ""),
  };
}

export function describeFailure(status: number, headers: IncomingHttpHeaders, error: S3Error | null): S3Failure {
  const code = error?.code ?? "";
  const region = clean(String(headers["x-amz-bucket-region"] ?? "")) || (error?.region ?? "");
  const words = [`The store answered ${status}`, code, error?.message].filter((word) => word);
  const wrongPlace = (status >= 300 && status < 400) || /Region|AuthorizationHeaderMalformed/.test(code);
  const hint = wrongPlace && region ? ` (the bucket is in the region ${region})` : "";
  const seconds = Number(headers["retry-after"] ?? 0);
  return {
    problem: problemOf(status, code),
    message: `${words.join(": ")}${hint}`,
    again: status >= 500 ? status !== 501 && status !== 507 : status === 429 || BUSY.test(code),
    retryAfterMs: Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 0,
  };
}

function problemOf(status: number, code: string): CopyStoreProblem {
  if (status === 507 || FULL.test(code)) return "full";
  // A HEAD has no body that could say which of both is missing.
  if (status === 404 && code !== "NoSuchBucket") return "missing";
  return status >= 500 || status === 429 || BUSY.test(code) ? "unreachable" : "refused";
}

/** An answer to ListObjectsV2; null: it is something else. */
export function readList(body: Buffer): S3List | null {
  const objects: { key: string; size: number }[] = [];
  let key = "";
  let truncated: string | null = null;
  let next: string | null = null;
  collect(body, (path, text) => {
    if (path === "ListBucketResult/Contents/Key") key = text;
    if (path === "ListBucketResult/Contents/Size") objects.push({ key, size: Number(text) });
    if (path === "ListBucketResult/IsTruncated") truncated = text;
    if (path === "ListBucketResult/NextContinuationToken") next = text;
  });
  if (truncated === null) return null;
  return { objects, next: truncated === "true" ? next : null };
}

/** Hands over the text of each element that has no elements in it. Document types and their entities mean nothing here. */
function collect(body: Buffer, onText: (path: string, text: string) => void): void {
  const path: string[] = [];
  let text = "";
  const parser = new Parser(
    {
      onopentag: (name) => {
        path.push(name);
        text = "";
      },
      ontext: (data) => (text += data),
      onclosetag: () => {
        onText(path.join("/"), text);
        path.pop();
        text = "";
      },
    },
    { xmlMode: true, decodeEntities: true },
  );
  parser.end(body.toString("utf8"));
}

/** One line of bounded length for a log and a screen. */
function clean(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, " ")
    .trim()
    .slice(0, TEXT_MAX);
}
