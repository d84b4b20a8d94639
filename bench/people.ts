/** A million recipients for benchmarks, imported from a file of 100 domains. */
import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

import { importFile } from "../src/features/audience/index.ts";
import type { Db } from "../src/platform/db.ts";

const DOMAINS = 100;
const ROWS_PER_PIECE = 1000;

/** The import's id. 2 % denylisted, 1 % quarantined; 1 % invalid and 1 % duplicate come from the file. */
export async function fillPeople(db: Db, path: string, rows: number): Promise<string> {
  await pipeline(Readable.from(generate(rows)), createWriteStream(path));
  const imported = await importFile(db, { fileName: "people.csv", path }, { now: Date.now });
  await db.query("update recipients set denylisted_at = now(), denylist_reason = 'unsubscribed' where id % 50 = 7");
  await db.query(
    `insert into quarantine (match_key, address, status, reason, errors, updated_at)
     select match_key, address, 'quarantined', 'user-unknown', 1, now() from recipients where id % 100 = 11`,
  );
  return imported.id;
}

function* generate(rows: number): Generator<string> {
  let piece = "email,first_name,last_name,city,country,plan,points\n";
  for (let n = 0; n < rows; n++) {
    piece += `${addressOf(n)},Zoé,Lefèvre,Besançon,"FR, EU",gold,${(n * 31) % 10_000}\n`;
    if (n % ROWS_PER_PIECE === 0) {
      yield piece;
      piece = "";
    }
  }
  yield piece;
}

function addressOf(n: number): string {
  if (n % 100 === 50) return `person-${n}@@nowhere`;
  const same = n % 100 === 51 ? n - 2 : n;
  return `person-${same}@d${same % DOMAINS}.example`;
}

export async function countPeople(db: Db): Promise<number> {
  const [row] = await db.query<{ count: number }>("select count(*) as count from recipients");
  return row?.count ?? 0;
}
