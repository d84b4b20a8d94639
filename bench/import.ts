/**
 * Benchmark of the import: a generated CSV (address and six attributes, one quoted) into a fresh embedded PostgreSQL.
 * Conditions: generator, Node and PostgreSQL on the same cores; durable settings (fsync on); peak RSS is the whole Node process.
 */
import { createWriteStream, mkdtempSync, rmSync, statSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

import { importFile } from "../src/features/audience/index.ts";
import { openDb } from "../src/platform/db.ts";
import { migrate } from "../src/platform/migrate.ts";
import { startEmbeddedPostgres } from "../src/platform/postgres/embedded.ts";

const ROWS = 1_000_000;
const ROWS_PER_PIECE = 1000;
const DOMAINS = 5000;
const FIRST_NAMES = ["Anna", "Jürgen", "Marie", "Luis", "Olga", "Wei", "Tom", "Zoë"];
const LAST_NAMES = ["Müller", "Smith", "García", "Dubois", "Ivanova", "Chen", "O'Neil"];
const CITIES = ["Paris", "Köln", "Madrid", "London", "Riga", "Lyon"];

type ImportFigures = {
  readonly rows: number;
  readonly seconds: number;
  readonly rowsPerSecond: number;
  readonly readSeconds: number;
  readonly peakRssMb: number;
};

export async function run(options: { readonly rows?: number } = {}): Promise<ImportFigures> {
  const rows = options.rows ?? ROWS;
  const dir = mkdtempSync(join(tmpdir(), "envoi-bench-"));
  const server = await startEmbeddedPostgres(join(dir, "data"));
  try {
    const path = join(dir, "people.csv");
    await pipeline(Readable.from(generate(rows)), createWriteStream(path));
    const size = Math.round(statSync(path).size / 1e6);
    console.log(`${rows} rows, ${size} MB, ${availableParallelism()} cores, Node ${process.version}`);
    const figures = await measure(server.url, path, rows);
    console.log(
      `${figures.seconds} s (${figures.readSeconds} s of it reading), ${figures.rowsPerSecond} rows/s, peak RSS ${figures.peakRssMb} MB`,
    );
    return figures;
  } finally {
    await server.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function measure(url: string, path: string, rows: number): Promise<ImportFigures> {
  await migrate(url);
  const db = await openDb(url);
  try {
    const start = performance.now();
    let read = start;
    const { counts } = await importFile(
      db,
      { fileName: "people.csv", path },
      {
        now: Date.now,
        onProgress: ({ phase }) => {
          if (phase === "reading") read = performance.now();
        },
      },
    );
    const seconds = (performance.now() - start) / 1000;
    if (counts.created !== rows) throw new Error(`${counts.created} recipients came of ${rows} rows`);
    return {
      rows,
      seconds: Number(seconds.toFixed(1)),
      rowsPerSecond: Math.round(rows / seconds),
      readSeconds: Number(((read - start) / 1000).toFixed(1)),
      peakRssMb: Math.round(process.resourceUsage().maxRSS / 1024),
    };
  } finally {
    await db.close();
  }
}

function* generate(rows: number): Generator<string> {
  yield "email,first_name,last_name,city,country,plan,points\n";
  let piece = "";
  for (let i = 1; i <= rows; i++) {
    const names = `${FIRST_NAMES[i % 8]},${LAST_NAMES[i % 7]},${CITIES[i % 6]}`;
    piece += `user${i}@d${(i * 7) % DOMAINS}.example,${names},"FR, EU",gold,${(i * 31) % 10_000}\n`;
    if (i % ROWS_PER_PIECE === 0 || i === rows) {
      yield piece;
      piece = "";
    }
  }
}
