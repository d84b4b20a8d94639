/** Commands for the worst day: backup, restore, and the word that a restored copy may send. */
import type { Command } from "commander";
import { readFile } from "node:fs/promises";

import { holdInstallation, releaseInstallation } from "../../src/features/installation/index.ts";
import { backUp, restore } from "../../src/roles/back-up.ts";
import { appError, errorText } from "../../src/platform/errors.ts";
import { commandConfig, onGround, printJson, withDataDir, type DataDirOption } from "../context.ts";
import { createProgress } from "../progress.ts";

type JsonOption = { readonly json?: boolean };
type PassphraseOption = { readonly passphraseFile?: string };
type BackupOptions = DataDirOption &
  JsonOption &
  PassphraseOption & { readonly to: string; readonly withSecretKey?: boolean };
type RestoreOptions = JsonOption & PassphraseOption & { readonly from: string; readonly into: string };

const PASSPHRASE_HELP = "file with the passphrase of the secret key (or ENVOI_BACKUP_PASSPHRASE)";

export function addBackupCommands(program: Command): void {
  withDataDir(program.command("backup"))
    .description("write everything that lasts into one file, while Envoi goes on")
    .requiredOption("--to <path>", "file to write, or a folder for a file named by the time")
    .option("--with-secret-key", "put the secret key into it, sealed with a passphrase")
    .option("--passphrase-file <file>", PASSPHRASE_HELP)
    .option("--json", "as JSON")
    .action(runBackup);
  program
    .command("restore")
    .description("make an installation of a backup; it sends nothing until somebody releases it")
    .requiredOption("--from <file>", "the backup")
    .requiredOption("--into <dir>", "data directory without data (the database is DATABASE_URL, if that is set)")
    .option("--passphrase-file <file>", PASSPHRASE_HELP)
    .option("--json", "as JSON")
    .action(runRestore);
  withDataDir(program.command("release"))
    .description("let an installation that is held send: a restored copy, or one that somebody held")
    .option("--resume", "what was under way when it was copied goes on here: the original has sent nothing since")
    .option("--json", "as JSON")
    .action((options: DataDirOption & JsonOption & { readonly resume?: boolean }) =>
      onGround(options, async ({ db }) => {
        const { wasHeld, resumed } = await releaseInstallation(db, "cli", options.resume ?? false, Date.now());
        if (options.json) return printJson({ wasHeld, resumed: resumed.map(String) });
        const goesOn = resumed.length === 0 ? "" : `; deliveries ${resumed.join(", ")} go on`;
        process.stdout.write(wasHeld ? `released${goesOn}\n` : "nothing was held\n");
      }),
    );
  withDataDir(program.command("hold"))
    .description("let nothing leave from now on, in all processes; what is on the wire finishes")
    .option("--reason <text>", "shown to operators", "held by hand")
    .action((options: DataDirOption & { readonly reason: string }) =>
      onGround(options, async ({ db }) => {
        const isNew = await holdInstallation(db, "cli", options.reason, Date.now());
        process.stdout.write(isNew ? "held\n" : "it was held already\n");
      }),
    );
}

async function runBackup(options: BackupOptions): Promise<void> {
  const progress = createProgress();
  const passphrase = options.withSecretKey ? await readPassphrase(options, true) : null;
  await onGround(options, async (ground) => {
    const wish = { to: options.to, passphrase, now: Date.now(), onProgress: (text: string) => progress.show(text) };
    const { file, at, rows, bytes } = await backUp(ground, wish);
    progress.end(`${rows} rows as of ${at}`);
    if (passphrase === null) {
      const place = ground.config.secretKey === null ? `${ground.config.dataDir}/secret-key` : "ENVOI_SECRET_KEY";
      process.stderr.write(
        `The secret key is not in it. Keep a copy of ${place} elsewhere: without it signing keys, passwords of mailboxes and links are lost.\n`,
      );
    }
    if (options.json) printJson({ file, at, rows, bytes, secretKey: passphrase !== null });
    else process.stdout.write(`${file}\n`);
  });
}

async function runRestore(options: RestoreOptions): Promise<void> {
  const config = commandConfig({ dataDir: options.into });
  const passphrase = await readPassphrase(options, false);
  const { at, rows, inDoubt, paused, secretKey } = await restore(config, options.from, passphrase, Date.now());
  if (options.json) return printJson({ at, rows, inDoubt, paused: paused.map(String), secretKey });
  const lines = [`${rows} rows as of ${at} are in ${options.into}. It is held: nothing is sent before: envoi release`];
  if (paused.length > 0) {
    lines.push(
      `Deliveries ${paused.join(", ")} were under way and are paused. With envoi release --resume they go on; only if the original sent nothing after ${at}.`,
    );
  }
  if (inDoubt > 0)
    lines.push(`${inDoubt} messages were being sent at that moment: they are in doubt and stay as they are.`);
  if (secretKey === "missing") {
    lines.push(
      `Put the secret key of the original into ${options.into}/secret-key (mode 600), or set ENVOI_SECRET_KEY.`,
    );
  }
  process.stdout.write(`${lines.join("\n")}\n`);
}

async function readPassphrase({ passphraseFile }: PassphraseOption, isNeeded: boolean): Promise<string | null> {
  const given = process.env["ENVOI_BACKUP_PASSPHRASE"] ?? null;
  if (passphraseFile === undefined) {
    if (given === null && isNeeded) {
      throw appError("option-invalid", {
        option: "--with-secret-key",
        detail: "needs --passphrase-file or ENVOI_BACKUP_PASSPHRASE",
      });
    }
    return given;
  }
  try {
    return (await readFile(passphraseFile, "utf8")).replace(/\r?\n$/, "");
  } catch (error) {
    throw appError("file-unreadable", { file: passphraseFile, detail: errorText(error) });
  }
}
