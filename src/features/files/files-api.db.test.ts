import { createHash } from "node:crypto";
import type { ServerResponse } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createTestWebApp, type Answer, type TestWebApp } from "../../../test/web-app.ts";
import type { Problem, StoredFile } from "../../contract/index.ts";
import { fileSchema } from "../../contract/responses-content.ts";
import { pageOf } from "../../contract/responses.ts";
import { describeFiles, loadFiles, removeUnusedFiles, saveFile } from "./index.ts";

let web: TestWebApp;
beforeAll(async () => {
  web = await createTestWebApp();
});
afterAll(() => web.close());

const URL = "/api/v1/files";
const BOUNDARY = "----------------------------form";
const PNG = Buffer.from("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "latin1");

/** A multipart body by hand, because a client's own form cannot be wrong enough. */
function multipart(parts: readonly { head: string; body: Buffer | string }[], end = `--${BOUNDARY}--\r\n`): Buffer {
  return Buffer.concat([
    ...parts.flatMap(({ head, body }) => [
      Buffer.from(`--${BOUNDARY}\r\n${head}\r\n\r\n`),
      Buffer.from(body),
      Buffer.from("\r\n"),
    ]),
    Buffer.from(end),
  ]);
}

const head = (name: string, type: string | null) =>
  `Content-Disposition: form-data; name="file"; filename="${name}"${type === null ? "" : `\r\nContent-Type: ${type}`}`;

function post(payload: Buffer, headers: Record<string, string> = {}): Promise<Answer> {
  return web.call("POST", URL, payload, { "content-type": `multipart/form-data; boundary=${BOUNDARY}`, ...headers });
}

const upload = (name: string, type: string | null, body: Buffer | string, headers: Record<string, string> = {}) =>
  post(multipart([{ head: head(name, type), body }]), headers);

const codeOf = (answer: Answer) => [answer.status, (answer.body as Problem).code];

async function insertDelivery(settings: object, manifest: object | null = null): Promise<number> {
  const [row] = await web.db.query<{ id: number }>(
    `insert into deliveries (label, content, sender, audience, settings, manifest, created_at, updated_at)
     values ('Autumn', '{}', '{}', '{}', $1, $2, now(), now()) returning id`,
    [JSON.stringify(settings), manifest === null ? null : JSON.stringify(manifest)],
  );
  return row?.id ?? 0;
}

test("a file comes back as it was sent, as a download that nobody sniffs", async () => {
  const answer = await upload("Größe 🎉.png", "text/html", PNG);
  expect(answer.status).toBe(201);
  const file = fileSchema.parse(answer.body);
  expect(file).toMatchObject({ name: "Größe 🎉.png", contentType: "image/png", size: PNG.length });
  expect(file.sha256).toBe(createHash("sha256").update(PNG).digest("hex"));
  expect(answer.headers["location"]).toBe(`${URL}/${file.id}`);
  expect(await web.get(`${URL}/${file.id}`, fileSchema)).toEqual(file);
  const content = await web.app.inject({
    url: `${URL}/${file.id}/content`,
    headers: { authorization: `Bearer ${web.token}` },
  });
  expect(content.rawPayload.equals(PNG)).toBe(true);
  expect(content.headers).toMatchObject({
    "content-type": "image/png",
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; sandbox",
    "content-disposition": `attachment; filename="Gr__e __.png"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%F0%9F%8E%89.png`,
  });
});

test("the same bytes under the same name are kept once, under another name they are another file", async () => {
  const first = await upload("a.txt", "text/plain", "same");
  const again = await upload("a.txt", "text/plain", "same");
  const renamed = await upload("b.txt", "text/plain", "same");
  expect([first.status, again.status, renamed.status]).toEqual([201, 200, 201]);
  expect(again.body).toEqual(first.body);
  expect(renamed.body).toMatchObject({ name: "b.txt", sha256: (first.body as StoredFile).sha256 });
});

test("many at once are one file", async () => {
  const answers = await Promise.all(Array.from({ length: 8 }, () => upload("race.txt", "text/plain", "race")));
  expect(new Set(answers.map((answer) => (answer.body as StoredFile).id)).size).toBe(1);
  expect(answers.filter((answer) => answer.status === 201)).toHaveLength(1);
});

test("an upload that is repeated with its Idempotency-Key gets its first answer", async () => {
  const headers = { "idempotency-key": "upload-1" };
  const first = await upload("key.txt", "text/plain", "key", headers);
  const again = await upload("key.txt", "text/plain", "key", headers);
  expect([again.status, again.body, again.headers["idempotent-replayed"]]).toEqual([201, first.body, "true"]);
  expect(codeOf(await upload("other.txt", "text/plain", "key", headers))).toEqual([422, "idempotency-mismatch"]);
  expect(codeOf(await upload("key.txt", "text/plain", "new", headers))).toEqual([422, "idempotency-mismatch"]);
});

describe("hostile uploads", () => {
  test.each([
    ["../../../etc/passwd", "text/plain", "passwd", "text/plain"],
    ["C:\\Windows\\win.ini", "text/x; y", "win.ini", "text/x"],
    ["cod\u202efdp.exe", "application/pdf", "codfdp.exe", "application/octet-stream"],
    ["page.html", "text/html", "page.html", "text/html"],
    ["mail.eml", "message/rfc822", "mail.eml", "application/octet-stream"],
    ["none.bin", null, "none.bin", "text/plain"],
  ])("%j of type %j is kept as %j of type %s", async (name, type, keptName, keptType) => {
    const answer = await upload(name, type, "<script>alert(1)</script>");
    expect(answer.body).toMatchObject({ name: keptName, contentType: keptType });
  });

  test("a name too long is shortened", async () => {
    const answer = await upload(`${"n".repeat(5000)}.txt`, "text/plain", "long name");
    expect(answer.body).toMatchObject({ name: `${"n".repeat(196)}.txt` });
  });

  test("NUL bytes and line ends of the content stay as they are", async () => {
    const body = Buffer.from("a\0b\r\n\n--\xff", "latin1");
    const { id } = (await upload("raw.bin", "application/x-raw", body)).body as StoredFile;
    expect((await loadFiles(web.db, [Number(id)])).get(Number(id))?.content).toEqual(body);
  });

  test("what cannot be read is refused and leaves nothing", async () => {
    const before = (await web.get(`${URL}?limit=1000`, pageOf(fileSchema))).data.length;
    expect(codeOf(await web.call("POST", URL, { file: "text" }))).toEqual([415, "unsupported-media-type"]);
    expect(codeOf(await post(multipart([])))).toEqual([422, "invalid-input"]);
    expect(codeOf(await upload("empty.txt", "text/plain", ""))).toEqual([422, "invalid-input"]);
    const field = [{ head: 'Content-Disposition: form-data; name="file"', body: "no file" }];
    expect(codeOf(await post(multipart(field)))).toEqual([422, "invalid-input"]);
    expect(codeOf(await post(Buffer.from("x"), { "content-type": "multipart/form-data" }))).toEqual([
      400,
      "malformed-request",
    ]);
    expect(codeOf(await post(Buffer.from(`--${BOUNDARY}\r\nzzz`)))).toEqual([400, "malformed-request"]);
    const cut = await post(multipart([{ head: head("cut.txt", "text/plain"), body: "cut" }], ""));
    expect(codeOf(cut)).toEqual([400, "malformed-request"]);
    expect((await web.get(`${URL}?limit=1000`, pageOf(fileSchema))).data).toHaveLength(before);
  });

  test("a file over the limit of the settings is refused, one at the limit is kept", async () => {
    await web.call("PUT", "/api/v1/settings", { maxAttachmentBytes: 100_000 });
    expect(codeOf(await upload("large.bin", null, Buffer.alloc(100_001, 7)))).toEqual([413, "too-large"]);
    expect(codeOf(await upload("huge.bin", null, Buffer.alloc(3_000_000, 7)))).toEqual([413, "too-large"]);
    expect((await upload("fits.bin", null, Buffer.alloc(100_000, 7))).status).toBe(201);
    await web.call("PUT", "/api/v1/settings", {});
  });
});

describe("over a real connection", () => {
  const clients: Socket[] = [];
  let port = 0;
  beforeAll(async () => {
    await web.app.listen({ port: 0, host: "127.0.0.1" });
    port = (web.app.server.address() as AddressInfo).port;
  });
  afterAll(() => clients.forEach((client) => client.destroy()));

  test("a client that sends too much has its answer all the same", async () => {
    const form = new FormData();
    form.append("file", new Blob([Buffer.alloc(8_000_000, 7)]), "large.bin");
    const headers = { authorization: `Bearer ${web.token}` };
    const answer = await fetch(`http://127.0.0.1:${port}${URL}`, { method: "POST", headers, body: form });
    expect([answer.status, ((await answer.json()) as Problem).code]).toEqual([413, "too-large"]);
  });

  test("a client that hangs up in the middle leaves no file", async () => {
    const ended = Promise.withResolvers<void>();
    web.app.server.prependOnceListener("request", (_request, response: ServerResponse) =>
      response.once("close", () => ended.resolve()),
    );
    const client = connect(port, "127.0.0.1");
    clients.push(client);
    const body = multipart([{ head: head("half.txt", "text/plain"), body: "half" }], "");
    client.write(
      `POST ${URL} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${web.token}\r\nContent-Length: 100000\r\n` +
        `Content-Type: multipart/form-data; boundary=${BOUNDARY}\r\n\r\n`,
    );
    client.end(body);
    await ended.promise;
    // Had the first one been taken for whole, it would be there before this one.
    await upload("after.txt", "text/plain", "after");
    const names = (await web.get(`${URL}?limit=1000`, pageOf(fileSchema))).data.map((file) => file.name);
    expect(names).toContain("after.txt");
    expect(names).not.toContain("half.txt");
  });
});

test("ids that name nothing are not found", async () => {
  for (const id of ["999999", "0", "-1", "1.5", "abc", "9".repeat(30), "%00"]) {
    expect((await web.call("GET", `${URL}/${id}`)).status).toBeGreaterThanOrEqual(400);
    expect((await web.call("GET", `${URL}/${id}/content`)).status).toBeGreaterThanOrEqual(400);
    expect((await web.call("DELETE", `${URL}/${id}`)).status).toBeGreaterThanOrEqual(400);
  }
});

test("the list is paged, newest first", async () => {
  const all = (await web.get(`${URL}?limit=1000`, pageOf(fileSchema))).data.map((file) => Number(file.id));
  expect(all).toEqual(all.toSorted((a, b) => b - a));
  const first = await web.get(`${URL}?limit=2`, pageOf(fileSchema));
  const second = await web.get(`${URL}?limit=2&cursor=${first.nextCursor}`, pageOf(fileSchema));
  expect([...first.data, ...second.data].map((file) => Number(file.id))).toEqual(all.slice(0, 4));
});

describe("deleting", () => {
  test("a file that a delivery's settings or frozen content name stays", async () => {
    const { id } = (await upload("used.txt", "text/plain", "used")).body as StoredFile;
    const inSettings = await insertDelivery({ attachments: [{ file: id }] });
    const refused = await web.call("DELETE", `${URL}/${id}`);
    expect(codeOf(refused)).toEqual([409, "file-in-use"]);
    expect(refused.text).toContain(`delivery ${inSettings} (Autumn)`);
    await web.db.query("delete from deliveries where id = $1", [inSettings]);
    const frozen = await insertDelivery({}, { attachments: [{ fileId: Number(id), contentId: "image-1" }] });
    expect(codeOf(await web.call("DELETE", `${URL}/${id}`))).toEqual([409, "file-in-use"]);
    await web.db.query("delete from deliveries where id = $1", [frozen]);
    expect((await web.call("DELETE", `${URL}/${id}`)).status).toBe(204);
    expect((await web.call("GET", `${URL}/${id}`)).status).toBe(404);
    expect((await web.call("DELETE", `${URL}/${id}`)).status).toBe(404);
  });

  test("waits for an analysis that holds the file, and then sees what it froze", async () => {
    const id = Number(((await upload("held.txt", "text/plain", "held")).body as StoredFile).id);
    let deletion: Promise<Answer> | undefined;
    await web.db.transaction(async (tx) => {
      expect([...(await describeFiles(tx, [id])).values()]).toEqual([
        { name: "held.txt", contentType: "text/plain", size: 4 },
      ]);
      deletion = web.call("DELETE", `${URL}/${id}`);
      await tx.query(
        `insert into deliveries (label, content, sender, audience, manifest, created_at, updated_at)
         values ('Winter', '{}', '{}', '{}', $1, now(), now())`,
        [JSON.stringify({ attachments: [{ fileId: id }] })],
      );
    });
    expect(codeOf((await deletion) as Answer)).toEqual([409, "file-in-use"]);
  });
});

test("what no delivery names is removed after a while", async () => {
  const id = async (name: string) => Number(((await upload(name, "text/plain", name)).body as StoredFile).id);
  const [used, frozen, unused] = [await id("used.txt"), await id("frozen.txt"), await id("unused.txt")];
  await insertDelivery({ attachments: [{ file: String(used) }] });
  await insertDelivery({}, { attachments: [{ fileId: frozen, contentId: "image-1" }] });
  expect(await removeUnusedFiles(web.db, Date.now() - 60_000), "too young").toBe(0);
  expect(await removeUnusedFiles(web.db, Date.now() + 1000)).toBeGreaterThan(0);
  const left = await describeFiles(web.db, [used, frozen, unused]);
  expect(new Set(left.keys())).toEqual(new Set([used, frozen]));
});

test("features save and load files by themselves; unknown ids are left out", async () => {
  const content = new Uint8Array(Buffer.concat([Buffer.from("xx"), PNG])).subarray(2);
  const saved = await saveFile(web.db, { name: "a/b\n.png", contentType: "", content }, Date.now());
  expect(saved).toMatchObject({ name: "b.png", contentType: "image/png", size: PNG.length });
  const id = Number(saved.id);
  const loaded = await loadFiles(web.db, [id, 999_999]);
  expect([...loaded.keys()]).toEqual([id]);
  expect(Buffer.from(loaded.get(id)?.content ?? []).equals(PNG)).toBe(true);
  expect(await loadFiles(web.db, [])).toEqual(new Map());
  expect(await describeFiles(web.db, [])).toEqual(new Map());
});
