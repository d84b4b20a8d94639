/** Commands about the platform itself: config, migrate, doctor. */
import type { Command } from "commander";

import { KEYS } from "../../src/platform/config.ts";
import { commandConfig, onGround, printJson, withDataDir, type DataDirOption } from "../context.ts";

export function addPlatformCommands(program: Command): void {
  program
    .command("config")
    .description("print every setting with value, default and meaning")
    .option("--json", "as JSON")
    .action((options: { json?: boolean }) => {
      commandConfig({});
      const rows = KEYS.map((key) => ({ ...key, value: shown(key.name) }));
      if (options.json) return printJson(rows);
      for (const row of rows) {
        process.stdout.write(`${row.name}=${row.value ?? ""}\n    ${row.meaning} (default: ${row.default})\n`);
      }
    });
  withDataDir(program.command("migrate"))
    .description("bring the database to this version")
    .action((options: DataDirOption) =>
      onGround(options, async ({ db }) => {
        const rows = await db.query<{ name: string }>("select name from schema_migrations order by id");
        process.stdout.write(`the database is at ${rows.at(-1)?.name}\n`);
      }),
    );
  withDataDir(program.command("doctor"))
    .description(
      "check the machine and what it needs outside: database, clock, disk, port 25, domains, sources, mailboxes, archives, webhooks, retention",
    )
    .option("--json", "as JSON")
    .action(async (options: DataDirOption & { json?: boolean }) => {
      // Only this command looks at everything outside.
      const { diagnose } = await import("../../src/roles/doctor.ts");
      const findings = await diagnose(commandConfig(options));
      if (options.json) printJson(findings);
      else {
        for (const { level, check, detail, advice } of findings) {
          const then = advice === undefined ? "" : `; ${advice}`;
          process.stdout.write(`${level.padEnd(7)} ${check}: ${detail}${then}\n`);
        }
      }
      if (findings.some((f) => f.level === "error")) process.exitCode = 1;
    });
}

/** Passwords and tokens stay out of what people paste into tickets. */
function shown(name: string): string | null {
  const value = process.env[name];
  if (value === undefined) return null;
  if (name === "ENVOI_ADMIN_TOKEN" || name === "ENVOI_SECRET_KEY") return "(set)";
  return value.replace(/(\/\/[^:/@]*):[^@]*@/, "$1:…@");
}
