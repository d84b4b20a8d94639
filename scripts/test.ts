/**
 * `npm test`: static checks, then all tests (unit, database, end-to-end, browser), then one line that counts both.
 * Arguments go to vitest: `npm test -- src/core/smtp` runs part of them, without the checks.
 *
 * Tests that drive processes share the machine with all others. Where a few of their files fail, these run once more with nothing beside
 * them: what fails again has failed; what passes is named, so that it is seen how often that happens.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";

import { runChecks } from "./check.ts";

type FileResult = { name: string; status: string; assertionResults: { status: string }[] };
type Report = {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  success: boolean;
  testResults: FileResult[];
};

/** More than these are no accident. */
const MOST_FILES_AGAIN = 5;

const filters = process.argv.slice(2);
const checks = filters.length > 0 ? { passed: 0, failed: 0 } : runChecks();
const first = await run(filters);
const again = filters.length > 0 ? [] : filesToTryAgain(first.report);
const second = again.length > 0 ? await run(["--no-file-parallelism", ...again]) : null;
if (second?.isGreen) console.log(`Failed beside other tests, passed alone: ${again.join(", ")}`);

const inFilesAgain = second ? first.report.testResults.filter(isFailed).flatMap((file) => file.assertionResults) : [];
const countOf = (status: string) => inFilesAgain.filter((each) => each.status === status).length;
const passed =
  checks.passed + first.report.numPassedTests + (second ? second.report.numPassedTests - countOf("passed") : 0);
// A run that ended without a report, or with an error outside any test, has failed although no test did.
const failed = Math.max(
  checks.failed + (second ?? first).report.numFailedTests,
  (second ?? first).isGreen && checks.failed === 0 ? 0 : 1,
);
const skipped = first.report.numPendingTests;
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
process.exitCode = failed === 0 ? 0 : 1;

async function run(args: readonly string[]): Promise<{ report: Report; isGreen: boolean }> {
  const dir = mkdtempSync(join(tmpdir(), "envoi-report-"));
  const file = join(dir, "report.json");
  const code = await new Promise<number | null>((resolve) => {
    spawn("vitest", ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${file}`, ...args], {
      stdio: "inherit",
      shell: process.platform === "win32",
    }).once("exit", resolve);
  });
  const report = readReport(file);
  rmSync(dir, { recursive: true });
  return { report, isGreen: code === 0 && report.success };
}

function readReport(file: string): Report {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Report;
  } catch {
    return { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, success: false, testResults: [] };
  }
}

function isFailed(file: FileResult): boolean {
  return file.status === "failed";
}

/** Relative to here; none if something failed that no load explains. */
function filesToTryAgain({ testResults }: Report): string[] {
  const files = testResults.filter(isFailed).map((file) => relative(process.cwd(), file.name));
  return files.length <= MOST_FILES_AGAIN && files.every((file) => /\.(db|e2e|browser)\.test\.ts$/.test(file))
    ? files
    : [];
}
