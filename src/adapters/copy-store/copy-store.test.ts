/** What every store does alike. */
import fc from "fast-check";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { startS3Server, type S3Server } from "../../../test/s3-server.ts";
import type { CopyStore } from "../../platform/copy-store.ts";
import { openFileStore } from "./file-store.ts";
import { openS3Store } from "./s3-store.ts";

const HOUR = "2026-05-04/13h";
const NAME = `${HOUR}/42-1207-5.eml`;
const SENT = `${HOUR}/42-1207-5-sent.eml`;
const bytes = (text: string) => Buffer.from(text, "utf8");
const digest = (content: Uint8Array) => createHash("sha256").update(content).digest("base64");
const put = (store: CopyStore, name: string, text: string) => store.put(name, bytes(text), digest(bytes(text)));

async function listed(store: CopyStore, prefix = ""): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for await (const { name, size } of store.list(prefix)) found[name] = size;
  return found;
}

let s3: S3Server;
beforeAll(async () => {
  s3 = await startS3Server();
});
afterAll(() => s3.close());

const dirs: string[] = [];
afterAll(() => dirs.forEach((dir) => rmSync(dir, { recursive: true })));

const openFiles = () => {
  const dir = mkdtempSync(join(tmpdir(), "envoi-copies-"));
  dirs.push(dir);
  return openFileStore(dir);
};
const openObjects = (prefix: string) => () => {
  s3.objects.clear();
  return openS3Store({ endpoint: s3.endpoint, bucket: "copies", prefix, pathStyle: true, ...s3.credentials });
};

describe.each<[string, () => CopyStore]>([
  ["files", openFiles],
  ["objects", openObjects("")],
  ["objects below a prefix", openObjects("/mail & more/é+%41/")],
])("a store of %s", (_, open) => {
  let store: CopyStore;
  beforeEach(() => {
    store = open();
  });

  test("gives back what was put, the last of it, until it is removed", async () => {
    expect(await store.read(NAME)).toBeNull();
    await put(store, NAME, "first");
    await put(store, NAME, "second: é");
    expect(Buffer.from((await store.read(NAME)) ?? []).toString("utf8")).toBe("second: é");
    await store.remove(NAME);
    await store.remove(NAME);
    expect(await store.read(NAME)).toBeNull();
  });

  test("keeps empty and binary bytes", async () => {
    const binary = Buffer.from(Array.from({ length: 1024 }, (_value, i) => i % 256));
    await store.put(NAME, binary, digest(binary));
    await put(store, SENT, "");
    expect(Buffer.from((await store.read(NAME)) ?? [])).toEqual(binary);
    expect((await store.read(SENT))?.length).toBe(0);
  });

  test("refuses bytes that are not those of the checksum", async () => {
    await expect(store.put(NAME, bytes("one"), digest(bytes("other")))).rejects.toMatchObject({ problem: "refused" });
    expect(await listed(store)).toEqual({});
  });

  test("renames, again without effect, and says when there is nothing to rename", async () => {
    await put(store, NAME, "copy");
    await store.rename(NAME, NAME);
    await store.rename(NAME, SENT);
    await store.rename(NAME, SENT);
    expect(await listed(store)).toEqual({ [SENT]: 4 });
    await expect(store.rename(NAME, `${HOUR}/42-1207-6.eml`)).rejects.toMatchObject({ problem: "missing" });
    await expect(store.rename(NAME, NAME)).rejects.toMatchObject({ problem: "missing" });
    expect(await listed(store)).toEqual({ [SENT]: 4 });
  });

  test("a rename that was cut short is ended by doing it again", async () => {
    await put(store, NAME, "copy");
    await put(store, SENT, "copy");
    await store.rename(NAME, SENT);
    expect(await listed(store)).toEqual({ [SENT]: 4 });
  });

  test("a copy stays in its hour", async () => {
    await put(store, NAME, "copy");
    await expect(store.rename(NAME, "2026-05-04/14h/42-1207-5.eml")).rejects.toMatchObject({ problem: "refused" });
    expect(await listed(store)).toEqual({ [NAME]: 4 });
  });

  test("lists by prefix", async () => {
    const names = [NAME, SENT, "2026-05-04/14h/42-1207-5.eml", "2026-05-05/13h/42-1207-5.eml"];
    for (const name of names) await put(store, name, "copy");
    expect(Object.keys(await listed(store)).sort()).toEqual([...names].sort());
    expect(Object.keys(await listed(store, `${HOUR}/`)).sort()).toEqual([SENT, NAME]);
    expect(Object.keys(await listed(store, `${HOUR}/42-1207-5-`))).toEqual([SENT]);
    expect(Object.keys(await listed(store, "2026-05-0")).length).toBe(4);
    expect(await listed(store, "2027")).toEqual({});
    expect(await listed(store, "../")).toEqual({});
  });

  test("fifty writers at once, some under the same name", async () => {
    await Promise.all(Array.from({ length: 200 }, (_value, i) => put(store, `${HOUR}/1-1-${i % 150}.eml`, "copy")));
    expect(Object.keys(await listed(store))).toHaveLength(150);
  });

  test.each([
    "",
    "/etc/passwd",
    "../2026-05-04/13h/42-1207-5.eml",
    "2026-05-04/13h/../42-1207-5.eml",
    "2026-05-04/13h/42-1207-5.eml/",
    "2026-05-04/13h/42-1207-5.eml\0",
    "2026-05-04\\13h\\42-1207-5.eml",
    "2026-05-04/13h/42-1207-5.exe",
    "2026-05-04/13h//42-1207-5.eml",
  ])("%j is no name", async (name) => {
    const refusal = { problem: "refused" };
    await expect(put(store, name, "copy")).rejects.toMatchObject(refusal);
    await expect(store.rename(NAME, name)).rejects.toMatchObject(refusal);
    await expect(store.rename(name, NAME)).rejects.toMatchObject(refusal);
    await expect(store.read(name)).rejects.toMatchObject(refusal);
    await expect(store.remove(name)).rejects.toMatchObject(refusal);
  });
});

test("whatever is done, files and objects are the same", { timeout: 60_000 }, async () => {
  const anyName = fc.constantFrom(NAME, SENT, "2026-05-04/14h/42-1207-5.eml");
  const anyStep = fc.oneof(
    fc.record({ do: fc.constant("put" as const), name: anyName, text: fc.string({ maxLength: 20 }) }),
    fc.record({ do: fc.constant("rename" as const), name: anyName, to: anyName }),
    fc.record({ do: fc.constant("remove" as const), name: anyName }),
    fc.record({ do: fc.constant("read" as const), name: anyName }),
  );
  type Step = typeof anyStep extends fc.Arbitrary<infer T> ? T : never;
  const carryOut = async (store: CopyStore, step: Step): Promise<string> => {
    try {
      if (step.do === "put") await put(store, step.name, step.text);
      else if (step.do === "rename") await store.rename(step.name, step.to);
      else if (step.do === "remove") await store.remove(step.name);
      else return String((await store.read(step.name)) ?? "nothing");
      return "done";
    } catch (error) {
      return (error as { problem: string }).problem;
    }
  };
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { maxLength: 12 }), async (steps) => {
      const [files, objects] = [openFiles(), openObjects("p")()];
      for (const step of steps) expect(await carryOut(objects, step)).toBe(await carryOut(files, step));
      expect(await listed(objects)).toEqual(await listed(files));
    }),
    { numRuns: 60 },
  );
});
