/** The server around the features: problems, limits, description, health, UI files. */
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createTestWebApp, type TestWebApp } from "../../../test/web-app.ts";
import { problemSchema } from "../../contract/responses.ts";

describe("the HTTP server", () => {
  let web: TestWebApp;
  beforeAll(async () => {
    const uiDir = mkdtempSync(join(tmpdir(), "envoi-ui-"));
    mkdirSync(join(uiDir, "assets"));
    writeFileSync(join(uiDir, "index.html"), "<!doctype html><title>Envoi</title>");
    writeFileSync(join(uiDir, "assets", "main-abc123.js"), "export {};");
    writeFileSync(join(uiDir, "assets", "main-abc123.js.gz"), gzipSync("export {};"));
    web = await createTestWebApp({ uiDir });
  });
  afterAll(() => web.close());

  const json = { "content-type": "application/json" };

  test.each([
    ["an unknown path of the API", "GET", "/api/v1/nothing", undefined, {}, 404, "not-found"],
    ["a method that a path does not take", "DELETE", "/api/v1/deliveries", undefined, {}, 405, "method-not-allowed"],
    ["JSON that is none", "POST", "/api/v1/deliveries", "{", json, 400, "malformed-request"],
    ["an empty body", "POST", "/api/v1/deliveries", "", json, 400, "malformed-request"],
    [
      "another media type",
      "POST",
      "/api/v1/deliveries",
      "x",
      { "content-type": "text/x" },
      415,
      "unsupported-media-type",
    ],
    ["JSON where a file is expected", "POST", "/api/v1/imports", "{}", json, 415, "unsupported-media-type"],
    ["a body of 11 MB", "POST", "/api/v1/deliveries", `"${"x".repeat(11e6)}"`, json, 413, "too-large"],
    ["a broken percent sign", "GET", "/api/v1/quarantine/%zz", undefined, {}, 400, "malformed-request"],
  ] as const)("%s is answered with a problem", async (_name, method, url, payload, headers, status, code) => {
    const answer = await web.call(method, url, payload, headers);
    expect(answer.status).toBe(status);
    expect(answer.headers["content-type"]).toBe("application/problem+json");
    expect(problemSchema.parse(answer.body)).toMatchObject({ status, code, type: `urn:envoi:error:${code}` });
  });

  test("405 says what is allowed", async () => {
    const answer = await web.call("DELETE", "/api/v1/deliveries");
    expect(String(answer.headers["allow"]).split(", ").toSorted()).toEqual(["GET", "HEAD", "POST"]);
  });

  test("every invalid field is named with its place", async () => {
    const answer = await web.call("POST", "/api/v1/deliveries", {
      label: "",
      content: { subject: 1, extra: true },
      sender: { address: "a@example.com" },
      audience: { list: "x" },
      settings: { headers: [{ name: "X", value: 1 }] },
    });
    expect(answer.status).toBe(422);
    const { errors } = problemSchema.parse(answer.body);
    expect(errors?.map((error) => error.pointer).toSorted()).toEqual([
      "/audience/list",
      "/content/extra",
      "/content/subject",
      "/label",
      "/settings/headers/0/value",
    ]);
  });

  test("text that PostgreSQL cannot store is refused wherever it stands", async () => {
    for (const text of ["a\0b", "half \ud800 pair"]) {
      const answer = await web.call("POST", "/api/v1/recipients", {
        address: "a@example.com",
        attributes: { city: text },
      });
      expect(answer.status).toBe(422);
      expect(problemSchema.parse(answer.body).errors).toMatchObject([{ pointer: "/attributes/city" }]);
    }
    expect((await web.call("GET", "/api/v1/quarantine?cursor=%00")).status).toBe(422);
  });

  test("endless nesting is refused", async () => {
    const body = `{"address":"a@example.com","attributes":${"[".repeat(1e6)}${"]".repeat(1e6)}}`;
    const answer = await web.call("POST", "/api/v1/recipients", body, json);
    expect(answer.status).toBe(422);
    expect(problemSchema.parse(answer.body).errors).toMatchObject([{ code: "too-deep", pointer: "/attributes/0/0" }]);
  });

  test("an unforeseen error shows its request id and nothing of itself", async () => {
    await web.db.query("alter table lists rename to lists_gone");
    const answer = await web.call("GET", "/api/v1/lists");
    await web.db.query("alter table lists_gone rename to lists");
    expect(answer.status).toBe(500);
    expect(answer.body).toMatchObject({
      code: "internal",
      detail: expect.stringContaining(String(answer.headers["x-request-id"])),
    });
    expect(answer.text).not.toMatch(/lists|relation|\.ts/);
  });

  test("the description is OpenAPI 3.1 and holds every route of the API", async () => {
    const answer = await web.call("GET", "/api/openapi.json");
    const document = answer.body as { openapi: string; paths: Record<string, Record<string, unknown>> };
    expect(document.openapi).toMatch(/^3\.1\./);
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(described.toSorted()).toEqual(web.routes().toSorted());
    expect(described.length).toBeGreaterThan(30);
    for (const methods of Object.values(document.paths)) {
      for (const operation of Object.values(methods) as {
        responses: Record<string, { content?: object }>;
        summary: string;
      }[]) {
        expect(operation.summary).toBeTruthy();
        expect(Object.keys(operation.responses["401"]?.content ?? {})).toEqual(["application/problem+json"]);
      }
    }
    const upload = JSON.stringify(document.paths["/api/v1/imports"]?.["post"]);
    expect(upload).toContain("multipart/form-data");
    expect(upload).toContain("Idempotency-Key");
  });

  test("the reader of the description is served", async () => {
    const page = await web.call("GET", "/api/docs/");
    expect(page.status).toBe(200);
    expect(page.headers["content-type"]).toContain("text/html");
  });

  test("health needs no token", async () => {
    for (const path of ["/healthz", "/readyz", "/metrics"]) {
      expect((await web.app.inject({ url: path })).statusCode).toBe(200);
    }
    const ready = await web.call("GET", "/readyz");
    expect(ready.body).toEqual({
      status: "ok",
      checks: ["database", "migrations", "clock"].map((name) => ({ name, ok: true, detail: "" })),
    });
  });

  test("readyz names what is missing: a wrong clock, an old schema", async () => {
    web.clock.ahead = 60_000;
    await web.db.query("update schema_migrations set name = 'gone' where name like '0001%'");
    const answer = await web.call("GET", "/readyz");
    web.clock.ahead = 0;
    await web.db.query("update schema_migrations set name = '0001_create_core' where name = 'gone'");
    expect(answer.status).toBe(503);
    const failed = (answer.body as { checks: { name: string; ok: boolean; detail: string }[] }).checks.filter(
      (c) => !c.ok,
    );
    expect(failed.map((check) => check.name)).toEqual(["migrations", "clock"]);
    expect(failed[0]?.detail).toContain("0001_create_core");
  });

  test("metrics count requests by route", async () => {
    await web.call("GET", "/api/v1/deliveries/999");
    const { text } = await web.call("GET", "/metrics");
    expect(text).toMatch(
      /envoi_http_request_duration_seconds_count\{method="GET",route="\/api\/v1\/deliveries\/:id",status="404"\} 1/,
    );
    expect(text).toMatch(/envoi_messages\{status="sent"\} 0/);
    expect(text).toContain("process_cpu_seconds_total");
  });

  test("the UI's own paths get its page, files with a hash are kept for good, missing files are 404", async () => {
    await web.app.listen({ port: 0, host: "127.0.0.1" });
    const base = `http://127.0.0.1:${(web.app.server.address() as AddressInfo).port}`;
    const page = await fetch(`${base}/deliveries/12/messages?status=sent`);
    expect([page.status, page.headers.get("cache-control")]).toEqual([200, "no-cache"]);
    expect(await page.text()).toContain("<title>Envoi</title>");
    expect(page.headers.get("content-security-policy")).toContain("script-src 'self';");
    const file = await fetch(`${base}/assets/main-abc123.js`);
    expect([file.status, file.headers.get("cache-control")]).toEqual([200, "public, max-age=31536000, immutable"]);
    expect((await fetch(`${base}/assets/gone.js`)).status).toBe(404);
    const plain = await web.app.inject({ url: "/assets/main-abc123.js" });
    expect([plain.headers["content-encoding"], plain.body]).toEqual([undefined, "export {};"]);
    const packed = await web.app.inject({ url: "/assets/main-abc123.js", headers: { "accept-encoding": "gzip, br" } });
    expect(packed.headers).toMatchObject({
      "content-encoding": "gzip",
      "content-type": plain.headers["content-type"],
      "cache-control": "public, max-age=31536000, immutable",
      vary: expect.stringContaining("accept-encoding"),
    });
    expect(gunzipSync(packed.rawPayload).toString()).toBe("export {};");
    expect((await fetch(`${base}/api/nothing`)).status).toBe(404);
    expect((await web.app.inject({ url: "/assets/..%2f..%2f..%2fetc/passwd" })).body).not.toContain("root:");
  });
});
