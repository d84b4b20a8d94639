/** The whole web role on a database of its own, asked without sockets: `call` is a client with a valid token. */
import type { FastifyInstance, InjectOptions } from "fastify";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { z } from "zod";

import { codec } from "../src/adapters/charset/codec.ts";
import { generateSigningKey, readSigningKey } from "../src/adapters/crypto/crypto.ts";
import { openMasterKey } from "../src/features/secrets/index.ts";
import { groundRenderer } from "../src/roles/renderer.ts";
import { createWebApp, type WebDeps } from "../src/roles/web-app.ts";
import { ensureAdminToken } from "../src/features/operators/index.ts";
import type { Db } from "../src/platform/db.ts";
import { createLog } from "../src/platform/log.ts";
import { createTestDatabase } from "./database.ts";

export type Answer = { status: number; headers: Record<string, unknown>; text: string; body: unknown };

export type TestWebApp = {
  readonly app: FastifyInstance;
  readonly db: Db;
  readonly token: string;
  readonly dir: string;
  /** Milliseconds added to the wall clock. */
  clock: { ahead: number };
  call(
    method: InjectOptions["method"],
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer>;
  /** GET that must succeed, held against the schema of its answer. */
  get<T extends z.ZodType>(path: string, schema: T): Promise<z.output<T>>;
  /** `GET /api/v1/deliveries/{id}` and so on, as they were registered. */
  routes(): string[];
  close(): Promise<void>;
};

export const TOKEN = "envoi_test-token";

export async function createTestWebApp(overrides: Partial<WebDeps> = {}): Promise<TestWebApp> {
  const database = await createTestDatabase();
  const dir = mkdtempSync(join(tmpdir(), "envoi-web-"));
  const clock = { ahead: 0 };
  const act = () => Promise.reject(new Error("this test steers no delivery"));
  await ensureAdminToken(database.db, dir, TOKEN, Date.now());
  const masterKey = await openMasterKey(database.db, { secretKey: null, dataDir: dir }, Date.now());
  const app = await createWebApp({
    db: database.db,
    log: createLog("silent", "test"),
    config: { publicUrl: "http://127.0.0.1:8080", trustedProxies: [], dataDir: dir },
    now: () => Date.now() + clock.ahead,
    version: "0.0.0",
    uiDir: join(dir, "ui"),
    lifecycle: { analyse: act, confirm: act, pause: act, resume: act, stop: act },
    masterKey,
    renderer: groundRenderer({ db: database.db, masterKey }),
    codec,
    domains: { readKey: readSigningKey, generateKey: generateSigningKey, checkDns: () => Promise.resolve([]) },
    probeArchive: () => Promise.reject(new Error("this test probes no archive")),
    lookUpSites: () => Promise.resolve([]),
    enqueueRetention: () => Promise.resolve(),
    inbox: {
      listInbox: () => Promise.resolve({ data: [], nextCursor: null }),
      getInboxMessage: () => Promise.resolve(null),
    },
    ...overrides,
  });
  const call: TestWebApp["call"] = async (method, path, body, headers = {}) => {
    const response = await app.inject({
      method: method ?? "GET",
      url: path,
      headers: { authorization: `Bearer ${TOKEN}`, ...headers },
      ...(body === undefined ? {} : { payload: body as object }),
    });
    const json = String(response.headers["content-type"]).includes("json");
    const { statusCode: status, body: text } = response;
    return { status, headers: response.headers, text, body: json ? JSON.parse(text) : null };
  };
  return {
    app,
    db: database.db,
    token: TOKEN,
    dir,
    clock,
    call,
    get: async (path, schema) => {
      const answer = await call("GET", path);
      if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.text}`);
      return schema.parse(answer.body);
    },
    routes: () => listRoutes(app),
    close: async () => {
      await app.close();
      await database.drop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Fastify's own view of its routes, read from the tree it prints. */
function listRoutes(app: FastifyInstance): string[] {
  const routes: string[] = [];
  const path: string[] = [];
  for (const line of app.printRoutes({ commonPrefix: false }).split("\n")) {
    const match = /^([│ ]*)[├└]── (.*?)(?: \(([A-Z, ]+)\))?$/.exec(line);
    if (!match) continue;
    const depth = (match[1] ?? "").length / 4;
    path.length = depth;
    path.push(match[2] ?? "");
    const url = path.join("").replace(/:([A-Za-z]+)/g, "{$1}");
    if (!url.startsWith("/api/v1/")) continue;
    for (const method of (match[3] ?? "").split(", ")) if (method && method !== "HEAD") routes.push(`${method} ${url}`);
  }
  return routes;
}
