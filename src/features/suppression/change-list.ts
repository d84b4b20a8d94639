/** Puts entries on the suppression list and takes them off, from a request or line by line from a file of any length. */
import { createHash } from "node:crypto";
import type { Readable } from "node:stream";

import type { SuppressionCheck, SuppressionResult } from "../../contract/suppression.ts";
import { readSuppressed } from "../../core/population/suppression.ts";
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import * as store from "./store.ts";

/** Entries in one transaction. */
const BATCH = 10_000;
/** Unreadable entries that are named. */
const NAMED = 100;
/** A line that is longer is no entry; what is beyond is not kept. */
const LONGEST_LINE = 10_000;

export type Change = "add" | "remove";

const hashOf = (matchKey: string) => createHash("sha256").update(matchKey).digest("hex");

/** Reads the same list twice to the same end. */
export async function changeList(
  db: Db,
  entries: Iterable<string> | AsyncIterable<string>,
  change: Change,
  now: Instant,
): Promise<SuppressionResult> {
  const result: SuppressionResult = { total: 0, changed: 0, unreadable: { count: 0, places: [] } };
  let hashes: string[] = [];
  let domains: string[] = [];
  const apply = async () => {
    const batch = { hashes, domains };
    [hashes, domains] = [[], []];
    result.changed += await db.transaction((tx) =>
      change === "add" ? store.addEntries(tx, batch, now) : store.removeEntries(tx, batch),
    );
  };
  let place = 0;
  for await (const text of entries) {
    place++;
    if (text.trim() === "") continue;
    result.total++;
    const entry = readSuppressed(text);
    if (entry === null) {
      result.unreadable.count++;
      if (result.unreadable.places.length < NAMED) result.unreadable.places.push(place);
    } else if (entry.kind === "domain") domains.push(entry.domain);
    else hashes.push(entry.kind === "hash" ? entry.hash : hashOf(entry.matchKey));
    if (hashes.length + domains.length >= BATCH) await apply();
  }
  await apply();
  return result;
}

/** The lines of a file, without their ends; of a comma-separated line what stands before the first comma or semicolon. */
export async function* linesOf(stream: Readable): AsyncGenerator<string> {
  stream.setEncoding("utf8");
  let rest = "";
  for await (const chunk of stream as AsyncIterable<string>) {
    const lines = (rest + chunk).split("\n");
    rest = (lines.pop() ?? "").slice(0, LONGEST_LINE);
    for (const line of lines) yield firstValue(line);
  }
  if (rest !== "") yield firstValue(rest);
}

function firstValue(line: string): string {
  const [value = ""] = line
    .slice(0, LONGEST_LINE)
    .replace(/^\uFEFF/, "")
    .split(/[,;\t]/, 1);
  return value.trim().replace(/^"(.*)"$/, "$1");
}

export async function checkEntry(db: Db, text: string): Promise<SuppressionCheck> {
  const entry = readSuppressed(text);
  if (entry === null) return { entry: text, suppressed: false, by: null };
  const hash = entry.kind === "hash" ? entry.hash : entry.kind === "address" ? hashOf(entry.matchKey) : null;
  const domain =
    entry.kind === "domain" ? entry.domain : entry.kind === "address" ? entry.matchKey.split("@").at(-1) : undefined;
  const found = await store.findEntries(db, hash, domain ?? null);
  const by = found.address ? "address" : found.domain ? "domain" : null;
  return { entry: text, suppressed: by !== null, by };
}
