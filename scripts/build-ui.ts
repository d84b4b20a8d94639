/**
 * Builds the UI once, on demand: skipped while everything it is made of (web/, src/contract, the lock file, how it is built) is
 * what the last build was made of. Used by `npm run build:ui` and by the web role when it starts.
 */
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const DIST = join(ROOT, "web", "dist");
const STAMP = ".built";
/** Smaller files fit into one packet as they are. */
const WORTH_BYTES = 1000;
const brotli = promisify(brotliCompress);
const gzipped = promisify(gzip);

export type UiBuild = { dir: string; built: boolean };

/** Builds into a folder beside `web/dist` and swaps, so that a server that serves the old files never sees half of the new. */
export async function buildUi({ force = false }: { force?: boolean } = {}): Promise<UiBuild> {
  const wanted = await sourceHash();
  if (!force && (await stampOf(DIST)) === wanted) return { dir: DIST, built: false };
  const fresh = join(ROOT, "web", `dist.${process.pid}`);
  const previous = `${fresh}.old`;
  try {
    await mkdir(fresh, { recursive: true });
    await buildForUse(fresh);
    await compress(join(fresh, "assets"));
    await writeFile(join(fresh, STAMP), wanted);
    await rename(DIST, previous).catch(ignoreMissing);
    await rename(fresh, DIST);
  } finally {
    await rm(fresh, { recursive: true, force: true });
    await rm(previous, { recursive: true, force: true });
  }
  return { dir: DIST, built: true };
}

/** Vite takes the libraries' development builds, slow and large, when NODE_ENV says so; test runners set it. */
async function buildForUse(outDir: string): Promise<void> {
  const { build } = await import("vite");
  const before = process.env["NODE_ENV"];
  process.env["NODE_ENV"] = "production";
  try {
    await build({
      configFile: join(ROOT, "vite.config.ts"),
      root: join(ROOT, "web"),
      logLevel: "warn",
      build: { outDir, emptyOutDir: true },
    });
  } finally {
    if (before === undefined) delete process.env["NODE_ENV"];
    else process.env["NODE_ENV"] = before;
  }
}

/** Each file also as `.br` and `.gz`, so that the web role sends a quarter of the bytes without computing anything. */
async function compress(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const content = await readFile(path);
    if (content.length < WORTH_BYTES) continue;
    await writeFile(`${path}.br`, await brotli(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }));
    await writeFile(`${path}.gz`, await gzipped(content));
  }
}

async function stampOf(dir: string): Promise<string | null> {
  return readFile(join(dir, STAMP), "utf8").catch(() => null);
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}

async function sourceHash(): Promise<string> {
  const hash = createHash("sha256");
  const files = ["package-lock.json", "vite.config.ts", "scripts/build-ui.ts"];
  for (const folder of ["web", "src/contract"]) {
    const names = await readdir(join(ROOT, folder), { recursive: true, withFileTypes: true });
    for (const entry of names) {
      const path = join(entry.parentPath, entry.name).slice(ROOT.length);
      const counts = entry.isFile() && !/^web\/dist|\.test\.tsx?$/.test(path.replaceAll("\\", "/"));
      if (counts) files.push(path);
    }
  }
  for (const file of files.toSorted()) {
    hash
      .update(file.replaceAll("\\", "/"))
      .update("\0")
      .update(await readFile(join(ROOT, file)))
      .update("\0");
  }
  return hash.digest("hex");
}

if (import.meta.main) {
  const { built } = await buildUi({ force: process.argv.includes("--force") });
  console.log(built ? "UI built into web/dist" : "UI is up to date in web/dist");
}
