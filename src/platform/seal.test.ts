import { createSecretKey } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { seal, unseal } from "./seal.ts";

const key = createSecretKey(Buffer.alloc(32, 7));
const other = createSecretKey(Buffer.alloc(32, 8));
const bytes = fc.uint8Array({ maxLength: 300 });

describe("sealed values", () => {
  test("open to what was sealed, in the same context", () => {
    fc.assert(
      fc.property(bytes, fc.string(), (plaintext, context) => {
        const opened = unseal(key, seal(key, plaintext, context), context);
        expect(opened).toEqual(Buffer.from(plaintext));
      }),
    );
  });

  test("any altered, missing or added byte is refused", () => {
    fc.assert(
      fc.property(bytes, fc.nat(), fc.integer({ min: 1, max: 255 }), (plaintext, place, change) => {
        const sealed = seal(key, plaintext, "a");
        const altered = Buffer.from(sealed);
        const at = place % sealed.length;
        altered[at] = (altered[at] ?? 0) ^ change;
        expect(unseal(key, altered, "a")).toBeNull();
        expect(unseal(key, sealed.subarray(0, at), "a")).toBeNull();
        expect(unseal(key, Buffer.concat([sealed, Buffer.of(change)]), "a")).toBeNull();
      }),
    );
  });

  test("another key or another context opens nothing", () => {
    fc.assert(
      fc.property(bytes, fc.string(), fc.string(), (plaintext, context, wrong) => {
        fc.pre(Buffer.from(context, "utf8").compare(Buffer.from(wrong, "utf8")) !== 0);
        const sealed = seal(key, plaintext, context);
        expect(unseal(key, sealed, wrong)).toBeNull();
        expect(unseal(other, sealed, context)).toBeNull();
      }),
    );
  });

  test("the same value twice gives different bytes, none of them in clear", () => {
    const text = "-----BEGIN PRIVATE KEY-----";
    const sealed = [seal(key, text, "a"), seal(key, text, "a")];
    expect(sealed[0]).not.toEqual(sealed[1]);
    for (const value of sealed) expect(value.includes("PRIVATE")).toBe(false);
  });

  test("the key shows its bytes in no log and no JSON", () => {
    expect(JSON.stringify({ key })).toBe('{"key":{}}');
  });
});
