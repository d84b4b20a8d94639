/** Reads the TOML files of one folder, in order of their names, into entries that know where they stand. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, TomlError } from "smol-toml";
import type { z } from "zod";

import { errorText } from "../../platform/errors.ts";
import { type Table, TABLES, type Written } from "./file-schema.ts";
import { createLineFinder, type LineFinder } from "./find-line.ts";
import type { Place, Problem } from "./problem.ts";

export type Entry<T extends Table> = { readonly place: Place; readonly written: Written<T> };
export type Entries = { readonly [T in Table]: Entry<T>[] };

/** All problems of all files; entries that can be read are there nevertheless. */
export function readFiles(dir: string): { entries: Entries; problems: Problem[] } {
  const entries: Entries = { provider: [], rule: [], reaction: [], sweep: [] };
  const problems: Problem[] = [];
  for (const file of tomlFiles(dir, problems)) {
    const read = parseFile(file);
    if ("code" in read) problems.push(read);
    else readTables(file, read, entries, problems);
  }
  return { entries, problems };
}

function tomlFiles(dir: string, problems: Problem[]): string[] {
  if (!existsSync(dir)) return [];
  try {
    const names = readdirSync(dir).filter((name) => name.endsWith(".toml"));
    return names.toSorted().map((name) => join(dir, name));
  } catch (error) {
    problems.push({ place: dir, code: "unreadable-file", detail: errorText(error) });
    return [];
  }
}

type Parsed = { readonly data: Readonly<Record<string, unknown>>; readonly finder: LineFinder };

function parseFile(file: string): Parsed | Problem {
  try {
    const text = readFileSync(file, "utf8");
    return { data: parse(text), finder: createLineFinder(text) };
  } catch (error) {
    const line = error instanceof TomlError ? error.line : 1;
    const [detail = ""] = errorText(error).split("\n");
    return { place: `${file}:${line}`, code: "unreadable-file", detail };
  }
}

function readTables(file: string, { data, finder }: Parsed, entries: Entries, problems: Problem[]): void {
  for (const [table, list] of Object.entries(data)) {
    const place = placeOf(file, finder, table, null);
    if (!isTable(table)) {
      const detail = `there is no table "${table}": provider, rule, reaction and sweep are`;
      problems.push({ place: place.at(), code: "unknown-table", detail });
    } else if (!Array.isArray(list)) {
      problems.push({ place: place.at(), code: "invalid-value", detail: `${table} is written [[${table}]]` });
    } else {
      for (const [index, raw] of list.entries()) {
        readEntry(table, raw, placeOf(file, finder, table, index), entries, problems);
      }
    }
  }
}

function isTable(text: string): text is Table {
  return Object.hasOwn(TABLES, text);
}

function readEntry<T extends Table>(table: T, raw: unknown, place: Place, entries: Entries, problems: Problem[]): void {
  const schema: z.ZodType<Written<T>> = TABLES[table] as never;
  const result = schema.safeParse(raw);
  if (result.success) {
    const list: Entry<T>[] = entries[table];
    list.push({ place, written: result.data });
    return;
  }
  for (const issue of result.error.issues) problems.push(problemOf(titleOf(table, raw), place, issue));
}

/** `rule google`, as the texts of problems begin. */
function titleOf(table: Table, raw: unknown): string {
  if (typeof raw !== "object" || raw === null || !("name" in raw) || typeof raw.name !== "string") return table;
  return `${table} ${raw.name}`;
}

function problemOf(title: string, place: Place, issue: z.core.$ZodIssue): Problem {
  const [key] = issue.path;
  if (issue.code === "unrecognized_keys") {
    const unknown = issue.keys[0] ?? "";
    const at = key === undefined ? place.at(unknown) : place.at(String(key), unknown);
    return { place: at, code: "unknown-key", detail: `${title}: there is no key "${unknown}"` };
  }
  const at = key === undefined ? place.at() : place.at(String(key));
  const detail = `${title}: ${key === undefined ? "" : `${issue.path.join(".")}: `}${issue.message}`;
  return { place: at, code: "invalid-value", detail };
}

function placeOf(file: string, finder: LineFinder, table: string, index: number | null): Place {
  return { at: (key, value) => `${file}:${finder.lineOf(table, index, key, value)}` };
}
