import { describe, expect, test } from "vitest";

import type { Source } from "../core/shaping/source.ts";
import { createSourceBook } from "./source-book.ts";

const source = (id: number, changes: Partial<Source> = {}): Source => ({
  id,
  name: `s${id}`,
  addressV4: `192.0.2.${id}`,
  addressV6: null,
  helo: `s${id}.example.org`,
  sender: null,
  enabled: true,
  warmUp: "off",
  ...changes,
});
const pool = (name: string, ...members: number[]) => ({
  id: 1,
  name,
  members: members.map((member) => ({ source: member, weight: 1 })),
});
const keys = Array.from({ length: 200 }, (_, i) => `p${i}@one.example`);
const any = () => true;

describe("sources of a sender", () => {
  test("without registered sources the system chooses", () => {
    const book = createSourceBook(0, 1);
    expect(book.choose({ pool: null, source: null }, "a@one.example", any)?.key).toBe("default");
  });

  test("an address that nobody registered is used as it is; a registered one is that source", () => {
    const book = createSourceBook(0, 1);
    book.update({ sources: [source(1)], pools: [] }, [0]);
    expect(book.choose({ pool: null, source: "2001:db8::1" }, "k", any)).toMatchObject({ id: null, v6: "2001:db8::1" });
    expect(book.choose({ pool: null, source: "192.0.2.1" }, "k", any)?.id).toBe(1);
  });

  test("a pool named default is for deliveries that name none", () => {
    const book = createSourceBook(0, 1);
    book.update({ sources: [source(1)], pools: [pool("Default", 1)] }, [0]);
    expect(book.choose({ pool: null, source: null }, "k", any)?.id).toBe(1);
  });

  test("a pool that is gone sends nothing from an address that nobody chose", () => {
    const book = createSourceBook(0, 1);
    expect(book.choose({ pool: "gone", source: null }, "k", any)).toBeNull();
    expect(book.isOthers({ pool: "gone", source: null }, 1)).toBe(true);
  });

  test("a sender uses what is bound to it, and leaves the parts of others to them as long as they live", () => {
    const known = { sources: [source(1), source(2)], pools: [pool("news", 1, 2)] };
    const [first, second] = [createSourceBook(0, 2), createSourceBook(1, 2)];
    for (const book of [first, second]) book.update(known, [0, 1]);
    const wish = { pool: "news", source: null };
    expect(new Set(keys.map((key) => first.choose(wish, key, any)?.id))).toEqual(new Set([1]));
    expect(new Set(keys.map((key) => second.choose(wish, key, any)?.id))).toEqual(new Set([2]));
    for (let part = 1; part < 100; part++) expect(first.isOthers(wish, part)).toBe(!second.isOthers(wish, part));
    first.update(known, [0]);
    for (let part = 1; part < 100; part++) expect(first.isOthers(wish, part)).toBe(false);
  });

  test("what is switched off or not usable there is not chosen", () => {
    const book = createSourceBook(0, 1);
    book.update(
      { sources: [source(1, { enabled: false }), source(2), source(3)], pools: [pool("news", 1, 2, 3)] },
      [0],
    );
    const chosen = keys.map((key) => book.choose({ pool: "news", source: null }, key, ({ id }) => id !== 3)?.id);
    expect(new Set(chosen)).toEqual(new Set([2]));
  });

  test("an address that is registered elsewhere is left to the sender that has it, and one that is switched off to nobody", () => {
    const known = { sources: [source(1), source(2, { enabled: false })], pools: [] };
    const [first, second] = [createSourceBook(0, 2), createSourceBook(1, 2)];
    for (const book of [first, second]) book.update(known, [0, 1]);
    const wish = { pool: null, source: "192.0.2.1" };
    expect([first.isOthers(wish, 1), second.isOthers(wish, 1)]).toEqual([false, true]);
    expect([first, second].map((book) => book.choose(wish, "k", any)?.id)).toEqual([1, undefined]);
    expect(first.choose({ pool: null, source: "192.0.2.2" }, "k", any)).toBeNull();
  });

  test("the others of a pool are asked about only when the best cannot", () => {
    const book = createSourceBook(0, 1);
    book.update({ sources: [source(1), source(2), source(3)], pools: [pool("news", 1, 2, 3)] }, [0]);
    const asked: number[] = [];
    book.choose({ pool: "news", source: null }, "a@one.example", ({ id }) => asked.push(id ?? 0) > 0);
    expect(asked).toHaveLength(1);
    expect(
      book.choose({ pool: "news", source: null }, "a@one.example", ({ id }) => asked.push(id ?? 0) < 0),
    ).toBeNull();
    expect(new Set(asked.slice(1))).toEqual(new Set([1, 2, 3]));
  });
});
