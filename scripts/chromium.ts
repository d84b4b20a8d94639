/**
 * Finds a Chromium that starts here: CHROMIUM_PATH, one of the system, or the one packaged for npm (x64 Linux only). Nothing is
 * downloaded. null when none runs: browser tests are then skipped, and say so.
 */
import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

export type Browser = { executable: string; args: string[] };

const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--disable-dev-shm-usage",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "microsoft-edge"];
const OUTSIDE_PATH = ["/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "/snap/bin/chromium"];
const START_MS = 20_000;

export async function findChromium(): Promise<Browser | null> {
  const named = process.env["CHROMIUM_PATH"];
  const candidates = (named === undefined || named === "" ? inSystem() : [named]).filter(isExecutable);
  for (const executable of candidates) {
    if (await starts(executable, ARGS)) return { executable, args: ARGS };
  }
  return packaged();
}

function inSystem(): string[] {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return [...NAMES.flatMap((name) => folders.map((folder) => join(folder, name))), ...OUTSIDE_PATH];
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A brotli archive that unpacks itself into the temporary folder; its arguments are its own. */
async function packaged(): Promise<Browser | null> {
  try {
    const { default: chromium } = await import("@sparticuz/chromium");
    const executable = await chromium.executablePath();
    // These serve a function host, not a test: the pages are to run in the browser as people have it.
    const dropped = /^--(headless|single-process|disable-web-security|allow-running-insecure-content)/;
    const args = [...new Set([...chromium.args.filter((arg) => !dropped.test(arg)), ...ARGS])];
    return (await starts(executable, args)) ? { executable, args } : null;
  } catch {
    // not for this system, or libraries are missing
    return null;
  }
}

/** Opens the debugging port that every test needs: a binary that lacks a library or a permission fails here, not in a test. */
async function starts(executable: string, args: readonly string[]): Promise<boolean> {
  const profile = await mkdtemp(join(tmpdir(), "envoi-chromium-"));
  const child = spawn(executable, [...args, "--headless", `--user-data-dir=${profile}`, "--remote-debugging-port=0"], {
    stdio: ["ignore", "ignore", "pipe"],
    timeout: START_MS,
    killSignal: "SIGKILL",
  });
  const listens = new Promise<boolean>((resolve) => {
    let output = "";
    child.stderr.on("data", (chunk: Buffer) => {
      output += chunk.toString("latin1");
      if (output.includes("DevTools listening on")) resolve(true);
    });
    child.on("error", () => resolve(false));
    child.on("exit", () => resolve(false));
  });
  const gone = new Promise<void>((resolve) => {
    child.on("exit", () => resolve());
    child.on("error", () => resolve());
  });
  const works = await listens;
  child.kill("SIGKILL");
  await gone;
  await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  return works;
}
