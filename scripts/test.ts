/**
 * `npm test`: static checks, then all tests (unit, database, end-to-end, browser), then one line that counts both.
 * Arguments go to vitest: `npm test -- src/core/smtp` runs part of them, without the checks.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { runChecks } from "./check.ts";

type Report = { numPassedTests: number; numFailedTests: number; numPendingTests: number; success: boolean };

const filters = process.argv.slice(2);
const checks = filters.length > 0 ? { passed: 0, failed: 0 } : runChecks();
const dir = mkdtempSync(join(tmpdir(), "envoi-report-"));
const file = join(dir, "report.json");
const code = await new Promise<number | null>((resolve) => {
  spawn("vitest", ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${file}`, ...filters], {
    stdio: "inherit",
    shell: process.platform === "win32",
  }).once("exit", resolve);
});
const report = readReport();
rmSync(dir, { recursive: true });

const passed = checks.passed + report.numPassedTests;
// A run that ended without a report, or with an error outside any test, has failed although no test did.
const failed = Math.max(
  checks.failed + report.numFailedTests,
  code === 0 && report.success && checks.failed === 0 ? 0 : 1,
);
console.log(
  `${passed} passed, ${failed} failed${report.numPendingTests > 0 ? `, ${report.numPendingTests} skipped` : ""}`,
);
process.exitCode = failed === 0 ? 0 : 1;

function readReport(): Report {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Report;
  } catch {
    return { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, success: false };
  }
}
