import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

import { loadReplies } from "./load-replies.ts";

const dir = mkdtempSync(join(tmpdir(), "envoi-replies-"));
afterAll(() => rmSync(dir, { recursive: true }));

const file = (...lines: readonly string[]) => {
  const path = join(dir, "replies.jsonl");
  writeFileSync(path, lines.join("\n"));
  return path;
};

test("our own are all of use", async () => {
  const replies = await loadReplies();
  expect(replies.size).toBeGreaterThan(20);
  expect(replies.get("full")?.reply).toEqual({ code: 452, lines: ["4.2.2 Mailbox full"] });
});

test("those of a file are added, and come before ours", async () => {
  const replies = await loadReplies(
    file('{"id":"full","text":"452 voll"}', '{"id":"Mine","text":"554 nein","stage":"dot"}'),
  );
  expect(replies.get("full")?.reply.lines).toEqual(["voll"]);
  expect(replies.get("mine")?.stage).toBe("dot");
  expect(replies.has("user-unknown")).toBe(true);
});

test("a file that is not there or has mistakes is told, not more than five of them", async () => {
  await expect(loadReplies(join(dir, "missing"))).rejects.toMatchObject({ code: "config-invalid" });
  await expect(loadReplies(file(...Array.from({ length: 8 }, () => "{")))).rejects.toThrow(
    /replies\.jsonl: line 1: is no JSON; .*line 5: is no JSON; and 3 more/,
  );
});
