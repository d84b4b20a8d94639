/** In a process of its own: the pool of this one is long at work. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const MODULE = new URL("yield-pool.ts", import.meta.url).href;
const SCRIPT = `
  import { readdirSync } from "node:fs";
  import { getPriority } from "node:os";
  import { yieldPool } from ${JSON.stringify(MODULE)};
  await yieldPool();
  const own = getPriority(process.pid);
  const others = readdirSync("/proc/self/task").map(Number).filter((id) => id !== process.pid);
  console.log(others.filter((id) => getPriority(id) === Math.min(19, own + 5)).length);
`;

test.runIf(process.platform === "linux")(
  "the threads of the pool, and only they, stand back behind the main thread",
  async () => {
    const env = { ...process.env, UV_THREADPOOL_SIZE: "3" };
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", SCRIPT], { env });
    expect(stdout).toBe("3\n");
  },
);
