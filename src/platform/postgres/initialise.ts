/** Makes the files of a new PostgreSQL cluster (initdb). */
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chownSync, existsSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

import { appError } from "../errors.ts";
import { writeAccess } from "./access.ts";
import { identity, type Placement } from "./placement.ts";

/**
 * initdb into a draft folder that is renamed when complete: a kill in between leaves nothing half made. Each try has a
 * folder of its own, because the initdb of a killed process may still be writing.
 */
export function initialise(dataDir: string, place: Placement, password: string): void {
  removeDrafts(place);
  const draft = `${place.data}.new-${randomBytes(4).toString("hex")}`;
  const passwordFile = `${draft}.password`;
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  if (place.user) chownSync(passwordFile, place.user.uid, place.user.gid);
  const args = [
    "-D",
    draft,
    "-U",
    "envoi",
    "--auth=scram-sha-256",
    `--pwfile=${passwordFile}`,
    "--encoding=UTF8",
    "--no-locale",
    "--no-sync",
  ];
  const result = spawnSync(join(place.programs, "bin", "initdb"), args, {
    ...identity(place),
    encoding: "utf8",
    cwd: "/",
    env: { PATH: process.env["PATH"] ?? "", LC_ALL: "C", TZ: "UTC" },
  });
  rmSync(passwordFile, { force: true });
  if (result.status !== 0) {
    const detail = `initdb: ${(result.stderr || String(result.error)).trim().split("\n").slice(-3).join(" ")}`;
    throw appError(/No space left/.test(detail) ? "disk-full" : "database-start-failed", { detail });
  }
  // The password must be known before the folder gets its final name, else a kill in between locks us out.
  writeAccess(dataDir, { port: 0, password });
  renameSync(draft, place.data);
}

function removeDrafts(place: Placement): void {
  const parent = dirname(place.data);
  for (const name of existsSync(parent) ? readdirSync(parent) : []) {
    if (!name.startsWith(`${basename(place.data)}.new-`)) continue;
    try {
      rmSync(join(parent, name), { recursive: true, force: true });
    } catch {
      // Somebody still writes into it; it goes next time.
    }
  }
}
