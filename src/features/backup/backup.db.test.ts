/** Backups of a database that is in use: all of one moment, back as it was, held; what is damaged is refused and changes nothing. */
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";

import { admin, createTestDatabase, type TestDatabase, withDatabase } from "../../../test/database.ts";
import { NOW, seedInProgress } from "../../../test/seed-delivery.ts";
import { type Db, openDb } from "../../platform/db.ts";
import { loadInstallation } from "../installation/index.ts";
import { readManifest, restoreBackup, unsealKey, writeBackup } from "./index.ts";

const NASTY = ["\\N", "a\tb", "line\nbreak\r\n", "\\.", "日本語 🎉", "'; drop table x; --", "", "\\"];
const KEY = "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2U=";
const PASSPHRASE = "correct horse battery";

let source: TestDatabase;
let dir: string;
let delivery = 0;
const targets: { db: Db; name: string }[] = [];

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "envoi-backup-"));
  source = await createTestDatabase();
  const { db } = source;
  delivery = await seedInProgress(db, 500, 100);
  await db.query(
    "insert into recipients (address, match_key, domain, attributes, created_at, updated_at) select 'n' || i || '@n.example', 'n' || i || '@n.example', 'n.example', jsonb_build_object('v', v), now(), now() from unnest($1::text[]) with ordinality as n(v, i)",
    [NASTY],
  );
  await db.query(
    "insert into files (name, content_type, size, sha256, content, created_at) values ('f', 'x', 3000000, '\\x00', $1, now())",
    [randomBytes(3_000_000)],
  );
  for (const folder of ["shaping", "tracking/w1", "journal/1"]) mkdirSync(join(dir, folder), { recursive: true });
  writeFileSync(join(dir, "shaping/own.toml"), "# ours\n");
  writeFileSync(join(dir, "tracking/w1/1.log"), "{}\n");
  writeFileSync(join(dir, "journal/1/00000001.log"), "S{}\n");
});
afterAll(async () => {
  for (const { db, name } of targets) {
    await db.close();
    await admin(inject("databaseUrl"), `drop database ${name} with (force)`);
  }
  await source.drop();
  rmSync(dir, { recursive: true, force: true });
});

async function emptyDatabase(): Promise<Db> {
  const name = `test_${randomBytes(6).toString("hex")}`;
  await admin(inject("databaseUrl"), `create database ${name}`);
  const db = await openDb(withDatabase(inject("databaseUrl"), name));
  targets.push({ db, name });
  return db;
}

const wish = (to: string) => ({ dataDir: dir, to, envoi: "0.0.0", secretKey: null, now: NOW });

/** What each table holds, as one digest. */
async function digests(db: Db): Promise<Record<string, string>> {
  const tables = await db.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
        and not relispartition and relpersistence = 'p' order by 1`,
  );
  const found: Record<string, string> = {};
  for (const { name } of tables) {
    const [row] = await db.query<{ v: string }>(
      `select count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' order by t::text)), '') as v from ${name} t`,
    );
    found[name] = row?.v ?? "";
  }
  return found;
}

/** What is put in order when a copy becomes an installation of its own. */
const CHANGED = ["installation", "deliveries", "delivery_events", "delivery_parts", "messages", "message_attempts"];

describe("what comes back", () => {
  test("is what was there, in every table; it is held and what was under way is paused", async () => {
    const backup = await writeBackup(source.db, wish(join(dir, "full.tar")));
    expect(statSync(backup.file).mode & 0o777).toBe(0o600);
    const into = join(dir, "restored");
    const target = await emptyDatabase();
    const restored = await restoreBackup(target, backup.file, into, NOW);
    expect(restored).toMatchObject({ rows: backup.rows, at: backup.at, inDoubt: 0, paused: [delivery] });
    const [before, after] = [await digests(source.db), await digests(target)];
    const different = Object.keys(before).filter((name) => before[name] !== after[name]);
    expect(different.filter((name) => !CHANGED.includes(name))).toEqual([]);
    expect(after["messages"], "no lease, no doubt").toBe(before["messages"]);
    expect(
      (await target.query("select state, hold_reason from deliveries where id = $1", [delivery]))[0],
    ).toMatchObject({
      state: "paused",
      hold_reason: expect.stringContaining(backup.at),
    });
    expect(await loadInstallation(target)).toMatchObject({
      held_reason: `restored from a backup of ${backup.at}`,
      paused: [delivery],
    });
    expect(readFileSync(join(into, "shaping/own.toml"), "utf8")).toBe("# ours\n");
    expect(readdirSync(into).toSorted(), "the journal is the original's").toEqual(["shaping", "tracking"]);
    const describeKeys = "select count(*) as n from pg_constraint where contype = 'f'";
    expect(await target.query(describeKeys)).toEqual(await source.db.query(describeKeys));
    // Work goes on: ids continue, and part numbers are far from those that the original gives out.
    const [{ id } = { id: 0 }] = await target.query<{ id: number }>(
      "insert into lists (label, created_at) values ('new', now()) returning id",
    );
    expect(id).toBeGreaterThan(0);
    const next = async (db: Db) =>
      (await db.query<{ n: number }>("select last_value as n from delivery_part_ids"))[0]?.n ?? 0;
    expect((await next(target)) - (await next(source.db))).toBeGreaterThan(1_000_000);
  });

  test("is of one moment, while others write", async () => {
    let on = true;
    const pairs = (async () => {
      for (let n = 0; on; n++) {
        await source.db.transaction(async (tx) => {
          await tx.query(
            "insert into reply_texts (key, text, first_text, count, providers, stages, first_provider, first_seen, last_seen, state, type, reason, rule) values ($1, '', '', 1, '{}', '{}', '', now(), now(), 'keep', 'hard', 'refused', '')",
            [`pair ${n}`],
          );
          await tx.query("insert into address_allowlist (match_key, address, actor, at) values ($1, '', '', now())", [
            `pair ${n}`,
          ]);
        });
      }
    })();
    const { file } = await writeBackup(source.db, wish(join(dir, "moment.tar")));
    on = false;
    await pairs;
    const target = await emptyDatabase();
    await restoreBackup(target, file, join(dir, "moment"), NOW);
    const [counts] = await target.query<{ a: number; b: number }>(
      "select (select count(*) from reply_texts) as a, (select count(*) from address_allowlist) as b",
    );
    expect(counts?.a).toBe(counts?.b);
  });
});

