import { createSecretKey, generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { createTestDatabase, type TestDatabase } from "../../../test/database.ts";
import { timestamp } from "../../platform/db.ts";
import { AppError } from "../../platform/errors.ts";
import { generateSigningKey as generate, readSigningKey as readKey } from "../../adapters/crypto/crypto.ts";
import { generateKey, loadSigningKeys, saveSigningKey, sealPlainKeys, signingKeysFor } from "./index.ts";

const NOW = Date.UTC(2026, 0, 1);
const masterKey = createSecretKey(Buffer.alloc(32, 1));
const deps = { masterKey, readKey };
const rsa = (modulusLength = 1024) =>
  generateKeyPairSync("rsa", { modulusLength }).privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const ed25519 = () => generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();

describe("signing keys", () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase();
  });
  afterEach(() => database.drop());
  const save = (domain: string, selector: string, privateKey: string, more: object = {}) =>
    saveSigningKey(database.db, deps, { domain, selector, privateKey, ...more }, NOW);
  const rows = () =>
    database.db.query<{ id: number; state: string; selector: string; sealed: Buffer; private_key: string | null }>(
      "select id, state, selector, sealed, private_key from dkim_keys order by id",
    );

  test("a key comes back as it was saved, and the database does not hold it in clear", async () => {
    const pem = rsa();
    const { id } = await save("Example.COM.", "S1", pem);
    expect(await loadSigningKeys(database.db, masterKey, [id])).toEqual([
      {
        id,
        domain: "example.com",
        selector: "s1",
        algorithm: "rsa-sha256",
        canonicalization: "relaxed/relaxed",
        privateKey: pem,
      },
    ]);
    const [row] = await rows();
    expect(row?.private_key).toBeNull();
    expect(row?.sealed.includes(pem.slice(100, 120))).toBe(false);
  });

  test("the same key again changes nothing", async () => {
    const pem = ed25519();
    const first = await save("example.com", "s1", pem);
    expect(await save("EXAMPLE.com", "s1", `\n${pem.replaceAll("\n", "\r\n")}`)).toEqual(first);
    expect(await rows()).toHaveLength(1);
  });

  test("another key under the same selector retires the old one, which still signs what was confirmed with it", async () => {
    const old = rsa();
    const { id } = await save("example.com", "s1", old);
    const next = await save("example.com", "s1", rsa());
    expect(next.id).not.toBe(id);
    expect((await rows()).map((row) => row.state)).toEqual(["retired", "active"]);
    expect(await signingKeysFor(database.db, "example.com", null)).toEqual([next.id]);
    expect((await loadSigningKeys(database.db, masterKey, [id]))[0]?.privateKey).toBe(old);
  });

  test("another canonicalization is another key: what was confirmed keeps its bytes", async () => {
    const pem = rsa();
    const first = await save("example.com", "s1", pem);
    const second = await save("example.com", "s1", pem, { canonicalization: "simple/simple" });
    expect(second.id).not.toBe(first.id);
    const loaded = await loadSigningKeys(database.db, masterKey, [second.id, first.id]);
    expect(loaded.map((key) => key.canonicalization)).toEqual(["simple/simple", "relaxed/relaxed"]);
  });

  test("many who save at once leave one active key", async () => {
    const pems = [rsa(), rsa(), rsa(), rsa()];
    await Promise.all(pems.map((pem) => save("example.com", "s1", pem)));
    expect((await rows()).filter((row) => row.state === "active")).toHaveLength(1);
    expect(await rows()).toHaveLength(4);
  });

  test.each<[string, string, string, string, string]>([
    ["a domain without a dot", "localhost", "s1", "", "/domain"],
    ["a domain with a blank", "exa mple.com", "s1", "", "/domain"],
    ["a selector with an underscore", "example.com", "s_1", "", "/selector"],
    ["a selector with an empty label", "example.com", "s1..x", "", "/selector"],
    ["a selector that leaves no room", `${"a.".repeat(110)}example.com`, "s".repeat(63), "", "/selector"],
    ["something else than a key", "example.com", "s1", "x", "/privateKey"],
  ])("%s is refused at its place", async (_, domain, selector, broken, pointer) => {
    const refusal = await save(domain, selector, broken || rsa()).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(AppError);
    expect((refusal as AppError).errors[0]?.pointer).toBe(pointer);
    expect(await rows()).toHaveLength(0);
  });

  test("a domain in its own script is kept in ASCII", async () => {
    const { id } = await save("bücher.example", "s1", rsa());
    expect(await signingKeysFor(database.db, "xn--bcher-kva.example", null)).toEqual([id]);
  });

  describe("which keys sign", () => {
    test("all active keys of the sender's domain, RSA first", async () => {
      const modern = await save("example.com", "a", ed25519());
      const classic = await save("example.com", "b", rsa());
      expect(await signingKeysFor(database.db, "Example.com", null)).toEqual([classic.id, modern.id]);
    });

    test("else those of the closest domain above", async () => {
      const top = await save("example.com", "s1", rsa());
      const middle = await save("news.example.com", "s1", rsa());
      const { db } = database;
      expect(await signingKeysFor(db, "eu.news.example.com", null)).toEqual([middle.id]);
      expect(await signingKeysFor(db, "shop.example.com", null)).toEqual([top.id]);
      expect(await signingKeysFor(db, "anexample.com", null)).toEqual([]);
      expect(await signingKeysFor(db, "com", null)).toEqual([]);
    });

    test("those named, of any domain; none when there is none", async () => {
      const { id } = await save("other.example", "s2", rsa());
      const { db } = database;
      expect(await signingKeysFor(db, "example.com", { domain: "Other.example", selector: "S2" })).toEqual([id]);
      expect(await signingKeysFor(db, "other.example", { domain: "other.example", selector: "s1" })).toEqual([]);
    });
  });

  test("keys are loaded in the order asked for; a missing one is a bug that speaks", async () => {
    const a = await save("example.com", "a", rsa());
    const b = await save("example.com", "b", ed25519());
    const load = (...ids: number[]) => loadSigningKeys(database.db, masterKey, ids);
    expect((await load(b.id, a.id)).map((key) => key.id)).toEqual([b.id, a.id]);
    await expect(load(a.id, 999)).rejects.toThrow("no signing key 999");
    expect(await load()).toEqual([]);
  });

  test("another secret key, or a sealed key moved to another name, is refused", async () => {
    const { id } = await save("example.com", "s1", rsa());
    const wrong = createSecretKey(Buffer.alloc(32, 2));
    await expect(loadSigningKeys(database.db, wrong, [id])).rejects.toThrow("s1._domainkey.example.com");
    await database.db.query("update dkim_keys set domain = 'attacker.example'");
    await expect(loadSigningKeys(database.db, masterKey, [id])).rejects.toThrow("s1._domainkey.attacker.example");
  });

  describe("generated", () => {
    const make = (more: object) =>
      generateKey(database.db, { ...deps, generate }, { domain: "example.com", algorithm: "rsa-sha256", ...more }, NOW);

    test("keys get selectors of their own, retired ones are not taken again", async () => {
      const first = await make({});
      const second = await make({ algorithm: "ed25519-sha256" });
      expect([first.selector, second.selector]).toEqual(["envoi1", "envoi2"]);
      expect([first.bits, second.bits]).toEqual([2048, null]);
      await database.db.query("update dkim_keys set state = 'retired', retired_at = now()");
      expect((await make({ algorithm: "ed25519-sha256" })).selector).toBe("envoi3");
    });

    test("a selector that signs is not taken over", async () => {
      await save("example.com", "s1", ed25519());
      await expect(make({ selector: "s1", algorithm: "ed25519-sha256" })).rejects.toMatchObject({
        code: "selector-in-use",
      });
    });
  });

  describe("rows of the version that kept keys as text", () => {
    /** The table as migration 0001 made it, with these rows, brought up by migration 0003. */
    async function upgrade(rowsBefore: readonly [domain: string, selector: string, pem: string][]): Promise<void> {
      const { db } = database;
      await db.query("drop table dkim_keys");
      await db.query(
        `create table dkim_keys (domain text not null, selector text not null, private_key text not null,
                                 created_at timestamptz not null, primary key (domain, selector))`,
      );
      for (const [domain, selector, pem] of rowsBefore) {
        await db.query("insert into dkim_keys values ($1, $2, $3, $4)", [domain, selector, pem, timestamp(NOW)]);
      }
      const file = new URL("../../../db/migrations/0003_add_signing_keys.sql", import.meta.url);
      await db.query(readFileSync(file, "utf8").split("-- Down Migration")[0] ?? "");
    }

    test("are sealed at the next start, and sign as before", async () => {
      const pem = rsa();
      await upgrade([["example.com", "s1", pem]]);
      expect(await signingKeysFor(database.db, "example.com", null)).toEqual([]);
      await sealPlainKeys(database.db, deps, NOW);
      await sealPlainKeys(database.db, deps, NOW);
      expect((await rows()).map((row) => row.private_key)).toEqual([null]);
      const ids = await signingKeysFor(database.db, "example.com", null);
      expect(await loadSigningKeys(database.db, masterKey, ids)).toMatchObject([{ privateKey: pem, selector: "s1" }]);
      expect((await save("example.com", "s1", pem)).id).toBe(ids[0]);
    });

    test("that name the same domain in two spellings: one signs, none is lost", async () => {
      const pems = [rsa(), rsa()] as const;
      await upgrade([
        ["Example.com", "s1", pems[0]],
        ["example.com", "s1", pems[1]],
      ]);
      await sealPlainKeys(database.db, deps, NOW);
      expect((await rows()).map((row) => row.state)).toEqual(["retired", "active"]);
      const all = (await rows()).map((row) => row.id);
      const loaded = await loadSigningKeys(database.db, masterKey, all);
      expect(loaded.map((key) => key.privateKey)).toEqual(pems);
    });

    test("that never were a key are kept sealed and sign nothing", async () => {
      await upgrade([["example.com", "s1", "no key"]]);
      await sealPlainKeys(database.db, deps, NOW);
      expect(await rows()).toMatchObject([{ state: "retired", private_key: null }]);
      expect(await signingKeysFor(database.db, "example.com", null)).toEqual([]);
    });
  });
});
