/**
 * Requests to an S3-compatible store: signed (AWS Signature Version 4), with time-outs, answers of bounded size, and repeated where the
 * store or the network failed: all requests made here change nothing when they are made twice. Redirects are not followed: a request is
 * signed for one host and one region, and what it carries is for that host alone.
 */
import { AwsV4Signer } from "aws4fetch";
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { setTimeout as wait } from "node:timers/promises";

import { CopyStoreError } from "../../platform/copy-store.ts";
import { errorCode, errorText } from "../../platform/errors.ts";
import { COPY_MAX_BYTES, refused } from "./problems.ts";
import { describeFailure, readError, type S3Failure } from "./s3-answers.ts";

export type S3Target = {
  /** `https://host[:port][/path]` */
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  /** Folder in the bucket, with or without slashes at its ends. */
  readonly prefix: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly pathStyle: boolean;
  readonly connections?: number;
};

export type S3Options = {
  /** For the whole of one request, and for silence in it. */
  readonly timeoutMs?: number;
  readonly retries?: number;
  /** Before the first retry; four times as long before each further one. */
  readonly retryMs?: number;
};

export type S3Request = {
  readonly method: "GET" | "PUT" | "HEAD" | "DELETE";
  /** Absent: the bucket. */
  readonly key?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
};

type Answer = { readonly status: number; readonly headers: IncomingMessage["headers"]; readonly body: Buffer };

/** Resolves with the body of a 2xx answer; rejects with `CopyStoreError`. */
export type S3Send = (request: S3Request) => Promise<Buffer>;

const CONNECTIONS = 50;
const TIMEOUT_MS = 30_000;
const RETRIES = 2;
const RETRY_MS = 200;
/** Longer waits are for whoever asked, who has a schedule of his own. */
const RETRY_AFTER_MAX_MS = 5000;
const EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

export function createS3Send(target: S3Target, options: S3Options = {}): S3Send {
  const base = baseUrl(target);
  const ask = createAsk(target, base.protocol === "https:", options.timeoutMs ?? TIMEOUT_MS);
  const secrets = [target.secretAccessKey, target.accessKeyId].filter((secret) => secret !== "");
  const hide = (text: string) => secrets.reduce((left, secret) => left.replaceAll(secret, "•••"), text);
  return async (request) => {
    const url = urlOf(base, request);
    for (let retry = 0; ; retry++) {
      const failure = await attempt(ask, url, request);
      if (failure.kind === "answered") return failure.body;
      if (!failure.again || retry >= (options.retries ?? RETRIES)) {
        throw new CopyStoreError(failure.problem, hide(failure.message));
      }
      const planned = (options.retryMs ?? RETRY_MS) * 4 ** retry * (0.5 + Math.random());
      await wait(Math.min(RETRY_AFTER_MAX_MS, Math.max(planned, failure.retryAfterMs)));
    }
  };
}

type Ask = (url: string, request: S3Request) => Promise<Answer>;
type Attempt = { readonly kind: "answered"; readonly body: Buffer } | ({ readonly kind: "failed" } & S3Failure);

async function attempt(ask: Ask, url: string, request: S3Request): Promise<Attempt> {
  let answer: Answer;
  try {
    answer = await ask(url, request);
  } catch (error) {
    return { kind: "failed", ...networkFailure(error) };
  }
  const good = answer.status >= 200 && answer.status < 300;
  // The copying of an object may fail after its 200 was sent: then the body says so. What a GET brings is not ours to read.
  const error = good && request.method === "GET" ? null : readError(answer.body);
  if (good && error === null) return { kind: "answered", body: answer.body };
  return { kind: "failed", ...describeFailure(answer.status, answer.headers, error) };
}

function networkFailure(error: unknown): S3Failure {
  if (error instanceof CopyStoreError) {
    return { problem: error.problem, message: error.message, again: false, retryAfterMs: 0 };
  }
  // A certificate that does not fit gets no better by asking again.
  const untrusted = /CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS|HOSTNAME_MISMATCH/.test(errorCode(error));
  const message = `The store cannot be reached: ${errorText(error)}`;
  return { problem: untrusted ? "refused" : "unreachable", message, again: !untrusted, retryAfterMs: 0 };
}

function createAsk(target: S3Target, secure: boolean, timeoutMs: number): Ask {
  const agentOptions = { keepAlive: true, maxSockets: target.connections ?? CONNECTIONS };
  const agent = secure ? new HttpsAgent(agentOptions) : new HttpAgent(agentOptions);
  const { accessKeyId, secretAccessKey, region } = target;
  const cache = new Map<string, ArrayBuffer>();
  return async (url, { method, headers: extra, body }) => {
    const headers = { "x-amz-content-sha256": EMPTY_SHA256, ...extra };
    const signer = new AwsV4Signer({
      method,
      url,
      headers,
      accessKeyId,
      secretAccessKey,
      region,
      service: "s3",
      cache,
    });
    const signed = Object.fromEntries((await signer.sign()).headers);
    if (method === "PUT") signed["content-length"] = String(body?.length ?? 0);
    return new Promise<Answer>((resolve, reject) => {
      const send = secure ? httpsRequest : httpRequest;
      const request = send(url, { method, headers: signed, agent, timeout: timeoutMs });
      const late = () => {
        reject(timedOut(timeoutMs));
        request.destroy();
      };
      // Waiting for a free connection does not count.
      request.on("socket", () => {
        const limit = setTimeout(late, timeoutMs);
        request.on("close", () => clearTimeout(limit));
      });
      request.on("timeout", late);
      request.on("error", reject);
      request.on("response", (response) => {
        readBody(response).then(
          (bytes) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: bytes }),
          reject,
        );
      });
      request.end(body);
    });
  };
}

/** Not repeated here: whoever asks has waited long enough. */
function timedOut(timeoutMs: number): CopyStoreError {
  return new CopyStoreError("unreachable", `The store did not answer within ${timeoutMs / 1000} s`);
}

async function readBody(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > COPY_MAX_BYTES) {
      response.destroy();
      throw refused("The store's answer is too large for a copy");
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function baseUrl({ endpoint, bucket, pathStyle }: S3Target): URL {
  const given = URL.canParse(endpoint) ? new URL(endpoint) : null;
  if (given === null || !/^https?:$/.test(given.protocol)) throw refused("The endpoint is no http or https address");
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{1,254}$/.test(bucket))
    throw refused(`${JSON.stringify(bucket)} is no name of a bucket`);
  const path = given.pathname.replace(/\/+$/, "");
  // Only host and path: a user or a query in the endpoint goes nowhere.
  return pathStyle
    ? new URL(`${given.protocol}//${given.host}${path}/${bucket}`)
    : new URL(`${given.protocol}//${bucket}.${given.host}${path}`);
}

function urlOf(base: URL, { key, query }: S3Request): string {
  const path = key === undefined ? "" : `/${encodeKey(key)}`;
  const search = Object.entries(query ?? {}).map(([name, value]) => `${encode(name)}=${encode(value)}`);
  return `${base.href.replace(/\/$/, "")}${path}${search.length > 0 ? `?${search.join("&")}` : ""}`;
}

/** As a path and as `x-amz-copy-source` want it. */
export function encodeKey(key: string): string {
  return key.split("/").map(encode).join("/");
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}
