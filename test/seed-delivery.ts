/** Audiences and deliveries for database tests, made the way the product makes them. */
import { writeFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { z } from "zod";

import { codec } from "../src/adapters/charset/codec.ts";
import {
  archiveSchema,
  settingsSchema,
  type ArchiveInput,
  type Checklist,
  type CreateDelivery,
} from "../src/contract/index.ts";
import { importOptionsSchema } from "../src/contract/audience-imports.ts";
import { beginAnalysis, runAnalysis } from "../src/features/analysis/index.ts";
import { importFile } from "../src/features/audience/index.ts";
import { confirmDelivery, createDelivery } from "../src/features/deliveries/index.ts";
import { timestamp, type Db } from "../src/platform/db.ts";

export const CONTENT_DEPS = { publicUrl: "https://t.sender.example", codec };
export const NOW = Date.parse("2026-11-21T09:00:00Z");

/** Imports the text of a CSV file; answers with the audience that it makes. */
export async function importCsv(db: Db, csv: string): Promise<{ import: string }> {
  return { import: await readCsv(db, csv, "upsert") };
}

/** The same as a file whose rows do not become recipients. */
export async function uploadFile(db: Db, csv: string): Promise<{ file: string }> {
  return { file: await readCsv(db, csv, "file") };
}

async function readCsv(db: Db, csv: string, mode: "upsert" | "file"): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), "envoi-seed-"));
  try {
    const path = join(dir, "people.csv");
    writeFileSync(path, csv);
    const rules = importOptionsSchema.parse({ mode });
    const { id } = await importFile(db, { fileName: "people.csv", path }, { now: () => NOW, rules });
    return id;
  } finally {
    rmSync(dir, { recursive: true });
  }
}

export async function seedDelivery(db: Db, changes: Partial<CreateDelivery> = {}): Promise<number> {
  const delivery = await createDelivery(
    db,
    {
      label: "Test",
      content: { subject: "Hello", html: "<p>Hello, unsubscribe</p>", text: "Hello, unsubscribe", syntax: "liquid" },
      sender: { name: "Tests", address: "news@sender.example" },
      audience: { all: true },
      settings: settingsSchema.parse({ validity: "3d" }),
      ...changes,
    },
    "test",
    NOW,
  );
  return Number(delivery.id);
}

export async function analyse(db: Db, id: number): Promise<Checklist> {
  await beginAnalysis(db, id, "test", NOW);
  return runAnalysis(db, id, () => NOW, CONTENT_DEPS);
}

/** An archive as a row, with no secret; its id. */
export async function seedArchive(db: Db, changes: Partial<z.input<typeof archiveSchema>> = {}): Promise<number> {
  const { name, enabled, rule, target }: ArchiveInput = archiveSchema.parse({
    name: "Journal",
    target: { kind: "smtp", address: "copies@archive.example" },
    ...changes,
  });
  const [row] = await db.query<{ id: number }>(
    `insert into archives (name, kind, enabled, rule, target, created_at, updated_at)
     values ($1, $2, $3, $4, $5, $6, $6) returning id`,
    [name, target.kind, enabled, JSON.stringify(rule), JSON.stringify(target), timestamp(NOW)],
  );
  return row?.id ?? 0;
}

/** A delivery to `count` people of one.example, in progress, in parts of `partSize`. */
export async function seedInProgress(
  db: Db,
  count: number,
  partSize: number,
  settings: z.input<typeof settingsSchema> = {},
): Promise<number> {
  const people = Array.from({ length: count }, (_, i) => `p${i}@one.example`);
  const audience = await importCsv(db, `email\n${people.join("\n")}\n`);
  const id = await seedDelivery(db, {
    audience,
    settings: settingsSchema.parse({ validity: "3d", ...settings, partSize }),
  });
  await analyse(db, id);
  await confirmDelivery(db, id, "test", NOW);
  return id;
}
