import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { expect, test } from "vitest";

import { personAt } from "../core/sandbox/people.ts";
import { writePeopleCsv } from "./people.ts";

test("the file holds exactly these people, and the same ones again", async () => {
  const dir = await mkdtemp(join(tmpdir(), "people-"));
  try {
    await writePeopleCsv(join(dir, "a.csv"), 1234, 5);
    await writePeopleCsv(join(dir, "b.csv"), 1234, 5);
    const text = await readFile(join(dir, "a.csv"), "utf8");
    expect(await readFile(join(dir, "b.csv"), "utf8")).toBe(text);
    const rows: Record<string, string>[] = parse(text, { columns: true });
    expect(rows).toHaveLength(1234);
    expect(rows[1233]).toEqual({ ...personAt(5, 1233), points: String(personAt(5, 1233).points) });
  } finally {
    await rm(dir, { recursive: true });
  }
});
