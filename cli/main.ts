/** The command line: one file per group of commands in cli/commands; results on stdout, progress and errors on stderr. */
import { Command, CommanderError } from "commander";

import { AppError, errorText } from "../src/platform/errors.ts";
import { addArchiveCommands } from "./commands/archive.ts";
import { addAudienceCommands } from "./commands/audience.ts";
import { addBackupCommands } from "./commands/backup.ts";
import { addDeliveryCommands } from "./commands/deliveries.ts";
import { addDomainCommands } from "./commands/domains.ts";
import { addOperatorCommands } from "./commands/operator.ts";
import { addPlatformCommands } from "./commands/platform.ts";
import { addQualifyCommand } from "./commands/qualify.ts";
import { addRunCommands } from "./commands/run.ts";
import { addSendCommand } from "./commands/send.ts";

const BAD_INPUT = 2;

const program = new Command("envoi")
  .description("Sends e-mail campaigns and knows what became of every single message.")
  .showHelpAfterError("(envoi --help shows the commands, envoi COMMAND --help their options)")
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(text) });

addSendCommand(program);
addRunCommands(program);
addPlatformCommands(program);
addBackupCommands(program);
addDeliveryCommands(program);
addAudienceCommands(program);
addDomainCommands(program);
addArchiveCommands(program);
addOperatorCommands(program);
addQualifyCommand(program);

/** A reader that closes early (`envoi log 1 | head`) is no error. */
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
});

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : BAD_INPUT;
  if (error instanceof AppError) {
    process.stderr.write(`envoi: ${error.message}\n`);
    for (const field of error.errors) process.stderr.write(`  ${field.pointer}: ${field.message}\n`);
    return error.exit;
  }
  // A bug: the stack is for whoever reports it, and only on demand.
  process.stderr.write(`envoi: unexpected error: ${errorText(error)}\n`);
  if (process.env["ENVOI_DEBUG"] && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return 1;
}
