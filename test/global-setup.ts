/** Starts the PostgreSQL that database tests share and migrates the template they are cloned from. */
import { chmodSync, mkdtempSync, readdirSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";

import { migrate } from "../src/platform/migrate.ts";
import { startEmbeddedPostgres } from "../src/platform/postgres/embedded.ts";
import { isAlive } from "../src/platform/postgres/postmaster-pid.ts";
import { admin, TEMPLATE, withDatabase } from "./database.ts";

/** Nobody misses what a crash of the machine would lose; memory is for more than this. */
const SETTINGS = { fsync: "off", max_connections: "200", max_wal_size: "256MB", shared_buffers: "64MB" };
const ROOM_BYTES = 4e9;

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = quickFolder();
  removeLeftBehind(folder);
  const dir = mkdtempSync(join(folder, `envoi-test-${process.pid}-`));
  // Started by root, the server runs as somebody else, who has to get in.
  chmodSync(dir, 0o755);
  const external = process.env["TEST_DATABASE_URL"];
  const server = external
    ? { url: external, close: async () => {} }
    : await startEmbeddedPostgres(dir, { settings: SETTINGS });
  await admin(server.url, `drop database if exists ${TEMPLATE} with (force)`);
  await admin(server.url, `create database ${TEMPLATE}`);
  await migrate(withDatabase(server.url, TEMPLATE));
  project.provide("databaseUrl", server.url);
  return async () => {
    await server.close();
    rmSync(dir, { recursive: true, force: true });
  };
}

/** In memory where that has room: a database is hundreds of small files, and a copy of it takes a disk ten times as long. */
function quickFolder(): string {
  try {
    const { bavail, bsize } = statfsSync("/dev/shm");
    if (bavail * bsize > ROOM_BYTES) return "/dev/shm";
  } catch {
    // not on this system
  }
  return tmpdir();
}

/** Of runs that were killed: memory is not given back by itself. */
function removeLeftBehind(folder: string): void {
  for (const name of readdirSync(folder)) {
    const pid = /^envoi-test-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(folder, name), { recursive: true, force: true });
  }
}
