/** How a store of objects behaves when the store or the network fails. */
import { createHash } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

import { startS3Server, type S3Asked, type S3Fault, type S3Server } from "../../../test/s3-server.ts";
import type { CopyStore } from "../../platform/copy-store.ts";
import type { S3Target } from "./s3-request.ts";
import { openS3Store } from "./s3-store.ts";

const NAME = "2026-05-04/13h/42-1207-5.eml";
const SENT = "2026-05-04/13h/42-1207-5-sent.eml";
const COPY = Buffer.from("copy");
const SHA256 = createHash("sha256").update(COPY).digest("base64");

let s3: S3Server;
beforeAll(async () => {
  s3 = await startS3Server();
});
afterAll(() => s3.close());
beforeEach(() => {
  s3.objects.clear();
  s3.asked.length = 0;
  s3.fault = () => null;
  s3.pageSize = 1000;
});

function open(changes: Partial<S3Target> = {}): CopyStore {
  const target = {
    endpoint: s3.endpoint,
    bucket: "copies",
    prefix: "",
    pathStyle: true,
    ...s3.credentials,
    ...changes,
  };
  return openS3Store(target, { timeoutMs: 500, retryMs: 1 });
}

/** The first so many requests fail. */
function failing(times: number, fault: S3Fault, matches: (asked: S3Asked) => boolean = () => true): void {
  let left = times;
  s3.fault = (asked) => (matches(asked) && left-- > 0 ? fault : null);
}

test.each<[string, S3Fault]>([
  ["500", { kind: "answer", status: 500, code: "InternalError" }],
  ["503 SlowDown", { kind: "answer", status: 503, code: "SlowDown" }],
  ["429", { kind: "answer", status: 429, code: "TooManyRequests" }],
  ["a proxy's 502", { kind: "text", status: 502, text: "<html>Bad gateway</html>" }],
  ["a connection that closes before", { kind: "close", after: false }],
  ["a connection that closes after", { kind: "close", after: true }],
])("%s passes: what was asked is done in the end, once", async (_, fault) => {
  failing(2, fault);
  await open().put(NAME, COPY, SHA256);
  expect([...s3.objects.keys()]).toEqual([`copies/${NAME}`]);
  failing(2, fault);
  await open().rename(NAME, SENT);
  failing(2, fault);
  expect(await open().read(SENT)).toEqual(COPY);
  expect([...s3.objects.keys()]).toEqual([`copies/${SENT}`]);
});

test.each<[string, S3Fault, string, RegExp, number]>([
  ["503", { kind: "answer", status: 503, code: "SlowDown" }, "unreachable", /503: SlowDown: as told/, 3],
  ["403", { kind: "answer", status: 403, code: "AccessDenied" }, "refused", /403: AccessDenied: as told/, 1],
  ["a bucket that is not there", { kind: "answer", status: 404, code: "NoSuchBucket" }, "refused", /NoSuchBucket/, 1],
  ["a quota", { kind: "answer", status: 403, code: "QuotaExceeded" }, "full", /QuotaExceeded/, 1],
  ["a full disk", { kind: "answer", status: 507, code: "XMinioStorageFull" }, "full", /XMinioStorageFull/, 1],
  ["closed connections", { kind: "close", after: false }, "unreachable", /cannot be reached/, 3],
  ["silence", { kind: "silence" }, "unreachable", /did not answer within 0.5 s/, 1],
  ["an answer of another kind", { kind: "text", status: 418, text: "<Error".repeat(50_000) }, "refused", /418/, 1],
])("%s that stays is told with the store's words", async (_, fault, problem, message, requests) => {
  s3.fault = () => fault;
  const failure = expect(open().put(NAME, COPY, SHA256)).rejects;
  await failure.toMatchObject({ name: "CopyStoreError", problem, message: expect.stringMatching(message) });
  expect(s3.asked).toHaveLength(requests);
});

