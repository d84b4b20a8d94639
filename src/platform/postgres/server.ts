/** The PostgreSQL server as a process: launched, asked, watched, stopped. When that is to happen is for embedded.ts to say. */
import { spawn } from "node:child_process";
import { closeSync, openSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Client } from "pg";

import { appError, errorCode, errorText } from "../errors.ts";
import { readIfThere, urlOf, type Access } from "./access.ts";
import { identity, type Placement } from "./placement.ts";
import { isAlive, runningServer } from "./postmaster-pid.ts";

/** Null when the server answers; otherwise the last lines that it logged. */
export async function launch(
  dataDir: string,
  place: Placement,
  access: Access,
  overrides: Readonly<Record<string, string>>,
): Promise<string | null> {
  const log = join(dataDir, "postgres.log");
  rmSync(log, { force: true });
  const out = openSync(log, "a", 0o600);
  const settings: Record<string, string> = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    port: String(access.port),
    max_connections: "100",
    shared_buffers: "256MB",
    work_mem: "32MB",
    maintenance_work_mem: "256MB",
    max_wal_size: "4GB",
    checkpoint_timeout: "15min",
    wal_level: "minimal",
    max_wal_senders: "0",
    jit: "off",
    timezone: "UTC",
    log_timezone: "UTC",
    ...overrides,
  };
  const child = spawn(
    join(place.programs, "bin", "postgres"),
    ["-D", place.data, ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])],
    { ...identity(place), cwd: "/", detached: true, stdio: ["ignore", out, out], env: { LC_ALL: "C", TZ: "UTC" } },
  );
  closeSync(out);
  child.unref();
  let exited = false;
  let spawnError = "";
  child.once("exit", () => {
    exited = true;
  });
  child.once("error", (error) => {
    exited = true;
    spawnError = errorText(error);
  });
  // Crash recovery after a kill may take a while; the process ending is the only failure.
  while (!exited) {
    if (await answers(access)) {
      await createDatabase(access);
      return null;
    }
    await delay(50);
  }
  return spawnError || (readIfThere(log) ?? "").trim().split("\n").slice(-4).join(" ");
}

export async function answers(access: Access): Promise<boolean> {
  const client = maintenanceClient(access);
  try {
    await client.connect();
    await client.end();
    return true;
  } catch (error) {
    await client.end().catch(() => {});
    // Refused login: somebody else's server took the port.
    if (errorCode(error) === "28P01") throw appError("database-login-failed", { detail: errorText(error) });
    return false;
  }
}

async function createDatabase(access: Access): Promise<void> {
  const client = maintenanceClient(access);
  await client.connect();
  const { rowCount } = await client.query("select 1 from pg_database where datname = 'envoi'");
  if (rowCount === 0) await client.query("create database envoi");
  await client.end();
}

function maintenanceClient(access: Access): Client {
  const client = new Client({
    connectionString: urlOf(access).replace(/envoi$/, "postgres"),
    connectionTimeoutMillis: 2000,
  });
  client.on("error", () => {});
  return client;
}

/** Fast shutdown (SIGINT): open transactions roll back, everything committed is on disk. */
export async function stop(place: Placement): Promise<void> {
  const pid = runningServer(place);
  if (pid === null) return;
  process.kill(pid, "SIGINT");
  while (isAlive(pid) && runningServer(place) === pid) await delay(20);
}

/** A shell in a session of its own that stops the server once no user is left. */
export function watch(dataDir: string, place: Placement): void {
  const pid = runningServer(place);
  if (pid === null || process.platform === "win32") return;
  const script = `while kill -0 ${pid} 2>/dev/null; do
    alive=
    for f in "$0"/*; do p=\${f##*/}; if [ "$p" != "*" ] && kill -0 "$p" 2>/dev/null; then alive=1; break; fi; done
    if [ -z "$alive" ]; then kill -INT ${pid} 2>/dev/null; exit; fi
    sleep 1
  done`;
  spawn("/bin/sh", ["-c", script, join(dataDir, "postgres-users")], {
    detached: true,
    stdio: "ignore",
    cwd: "/",
  }).unref();
}
