/** Commands that bring data in and out: import, export. */
import type { Command } from "commander";

import { streamLog } from "../../src/features/logs/index.ts";
import { importFile, listRecipients } from "../../src/features/audience/index.ts";
import { onGround, printJson, withDataDir, type DataDirOption } from "../context.ts";
import { createProgress } from "../progress.ts";
import { reportRejectedRows } from "../report-rejected-rows.ts";
import { parseId } from "../send-options.ts";
import { mustExist } from "./deliveries.ts";
import type { Db } from "../../src/platform/db.ts";

const PAGE = 5000;

export function addAudienceCommands(program: Command): void {
  withDataDir(program.command("import <file.csv>"))
    .description("bring a CSV file into the audience")
    .option("--json", "counts as JSON")
    .action((file: string, options: DataDirOption & { json?: boolean }) =>
      onGround(options, async ({ db }) => {
        const progress = createProgress();
        const result = await importFile(
          db,
          { fileName: file, path: file },
          { now: Date.now, onProgress: ({ rows }) => progress.show(`${rows} rows`) },
        );
        const { total, created, updated, skipped, failed } = result.counts;
        progress.end(`${total} rows: ${created} created, ${updated} updated, ${skipped} duplicate, ${failed} rejected`);
        await reportRejectedRows(db, result.id, file);
        if (options.json) printJson(result);
        else process.stdout.write(`import ${result.id}, list ${result.listId ?? "none"}\n`);
      }),
    );
  const exported = program.command("export").description("write the audience or a delivery's log as CSV to stdout");
  withDataDir(exported.command("recipients"))
    .description("address and attributes of every recipient")
    .action((options: DataDirOption) => onGround(options, ({ db }) => exportRecipients(db)));
  withDataDir(exported.command("log <id>"))
    .description("the log of one delivery")
    .action((id: string, options: DataDirOption) => onGround(options, ({ db }) => exportLog(db, parseId(id))));
}

async function exportRecipients(db: Db): Promise<void> {
  const names = await db.query<{ name: string }>(
    "select distinct jsonb_object_keys(attributes) as name from recipients order by 1",
  );
  const columns = names.map(({ name }) => name);
  await writeCsvRow(["email", ...columns]);
  let after: number | null = null;
  for (;;) {
    const page: Awaited<ReturnType<typeof listRecipients>> = await listRecipients(db, { after, limit: PAGE });
    for (const { address, attributes } of page.data) {
      await writeCsvRow([address, ...columns.map((column) => attributes[column] ?? "")]);
    }
    if (page.nextCursor === null) return;
    after = Number(page.nextCursor);
  }
}

const LOG_COLUMNS = [
  "key",
  "recipient",
  "status",
  "type",
  "reason",
  "attempts",
  "reply",
  "mx",
  "firstAttemptAt",
  "finalAt",
  "inDoubt",
] as const;

async function exportLog(db: Db, id: number): Promise<void> {
  await mustExist(db, id);
  await writeCsvRow(LOG_COLUMNS);
  await streamLog(db, id, (line) => writeCsvRow(LOG_COLUMNS.map((column) => line[column] ?? "")));
}

async function writeCsvRow(values: readonly unknown[]): Promise<void> {
  if (process.stdout.write(`${values.map(csvField).join(",")}\r\n`)) return;
  await new Promise((resolve) => process.stdout.once("drain", resolve));
}

/**
 * RFC 4180 §2, with a guard: spreadsheets take a value that starts with `=`, `+`, `-`, `@`, tab or CR for a formula, and a
 * recipient chose that value (https://owasp.org/www-community/attacks/CSV_Injection).
 */
function csvField(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
