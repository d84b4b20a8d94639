import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { createTestDatabase, type TestDatabase } from "../../../test/database.ts";
import { openDb } from "../../platform/db.ts";
import { AppError } from "../../platform/errors.ts";
import { loadTokenKeys, openMasterKey, rotateTokenKey } from "./index.ts";

const NOW = Date.UTC(2026, 0, 1);

describe("secrets", () => {
  let database: TestDatabase;
  let dirs: string[];
  const newDir = () => {
    const dir = mkdtempSync(join(tmpdir(), "envoi-secrets-"));
    dirs.push(dir);
    return { secretKey: null, dataDir: dir };
  };
  beforeEach(async () => {
    dirs = [];
    database = await createTestDatabase();
  });
  afterEach(async () => {
    await database.drop();
    for (const dir of dirs) rmSync(dir, { recursive: true, force: true });
  });

  test("the first start makes a key and a token key; later ones find them", async () => {
    const { db } = database;
    const source = newDir();
    const key = await openMasterKey(db, source, NOW);
    const keys = await loadTokenKeys(db, key);
    expect(keys.current).toMatchObject({ id: 1, words: expect.toSatisfy((words: number[]) => words.length === 4) });
    expect((await openMasterKey(db, source, NOW)).equals(key)).toBe(true);
    expect(await loadTokenKeys(db, key)).toEqual(keys);
  });

  test("the database holds no token key in clear", async () => {
    const { db } = database;
    const key = await openMasterKey(db, newDir(), NOW);
    const { current } = await loadTokenKeys(db, key);
    const plain = Buffer.alloc(16);
    for (const [index, word] of current.words.entries()) plain.writeUInt32LE(word, index * 4);
    const [row] = await db.query<{ sealed: Buffer }>("select sealed from token_keys");
    expect(row?.sealed.length).toBe(1 + 12 + 16 + 16);
    expect(row?.sealed.includes(plain)).toBe(false);
  });

  test("a lost key is not replaced by a new one", async () => {
    const { db } = database;
    await openMasterKey(db, newDir(), NOW);
    const elsewhere = newDir();
    await expect(openMasterKey(db, elsewhere, NOW)).rejects.toThrow(/token key 1.*ENVOI_SECRET_KEY/);
    expect(existsSync(join(elsewhere.dataDir, "secret-key"))).toBe(false);
  });

  test("a wrong key is refused, the right one from the environment is taken", async () => {
    const { db } = database;
    const source = newDir();
    const key = await openMasterKey(db, source, NOW);
    const wrong = { ...source, secretKey: "0".repeat(64) };
    const refusal = await openMasterKey(db, wrong, NOW).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(AppError);
    expect((refusal as AppError).code).toBe("secret-key-wrong");
    const text = readFileSync(join(source.dataDir, "secret-key"), "utf8").trim();
    expect((await openMasterKey(db, { ...newDir(), secretKey: text }, NOW)).equals(key)).toBe(true);
  });

  test("several processes that start at once agree", async () => {
    const source = newDir();
    const others = await Promise.all(Array.from({ length: 6 }, () => openDb(database.url, { poolSize: 1 })));
    try {
      const keys = await Promise.all(others.map((db) => openMasterKey(db, source, NOW)));
      for (const key of keys) expect(key.equals(keys[0] ?? key)).toBe(true);
      const [count] = await database.db.query<{ n: number }>("select count(*) as n from token_keys");
      expect(count?.n).toBe(1);
    } finally {
      await Promise.all(others.map((db) => db.close()));
    }
  });

  test("of two data directories that start at once one wins, the other is told and keeps no key of its own", async () => {
    const sources = [newDir(), newDir()];
    const results = await Promise.allSettled(sources.map((source) => openMasterKey(database.db, source, NOW)));
    expect(results.map((result) => result.status).toSorted()).toEqual(["fulfilled", "rejected"]);
    expect(sources.filter((source) => existsSync(join(source.dataDir, "secret-key")))).toHaveLength(1);
  });

  test("another key signs after a rotation; what the old one signed stays readable", async () => {
    const { db } = database;
    const key = await openMasterKey(db, newDir(), NOW);
    const before = await loadTokenKeys(db, key);
    const ids = await Promise.all([rotateTokenKey(db, key, NOW), rotateTokenKey(db, key, NOW)]);
    expect(ids.toSorted()).toEqual([2, 3]);
    const after = await loadTokenKeys(db, key);
    expect(after.current.id).toBe(3);
    expect(after.current.words).not.toEqual(before.current.words);
    expect(after.byId.get(1)).toEqual(before.current);
    expect(after.byId.size).toBe(3);
  });

  test("tokens name a key with one byte: the 256th is refused", async () => {
    const { db } = database;
    const key = await openMasterKey(db, newDir(), NOW);
    for (let id = 2; id <= 255; id++) await rotateTokenKey(db, key, NOW);
    await expect(rotateTokenKey(db, key, NOW)).rejects.toThrow("255 token keys");
  });

  test("a token key under another id does not open", async () => {
    const { db } = database;
    const key = await openMasterKey(db, newDir(), NOW);
    await db.query("update token_keys set id = 2");
    await expect(loadTokenKeys(db, key)).rejects.toThrow("token key 2");
  });
});
