/** The real command line as a process of its own: started, listened to, signalled; and files for it. */
import { spawn, type ChildProcess } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ENVOI = join(import.meta.dirname, "../../bin/envoi");

export type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

export type Run = {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly ended: Promise<Ended>;
  /** Resolves with the first match in stdout or stderr; rejects when the process ends without it. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
};

/** Environment of a test's process: nothing of ours, everything said. */
export type Env = Readonly<Record<string, string>>;

/** Starts `envoi ARGS` as leader of a process group of its own. */
export function startEnvoi(args: readonly string[], env: Env): Run {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(ENVOI_|DATABASE_URL|HOST$|PORT$|NODE_(?!COMPILE_CACHE)|VITEST)/.test(name),
  );
  const child = spawn(ENVOI, args, {
    env: { ...Object.fromEntries(inherited), ...env },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  const looks = new Set<() => void>();
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
      for (const look of looks) look();
    });
  }
  const ended = new Promise<Ended>((resolve) => child.once("close", (code) => resolve({ code, ...output })));
  return {
    child,
    pid: child.pid ?? 0,
    ended,
    says: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(output.stdout) ?? pattern.exec(output.stderr);
          if (!match) return;
          looks.delete(look);
          resolve(match);
        };
        looks.add(look);
        look();
        void ended.then(({ code, stderr }) => reject(new Error(`ended (${code}) without ${pattern}: ${stderr}`)));
      }),
  };
}

/** Runs `envoi ARGS` to its end. */
export function runEnvoi(args: readonly string[], env: Env): Promise<Ended> {
  return startEnvoi(args, env).ended;
}

/** The JSON of the last line of stdout. */
export function lastJson<T>(ended: Ended): T {
  const line = ended.stdout.trimEnd().split("\n").at(-1) ?? "";
  try {
    return JSON.parse(line) as T;
  } catch {
    throw new Error(`no JSON at the end (exit ${ended.code}): ${ended.stdout}\n${ended.stderr}`);
  }
}

export type TestDir = { readonly path: string; file(name: string, content: string | Buffer): string; remove(): void };

/** A folder of the test's own. Others may enter it, so that a database started by root can live in it. */
export function makeTestDir(): TestDir {
  const path = mkdtempSync(join(tmpdir(), "envoi-e2e-"));
  chmodSync(path, 0o755);
  return {
    path,
    file: (name, content) => {
      const file = join(path, name);
      writeFileSync(file, content);
      return file;
    },
    remove: () => {
      removeSharedData(path);
      rmSync(path, { recursive: true, force: true });
    },
  };
}

/** Started by root in a private folder, the database lives elsewhere and is named in `postgres-data`. */
export function removeSharedData(dataDir: string): void {
  try {
    rmSync(readFileSync(join(dataDir, "postgres-data"), "utf8").trim(), { recursive: true, force: true });
  } catch {
    // It lived in the folder itself.
  }
}

/** A CSV file of these records; every value quoted. */
export function csvOf(rows: readonly Readonly<Record<string, string>>[]): string {
  const names = Object.keys(rows[0] ?? { email: "" });
  const line = (values: readonly string[]) => values.map((v) => `"${v.replaceAll('"', '""')}"`).join(",");
  return `${[line(names), ...rows.map((row) => line(names.map((name) => row[name] ?? "")))].join("\n")}\n`;
}

export type Summary = {
  delivery: string;
  state: string;
  targeted: number;
  excluded: Record<string, number>;
  toDeliver: number;
  sent: number;
  failed: number;
  cancelled: number;
  pending: number;
  inDoubt: number;
};

export type LogLine = {
  key: string;
  recipient: string;
  status: string;
  type: string | null;
  reason: string | null;
  attempts: number;
  reply: string | null;
  inDoubt: boolean;
};

export async function readLog(delivery: string, env: Env): Promise<LogLine[]> {
  const { stdout } = await runEnvoi(["log", delivery], env);
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as LogLine);
}
