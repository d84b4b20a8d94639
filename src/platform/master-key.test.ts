import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { loadConfig } from "./config.ts";
import { createMasterKey, parseSecretKey, readMasterKey } from "./master-key.ts";

describe("ENVOI_SECRET_KEY", () => {
  test("32 bytes in any usual spelling", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        const key = Buffer.from(bytes);
        const spellings = [key.toString("hex"), key.toString("hex").toUpperCase(), key.toString("base64")];
        spellings.push(key.toString("base64url"), key.toString("base64").replace("=", ""));
        for (const text of spellings) expect(parseSecretKey(text)).toEqual(key);
      }),
    );
  });

  test.each([
    ["too short", Buffer.alloc(31).toString("base64")],
    ["too long", Buffer.alloc(33).toString("base64")],
    ["a passphrase", "correct horse battery staple, forty-three ch"],
    ["odd hexadecimal", "f".repeat(63)],
    ["bits beyond the 256th", `${"A".repeat(42)}B=`],
  ])("%s is refused, and not repeated", (_, text) => {
    expect(() => loadConfig({ ENVOI_SECRET_KEY: text })).toThrow("ENVOI_SECRET_KEY: is not 32 bytes");
    expect(() => loadConfig({ ENVOI_SECRET_KEY: text })).not.toThrow(text);
  });
});

describe("the file secret-key", () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), "envoi-key-"));
  });
  afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

  test("is made once, for its owner only", () => {
    const source = { secretKey: null, dataDir };
    expect(readMasterKey(source)).toBeNull();
    const key = createMasterKey(source);
    expect(statSync(join(dataDir, "secret-key")).mode & 0o777).toBe(0o600);
    expect(parseSecretKey(readFileSync(join(dataDir, "secret-key"), "utf8").trim())).toEqual(key.export());
    expect(createMasterKey(source).equals(key)).toBe(true);
    expect(readMasterKey(source)?.equals(key)).toBe(true);
  });

  test("the environment goes before it", () => {
    createMasterKey({ secretKey: null, dataDir });
    expect(readMasterKey({ secretKey: "0".repeat(64), dataDir })?.export()).toEqual(Buffer.alloc(32));
  });

  test.each([0o640, 0o604, 0o660])("mode %o is refused", (mode) => {
    createMasterKey({ secretKey: null, dataDir });
    chmodSync(join(dataDir, "secret-key"), mode);
    expect(() => readMasterKey({ secretKey: null, dataDir })).toThrow(`mode ${mode.toString(8)}`);
  });

  test.each(["", "not a key\n"])("content %j is refused", (text) => {
    writeFileSync(join(dataDir, "secret-key"), text, { mode: 0o600 });
    expect(() => readMasterKey({ secretKey: null, dataDir })).toThrow("is not 32 bytes");
  });
});
