/** Small disks of tests, and what is on them. */
import { readdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";

/** Not one byte is left. */
export function fillDisk(file: string): void {
  for (const size of [65_536, 4096, 1]) {
    for (;;) {
      try {
        writeFileSync(file, Buffer.alloc(size), { flag: "a" });
      } catch {
        break;
      }
    }
  }
}

/** Names of all files, relative to the folder; nothing when there is no folder. */
export function filesBelow(directory: string): string[] {
  try {
    return readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(directory, join(entry.parentPath, entry.name)));
  } catch {
    return [];
  }
}
