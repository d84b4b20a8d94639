/**
 * A sender's identity. Each data directory has an instance name; each sender process in it takes a free slot
 * (`INSTANCE-1`, `INSTANCE-2`, …) whose lock lives in the database, so that a slot is free exactly when its process or
 * its connection is gone. The journal belongs to the slot.
 */
import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import type { Db, Listener } from "../platform/db.ts";
import { writeOnce } from "../platform/write-once.ts";

export type Slot = { readonly sender: string; readonly journalDir: string; readonly lock: Listener };

/** The lowest free slot of this data directory. */
export async function takeSlot(db: Db, dataDir: string, onLost: () => void): Promise<Slot> {
  for (let number = 1; ; number++) {
    const slot = await trySlot(db, dataDir, number, onLost);
    if (slot) return slot;
  }
}

/** Slots with a journal whose sender is gone: theirs must be put in order by somebody. The caller closes the locks. */
export async function takeOrphans(db: Db, dataDir: string): Promise<Slot[]> {
  const orphans: Slot[] = [];
  for (const name of readdirSync(journals(dataDir))) {
    const slot = /^\d+$/.test(name) ? await trySlot(db, dataDir, Number(name), () => {}) : null;
    if (slot) orphans.push(slot);
  }
  return orphans;
}

async function trySlot(db: Db, dataDir: string, number: number, onLost: () => void): Promise<Slot | null> {
  const sender = `${instanceName(dataDir)}-${number}`;
  const lock = await db.tryLock(`sender ${sender}`, onLost);
  if (!lock) return null;
  const journalDir = join(journals(dataDir), String(number));
  mkdirSync(journalDir, { recursive: true, mode: 0o700 });
  return { sender, journalDir, lock };
}

function journals(dataDir: string): string {
  const dir = join(dataDir, "journal");
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  return dir;
}

function instanceName(dataDir: string): string {
  const path = join(dataDir, "instance");
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    writeOnce(path, randomBytes(4).toString("hex"));
    return readFileSync(path, "utf8").trim();
  }
}
