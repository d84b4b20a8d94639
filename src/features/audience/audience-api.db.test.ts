/** Imports and recipients through the API: upload, counts, rejected rows, repeats. */
import { existsSync, readdirSync } from "node:fs";
import { connect, type AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";

import { createTestWebApp, type Answer, type TestWebApp } from "../../../test/web-app.ts";
import type { ImportStatus } from "../../contract/index.ts";
import { fileLookSchema, importErrorSchema, importStatusSchema, pageOf } from "../../contract/responses.ts";

let web: TestWebApp;
beforeAll(async () => {
  web = await createTestWebApp();
});
afterAll(() => web.close());

function upload(
  text: string,
  fileName = "people.csv",
  headers: Record<string, string> = {},
  field = "file",
): Promise<Answer> {
  const body = `--b\r\ncontent-disposition: form-data; name="${field}"; filename="${fileName}"\r\ncontent-type: text/csv\r\n\r\n${text}\r\n--b--\r\n`;
  return web.call("POST", "/api/v1/imports", body, { "content-type": "multipart/form-data; boundary=b", ...headers });
}

async function look(text: string, fileName = "people.csv") {
  const body = `--b\r\ncontent-disposition: form-data; name="file"; filename="${fileName}"\r\n\r\n${text}\r\n--b--\r\n`;
  const headers = { "content-type": "multipart/form-data; boundary=b" };
  return web.call("POST", "/api/v1/imports/actions/look", body, headers);
}

test("looking at a file tells its columns and imports nothing; a row that is cut at the end does not count", async () => {
  const before = await web.get("/api/v1/imports", pageOf(importStatusSchema));
  const csv = fileLookSchema.parse((await look("Mail;Alter;Ort\na@x.example;31;Ulm\nb@x.example;42;\nc@x.exam")).body);
  expect(csv).toEqual({
    format: "csv",
    rows: 2,
    address: "Mail",
    columns: [
      { name: "Mail", samples: ["a@x.example", "b@x.example"], looksLike: "text" },
      { name: "Alter", samples: ["31", "42"], looksLike: "number" },
      { name: "Ort", samples: ["Ulm"], looksLike: "text" },
    ],
  });
  const lines = fileLookSchema.parse((await look('{"adr":"a@x.example","vip":true}\n{"adr":"b@x', "x.jsonl")).body);
  expect([lines.format, lines.address, lines.columns]).toEqual([
    "jsonl",
    null,
    [
      { name: "adr", samples: ["a@x.example"], looksLike: "text" },
      { name: "vip", samples: ["true"], looksLike: "boolean" },
    ],
  ]);
  expect((await look("email\n")).status).toBe(200);
  expect([(await look("")).status, (await look("a,a\n1,2\n")).status]).toEqual([422, 422]);
  expect(await web.get("/api/v1/imports", pageOf(importStatusSchema))).toEqual(before);
  expect(readdirSync(join(web.dir, "uploads"))).toEqual([]);
});

/** Imports run on by themselves; their row says when they have ended. */
async function ended(id: string): Promise<ImportStatus> {
  let status: ImportStatus;
  do status = await web.get(`/api/v1/imports/${id}`, importStatusSchema);
  while (status.status === "pending" || status.status === "running");
  return status;
}

test("a file is taken with 202, imported, counted; its rejected rows are named; nothing stays on disk", async () => {
  const answer = await upload("email,city\na@one.example,Ulm\nnobody,Bonn\nA@ONE.example,Ulm\n,Kiel\n");
  expect(answer.status).toBe(202);
  const accepted = importStatusSchema.parse(answer.body);
  expect(answer.headers["location"]).toBe(`/api/v1/imports/${accepted.id}`);
  const done = await ended(accepted.id);
  expect(done).toMatchObject({
    status: "completed",
    fileName: "people.csv",
    counts: { total: 4, created: 1, updated: 0, skipped: 1, failed: 2 },
    errorsUrl: `/api/v1/imports/${done.id}/errors`,
  });
  const { data } = await web.get(done.errorsUrl, pageOf(importErrorSchema));
  expect(data.map((row) => [row.line, row.reason])).toEqual([
    [3, "invalid-address"],
    [4, "duplicate"],
    [5, "address-not-specified"],
  ]);
  const page = await web.get(`${done.errorsUrl}?limit=2`, pageOf(importErrorSchema));
  const rest = await web.get(`${done.errorsUrl}?limit=2&cursor=${page.nextCursor}`, pageOf(importErrorSchema));
  expect([...page.data, ...rest.data]).toEqual(data);
  const list = await web.get("/api/v1/lists", pageOf(z.object({ id: z.string(), label: z.string() })));
  expect(list.data[0]).toEqual({ id: done.listId, label: "people.csv" });
  const dir = join(web.dir, "uploads");
  await expect.poll(() => (existsSync(dir) ? readdirSync(dir) : [])).toEqual([]);
});

test("a file that is none ends as a failed import with the problem", async () => {
  const answer = await upload("name,city\nx,y\n");
  expect(answer.status).toBe(202);
  const done = await ended(importStatusSchema.parse(answer.body).id);
  expect(done).toMatchObject({ status: "failed", error: { code: "csv-no-email-column", status: 422 } });
});

test("names of files lose folders and control characters", async () => {
  const answer = await upload("email\nb@one.example\n", "..\\..\\C:\\x\\li\u0007st.csv");
  expect(importStatusSchema.parse(answer.body).fileName).toBe("list.csv");
  await ended(importStatusSchema.parse(answer.body).id);
});

test("an upload repeated under its key is not imported again; under the key of another file it is refused", async () => {
  const key = { "idempotency-key": "u1" };
  const first = await upload("email\nc@one.example\n", "one.csv", key);
  const second = await upload("email\nc@one.example\n", "one.csv", key);
  expect([second.status, second.text]).toEqual([202, first.text]);
  expect((await upload("email\nc@one.example\n", "two.csv", key)).body).toMatchObject({ code: "idempotency-mismatch" });
  await ended(importStatusSchema.parse(first.body).id);
});

test("an upload that breaks off is no import and leaves nothing on disk", async () => {
  await web.app.listen({ port: 0, host: "127.0.0.1" });
  const { port } = web.app.server.address() as AddressInfo;
  const dir = join(web.dir, "uploads");
  const before = await web.get("/api/v1/imports", pageOf(importStatusSchema));
  const socket = connect(port, "127.0.0.1");
  socket.write(
    `POST /api/v1/imports HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${web.token}\r\ncontent-length: 99999\r\n` +
      'content-type: multipart/form-data; boundary=b\r\n\r\n--b\r\ncontent-disposition: form-data; name="file"; filename="x.csv"\r\n\r\nemail\n',
  );
  await expect.poll(() => (existsSync(dir) ? readdirSync(dir).length : 0)).toBe(1);
  socket.destroy();
  await expect.poll(() => readdirSync(dir)).toEqual([]);
  expect(await web.get("/api/v1/imports", pageOf(importStatusSchema))).toEqual(before);
});

test.each([
  ["no boundary", "multipart/form-data", "x"],
  ["no part", "multipart/form-data; boundary=b", "--b\r\nzzz"],
  [
    "no end",
    "multipart/form-data; boundary=b",
    '--b\r\ncontent-disposition: form-data; name="file"; filename="x.csv"\r\n\r\nemail\n',
  ],
])("a form with %s is refused and no import", async (_what, type, body) => {
  const before = await web.get("/api/v1/imports", pageOf(importStatusSchema));
  const answer = await web.call("POST", "/api/v1/imports", body, { "content-type": type });
  expect([answer.status, answer.body]).toEqual([400, expect.objectContaining({ code: "malformed-request" })]);
  expect(await web.get("/api/v1/imports", pageOf(importStatusSchema))).toEqual(before);
});

test("a form without the file is refused", async () => {
  const body = '--b\r\ncontent-disposition: form-data; name="x"\r\n\r\ny\r\n--b--\r\n';
  const answer = await web.call("POST", "/api/v1/imports", body, { "content-type": "multipart/form-data; boundary=b" });
  expect(answer.status).toBe(422);
  expect(answer.body).toMatchObject({ errors: [{ pointer: "/file" }] });
});

test("recipients by hand: created, merged by address, listed, refused", async () => {
  const post = (address: string, attributes: object) => web.call("POST", "/api/v1/recipients", { address, attributes });
  const created = await post("Zoë@Two.example", { city: "Ulm", age: 7 });
  expect(created.status).toBe(201);
  const merged = await post("zoë@two.EXAMPLE", { city: "Bonn" });
  expect(merged.status).toBe(200);
  expect(merged.body).toMatchObject({ id: (created.body as { id: string }).id, attributes: { city: "Bonn", age: 7 } });
  expect((await web.call("GET", "/api/v1/recipients?limit=1000")).text).toContain("zoë@two.EXAMPLE");
  expect((await post("zoë", {})).body).toMatchObject({ code: "invalid-input", errors: [{ pointer: "/address" }] });
});

test("an import that does not exist is not found", async () => {
  for (const path of ["/api/v1/imports/424242", "/api/v1/imports/x", "/api/v1/imports/424242/errors"]) {
    expect((await web.call("GET", path)).status).toBe(404);
  }
});
