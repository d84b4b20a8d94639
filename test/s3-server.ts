/**
 * An S3-compatible store in memory for tests. Checks signatures (AWS Signature Version 4) and checksums with code of its own, as strictly
 * as the real ones do, and fails when told to.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { sha256Hex, verifySignature, type Credentials } from "./s3-signature.ts";

export type S3Asked = {
  readonly method: string;
  readonly bucket: string;
  readonly key: string;
  readonly headers: IncomingMessage["headers"];
};

export type S3Fault =
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly code: string;
      readonly headers?: Record<string, string>;
    }
  /** A status and a body that is not the store's. */
  | { readonly kind: "text"; readonly status: number; readonly text: string; readonly headers?: Record<string, string> }
  /** `after`: the request was carried out. */
  | { readonly kind: "close"; readonly after: boolean }
  /** Nothing is ever answered. */
  | { readonly kind: "silence" };

export type S3Server = {
  readonly endpoint: string;
  readonly credentials: Credentials;
  /** By `bucket/key`. */
  readonly objects: Map<string, Buffer>;
  readonly asked: S3Asked[];
  /** Asked before each request is carried out. */
  fault: (asked: S3Asked) => S3Fault | null;
  /** Objects in one answer to a list. */
  pageSize: number;
  close(): Promise<void>;
};

type Reply = { readonly status: number; readonly body?: string | Buffer; readonly headers?: Record<string, string> };

export async function startS3Server(bucket = "copies", region = "eu-test-1"): Promise<S3Server> {
  const server = createServer((request, response) => {
    void handle(s3, bucket, region, request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const s3: S3Server = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials: { accessKeyId: "AKIDTESTTESTTEST", secretAccessKey: "test/secret+key", region },
    objects: new Map(),
    asked: [],
    fault: () => null,
    pageSize: 1000,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return s3;
}

async function handle(
  s3: S3Server,
  bucket: string,
  region: string,
  request: IncomingMessage,
  response: ServerResponse,
) {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const url = new URL(request.url ?? "/", "http://s3.test");
  const asked = { ...addressed(request, url, bucket), method: request.method ?? "", headers: request.headers };
  s3.asked.push(asked);
  const fault = s3.fault(asked);
  if (fault?.kind === "silence") return;
  if (fault?.kind === "close" && !fault.after) {
    response.destroy();
    return;
  }
  const reply = faulty(fault) ?? carryOut(s3, bucket, asked, url, request, body, region);
  if (fault?.kind === "close") {
    response.destroy();
    return;
  }
  response.writeHead(reply.status, { "x-amz-bucket-region": region, ...reply.headers });
  response.end(request.method === "HEAD" ? undefined : reply.body);
}

/** Both styles: the bucket in the path, or in front of the host. */
function addressed(request: IncomingMessage, url: URL, bucket: string): { bucket: string; key: string } {
  const path = decodeURIComponent(url.pathname).slice(1);
  if (request.headers.host?.startsWith(`${bucket}.`)) return { bucket, key: path };
  const slash = path.indexOf("/");
  return slash < 0 ? { bucket: path, key: "" } : { bucket: path.slice(0, slash), key: path.slice(slash + 1) };
}

function faulty(fault: S3Fault | null): Reply | null {
  if (fault?.kind === "answer")
    return { ...refusal(fault.status, fault.code, "as told"), headers: fault.headers ?? {} };
  if (fault?.kind === "text") return { status: fault.status, body: fault.text, headers: fault.headers ?? {} };
  return null;
}

function carryOut(
  s3: S3Server,
  bucket: string,
  asked: S3Asked,
  url: URL,
  request: IncomingMessage,
  body: Buffer,
  region: string,
): Reply {
  const wrong = verifySignature(request, url, s3.credentials);
  if (wrong !== null) return refusal(wrong.status, wrong.code, wrong.message, `<Region>${region}</Region>`);
  const declared = request.headers["x-amz-content-sha256"];
  if (declared !== "UNSIGNED-PAYLOAD" && declared !== sha256Hex(body))
    return refusal(400, "XAmzContentSHA256Mismatch", "");
  if (asked.bucket !== bucket) return refusal(404, "NoSuchBucket", "The specified bucket does not exist");
  const path = `${bucket}/${asked.key}`;
  if (asked.method === "PUT") return put(s3, path, request, body);
  if (asked.method === "DELETE") {
    s3.objects.delete(path);
    return { status: 204 };
  }
  if (asked.key === "") return list(s3, bucket, url);
  const object = s3.objects.get(path);
  return object ? { status: 200, body: object } : refusal(404, "NoSuchKey", "The specified key does not exist.");
}

function put(s3: S3Server, path: string, request: IncomingMessage, body: Buffer): Reply {
  const source = request.headers["x-amz-copy-source"];
  if (source !== undefined) {
    const object = s3.objects.get(decodeURIComponent(String(source)).replace(/^\//, ""));
    if (!object) return refusal(404, "NoSuchKey", "The specified key does not exist.");
    s3.objects.set(path, object);
    return { status: 200, body: '<?xml version="1.0"?><CopyObjectResult><ETag>"x"</ETag></CopyObjectResult>' };
  }
  const checksum = request.headers["x-amz-checksum-sha256"];
  const actual = Buffer.from(sha256Hex(body), "hex").toString("base64");
  if (checksum !== undefined && checksum !== actual)
    return refusal(400, "BadDigest", "The SHA256 you specified did not match");
  s3.objects.set(path, body);
  return { status: 200 };
}

function list(s3: S3Server, bucket: string, url: URL): Reply {
  const prefix = `${bucket}/${url.searchParams.get("prefix") ?? ""}`;
  const after = url.searchParams.get("continuation-token") ?? "";
  const keys = [...s3.objects.keys()].filter((path) => path.startsWith(prefix) && path > after).sort();
  const page = keys.slice(0, s3.pageSize);
  const last = page.at(-1);
  const truncated = keys.length > page.length && last !== undefined;
  const contents = page.map(
    (path) =>
      `<Contents><Key>${escapeXml(path.slice(bucket.length + 1))}</Key><ETag>&quot;x&quot;</ETag>` +
      `<Size>${s3.objects.get(path)?.length}</Size></Contents>`,
  );
  const next = truncated ? `<NextContinuationToken>${escapeXml(last)}</NextContinuationToken>` : "";
  const head = `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">`;
  return {
    status: 200,
    body: `${head}<IsTruncated>${truncated}</IsTruncated>${contents.join("")}${next}</ListBucketResult>`,
  };
}

function refusal(status: number, code: string, message: string, more = ""): Reply {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${escapeXml(message)}</Message>${more}</Error>`;
  return { status, body };
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
