/** Static checks, one line each: types (core is checked without Node's), lint, walls between folders, dead code, format. */
import { spawnSync } from "node:child_process";

const CHECKS: readonly (readonly [string, readonly string[]])[] = [
  ["types of core", ["tsc", "-p", "src/core/tsconfig.json"]],
  ["types of server, command line and tests", ["tsc", "-p", "tsconfig.json"]],
  ["types of the UI", ["tsc", "-p", "web/tsconfig.json"]],
  ["lint", ["oxlint", "--type-aware", "--quiet"]],
  [
    "walls between folders",
    [
      "depcruise",
      "src",
      "cli",
      "web",
      "bench",
      "scripts",
      "test",
      "--config",
      ".dependency-cruiser.cjs",
      "--output-type",
      "err",
    ],
  ],
  ["dead code", ["knip", "--no-progress"]],
  ["format", ["biome", "format", "."]],
];

export type CheckResult = { readonly passed: number; readonly failed: number };

export function runChecks(): CheckResult {
  let failed = 0;
  for (const [name, [command = "", ...args]] of CHECKS) {
    const result = spawnSync(command, args, { encoding: "utf8", shell: process.platform === "win32" });
    const ok = result.status === 0;
    console.log(`${ok ? "ok    " : "FAILED"} ${name}`);
    if (!ok) {
      failed++;
      console.log(result.error ? String(result.error) : `${result.stdout}${result.stderr}`);
    }
  }
  return { passed: CHECKS.length - failed, failed };
}

if (import.meta.main) process.exitCode = runChecks().failed === 0 ? 0 : 1;