test("a folder gets a file named by the time; nothing is replaced, and nothing half made stays", async () => {
  const folder = join(dir, "folder");
  mkdirSync(folder);
  const { file } = await writeBackup(source.db, wish(folder));
  expect(file).toBe(join(folder, "envoi-2026-11-21T09-00-00Z.tar"));
  await expect(writeBackup(source.db, wish(folder))).rejects.toMatchObject({ code: "backup-exists" });
  const broken = {
    ...wish(join(folder, "b.tar")),
    onProgress: () => {
      throw new Error("killed");
    },
  };
  await expect(writeBackup(source.db, broken)).rejects.toThrow("killed");
  await expect(writeBackup(source.db, wish(join(folder, "none/b.tar")))).rejects.toMatchObject({
    code: "file-unreadable",
  });
  expect(readdirSync(folder)).toHaveLength(1);
});

test("the secret key is in it only with a passphrase, and opens with no other", async () => {
  const to = join(dir, "key.tar");
  await expect(
    writeBackup(source.db, { ...wish(to), secretKey: { key: KEY, passphrase: "short" } }),
  ).rejects.toMatchObject({ code: "option-invalid" });
  await writeBackup(source.db, { ...wish(to), secretKey: { key: KEY, passphrase: PASSPHRASE } });
  expect(readFileSync(to).includes(KEY)).toBe(false);
  const sealed = (await readManifest(to)).secretKey;
  if (sealed === null) throw new Error("no key");
  expect(unsealKey(sealed, PASSPHRASE)).toBe(KEY);
  expect(() => unsealKey(sealed, `${PASSPHRASE} `)).toThrow("passphrase");
});

describe("what is refused leaves an empty database as it was", () => {
  let good: Buffer;
  let target: Db;
  beforeAll(async () => {
    good = readFileSync((await writeBackup(source.db, wish(join(dir, "good.tar")))).file);
    target = await emptyDatabase();
  });

  const damage: Record<string, (bytes: Buffer) => Buffer> = {
    "cut short in the middle": (bytes) => bytes.subarray(0, bytes.length >> 1),
    "cut short before its end": (bytes) => bytes.subarray(0, bytes.length - 4096),
    "without an end": (bytes) => {
      const at = bytes.lastIndexOf("end.json");
      return Buffer.concat([bytes.subarray(0, at), Buffer.alloc(1024)]);
    },
    "changed in a table": (bytes) => {
      const at = bytes.indexOf("tables/recipients/");
      bytes[at + 512 + 200] = (bytes[at + 512 + 200] ?? 0) ^ 0xff;
      return bytes;
    },
    "changed in the manifest": (bytes) =>
      Buffer.from(bytes.toString("latin1").replace('"envoi": "0.0.0"', '"envoi": "0.0.1"'), "latin1"),
    "no archive": () => Buffer.from("<html>Not found</html>".repeat(100)),
    empty: () => Buffer.alloc(0),
    "zeros only": () => Buffer.alloc(4096),
  };
  test.each(Object.entries(damage))("%s", async (name, change) => {
    const file = join(dir, `${name.replaceAll(" ", "-")}.tar`);
    writeFileSync(file, change(Buffer.from(good)));
    const into = join(dir, `into ${name}`);
    await expect(restoreBackup(target, file, into, NOW)).rejects.toMatchObject({ code: "backup-unusable" });
    expect(readdirSync(dir)).not.toContain(`into ${name}`);
    const [row] = await target.query<{ there: boolean }>("select to_regclass('recipients') is not null as there");
    if (row?.there) expect(await target.query("select count(*) as n from recipients")).toEqual([{ n: 0 }]);
  });

  test("a file that is not there, a database with data, a newer program", async () => {
    await expect(restoreBackup(target, join(dir, "nowhere"), dir, NOW)).rejects.toMatchObject({
      code: "file-unreadable",
    });
    const file = join(dir, "good.tar");
    await expect(restoreBackup(source.db, file, dir, NOW)).rejects.toMatchObject({ code: "database-not-empty" });
    // After all that failed it can still be restored.
    await restoreBackup(target, file, join(dir, "good"), NOW);
    await expect(restoreBackup(target, file, dir, NOW)).rejects.toMatchObject({ code: "database-not-empty" });
    const newer = join(dir, "newer.tar");
    writeFileSync(
      newer,
      withManifest(good, (text) => text.replace('"0001_create_core"', '"9999_from_later"')),
    );
    await expect(restoreBackup(await emptyDatabase(), newer, dir, NOW)).rejects.toMatchObject({ code: "schema-newer" });
  });
});

/** The first entry changed, with as many bytes. */
function withManifest(tar: Buffer, change: (text: string) => string): Buffer {
  const size = Number.parseInt(tar.toString("latin1", 124, 135), 8);
  const text = change(tar.toString("utf8", 512, 512 + size))
    .padEnd(size)
    .slice(0, size);
  return Buffer.concat([tar.subarray(0, 512), Buffer.from(text), tar.subarray(512 + size)]);
}
