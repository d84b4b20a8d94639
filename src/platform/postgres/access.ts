/** How to get into the embedded PostgreSQL of a data directory: port and password, kept in `postgres.json`. */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export type Access = { readonly port: number; readonly password: string };

export function urlOf(access: Access): string {
  return `postgres://envoi:${access.password}@127.0.0.1:${access.port}/envoi`;
}

export function readAccess(dataDir: string): Access | null {
  const text = readIfThere(join(dataDir, "postgres.json"));
  if (!text) return null;
  try {
    return JSON.parse(text) as Access;
  } catch {
    return null;
  }
}

export function writeAccess(dataDir: string, access: Access): void {
  const path = join(dataDir, "postgres.json");
  writeFileSync(`${path}.new`, JSON.stringify(access), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

export function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