test("a redirect is not followed; the region that the store names is told", async () => {
  const elsewhere = await listen((url, answer) => {
    asked.push(url);
    answer();
  });
  const asked: string[] = [];
  const location = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/copies`;
  s3.fault = () => ({
    kind: "answer",
    status: 307,
    code: "TemporaryRedirect",
    headers: { location, "x-amz-bucket-region": "far-1" },
  });
  await expect(open().put(NAME, COPY, SHA256)).rejects.toMatchObject({
    problem: "refused",
    message: "The store answered 307: TemporaryRedirect: as told (the bucket is in the region far-1)",
  });
  expect(asked).toEqual([]);
  elsewhere.close();
});

test("a wrong region, key and secret are told without them", async () => {
  const told = (changes: Partial<S3Target>) =>
    open(changes)
      .put(NAME, COPY, SHA256)
      .catch((error: Error) => error.message);
  expect(await told({ region: "us-east-1" })).toMatch(
    /AuthorizationHeaderMalformed.*\(the bucket is in the region eu-test-1\)/,
  );
  expect(await told({ secretAccessKey: "wrong" })).toMatch(/403: SignatureDoesNotMatch/);
  const message = await told({ accessKeyId: "AKIDWRONG" });
  expect(message).toMatch(/403: InvalidAccessKeyId: The key •••/);
  expect(message).not.toMatch(/AKIDWRONG/);
});

test("the copying of an object may fail after 200 was sent", async () => {
  await open().put(NAME, COPY, SHA256);
  const text = '<?xml version="1.0"?>\n<Error><Code>InternalError</Code><Message>later</Message></Error>';
  const isCopy = ({ headers }: S3Asked) => headers["x-amz-copy-source"] !== undefined;
  failing(1, { kind: "text", status: 200, text }, isCopy);
  await open().rename(NAME, SENT);
  expect([...s3.objects.keys()]).toEqual([`copies/${SENT}`]);
  failing(9, { kind: "text", status: 200, text }, isCopy);
  await expect(open().rename(SENT, NAME)).rejects.toMatchObject({ problem: "unreachable" });
  expect([...s3.objects.keys()]).toEqual([`copies/${SENT}`]);
});

test("a copy that looks like an error of the store is a copy", async () => {
  const bytes = Buffer.from("<Error><Code>NoSuchKey</Code></Error>");
  await open().put(NAME, bytes, createHash("sha256").update(bytes).digest("base64"));
  expect(await open().read(NAME)).toEqual(bytes);
});

test("more objects than one answer names, foreign ones among them", async () => {
  s3.pageSize = 7;
  const names = Array.from({ length: 50 }, (_, i) => `2026-05-04/13h/42-1-${i}.eml`);
  for (const name of names) s3.objects.set(`copies/a & b/${name}`, COPY);
  s3.objects.set("copies/a & b/notes.txt", COPY);
  s3.objects.set("copies/a & b/../../etc/passwd", COPY);
  s3.objects.set("copies/a & bc/2026-05-04/13h/42-2-1.eml", COPY);
  const found: string[] = [];
  for await (const { name } of open({ prefix: "a & b" }).list("")) found.push(name);
  expect(found.sort()).toEqual(names.sort());
});

test("a list that never ends, and one that is none", async () => {
  const drain = async () => {
    for await (const one of open().list("")) expect(one).toBeNull();
  };
  const endless =
    "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>x</NextContinuationToken></ListBucketResult>";
  s3.fault = () => ({ kind: "text", status: 200, text: endless });
  await expect(drain()).rejects.toMatchObject({ problem: "refused" });
  s3.fault = () => ({ kind: "text", status: 200, text: "<html>Sign in</html>" });
  await expect(drain()).rejects.toMatchObject({ problem: "refused" });
});

test("the bucket may stand in front of the host", async () => {
  const { port } = new URL(s3.endpoint);
  const store = open({ endpoint: `http://localhost:${port}`, pathStyle: false });
  // Names below localhost lead nowhere on some systems; then only the name could not be resolved.
  const result = await store.put(NAME, COPY, SHA256).catch((error: Error) => error.message);
  if (result !== undefined) expect(result).toMatch(/ENOTFOUND copies.localhost|EAI_AGAIN copies.localhost/);
  else expect([...s3.objects.keys()]).toEqual([`copies/${NAME}`]);
});

test.each<Partial<S3Target>>([
  { bucket: "evil.example/x" },
  { bucket: "" },
  { bucket: "a@b" },
  { endpoint: "ftp://store.example" },
  { endpoint: "no address" },
  { prefix: "a/../../b" },
])("%j is no target", (changes) => {
  expect(() => open(changes)).toThrow(expect.objectContaining({ problem: "refused" }));
});

test("as many connections as it may have, not more", async () => {
  const held: (() => void)[] = [];
  let most = 0;
  // Answers come in threes, so three requests are under way at once.
  const server = await listen((_, answer) => {
    most = Math.max(most, held.push(answer));
    if (held.length >= 3) setImmediate(() => held.splice(0).forEach((give) => give()));
  });
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const store = open({ endpoint, connections: 3 });
  await Promise.all(Array.from({ length: 30 }, (_, i) => store.put(`2026-05-04/13h/1-1-${i}.eml`, COPY, SHA256)));
  expect(most).toBe(3);
  server.close();
});

async function listen(onRequest: (url: string, answer: () => void) => void): Promise<Server> {
  const server = createServer((request, response) => {
    request.resume().on("end", () => onRequest(request.url ?? "", () => response.end()));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}
