/** Commands about the audience: import, export. */
import type { Command } from "commander";

import { importFile, listImportErrors } from "../../src/features/audience/index.ts";
import { onGround, printJson, withDataDir, type DataDirOption } from "../context.ts";
import { createProgress } from "../progress.ts";

const SHOWN_ERRORS = 20;

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
        const errors = await listImportErrors(db, Number(result.id), { after: null, limit: SHOWN_ERRORS });
        for (const error of errors.data) {
          process.stderr.write(
            `${file}:${error.line}: ${error.column} ${JSON.stringify(error.value)}: ${error.reason} ${error.detail}\n`,
          );
        }
        if (errors.nextCursor !== null) process.stderr.write("… more in the import's error list\n");
        if (options.json) printJson(result);
        else process.stdout.write(`import ${result.id}, list ${result.listId ?? "none"}\n`);
      }),
    );
}
