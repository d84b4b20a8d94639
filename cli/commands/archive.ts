/** Commands about the archive: its ledger, a probe, and the proof that it holds what was sent. */
import type { Command } from "commander";

import { sha256Of } from "../../src/adapters/copy-store/zip.ts";
import { createDns, DEFAULT_DNS_OPTIONS } from "../../src/adapters/dns/create-dns.ts";
import type { ArchiveItem } from "../../src/core/archive/compare-copies.ts";
import {
  type ArchiveName,
  chooseArchive,
  type CompareDeps,
  createCopyRate,
  isComplete,
  isProven,
  loadArchives,
  loadVerifiable,
  readLedger,
  testArchive,
  verifyArchive,
} from "../../src/features/archive/index.ts";
import { loadTokenKeys } from "../../src/features/secrets/index.ts";
import { AppError, appError } from "../../src/platform/errors.ts";
import { createArchiveProbe } from "../../src/roles/archive-probe.ts";
import type { Ground } from "../../src/roles/ground.ts";
import { groundRenderer } from "../../src/roles/renderer.ts";
import { ownSource, readSource, type ArchiveSource, type SourceOptions } from "../archive-source.ts";
import { ledgerText, reportText } from "../archive-text.ts";
import { onGround, printJson, withDataDir, type DataDirOption } from "../context.ts";
import { createProgress } from "../progress.ts";
import { parseId } from "../send-options.ts";

type JsonOption = DataDirOption & { readonly json?: boolean };
type VerifyOptions = JsonOption & SourceOptions & { readonly delivery: number; readonly archive?: string };

export function addArchiveCommands(program: Command): void {
  const archive = program
    .command("archive")
    .description("the copies of messages: what is owed, whether an archive takes them, whether it holds them")
    .configureOutput({ outputError: (text, write) => write(withoutPasswords(text)) });
  withDataDir(archive.command("status", { isDefault: true }))
    .description("the ledger of all copies, by archive (default)")
    .option("--json", "as JSON")
    .action((options: JsonOption) => onGround(options, (ground) => printLedger(ground, options)));
  withDataDir(archive.command("test <name>"))
    .description("send a probe to an archive, by its name or id, and show the dialogue")
    .option("--json", "as JSON")
    .action((name: string, options: JsonOption) => onGround(options, (ground) => probe(ground, name, options)));
  withDataDir(archive.command("verify"))
    .description("compare what an archive holds with what was sent, by digest")
    .requiredOption("--delivery <id>", "whose copies", parseId)
    .option("--archive <id>", "id or name (default: the only one of the delivery that fits)")
    .option("--mailbox <url>", "imaps://user:password@host:port/Folder, or imap://; also ENVOI_MAILBOX_PASSWORD")
    .option("--dir <path>", "folder of .eml files, Maildir, mailbox file, zip")
    .option(
      "--s3 <url>",
      "s3://KEY:SECRET@host:port/bucket/prefix?region=…; also AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    )
    .option("--insecure", "take any certificate of the mail server, or none")
    .option("--json", "as one line of JSON")
    .action((options: VerifyOptions) => {
      const source = readSource(options, process.env);
      return onGround(options, (ground) => verify(ground, options, source));
    });
}

/** What is wrong with an option is said with its value, which may be an address with a password. */
function withoutPasswords(text: string): string {
  return text.replace(/(:\/\/[^\s:@/']*):[^\s']*@/g, "$1:…@");
}

async function printLedger({ db }: Ground, { json }: JsonOption): Promise<void> {
  const ledger = await readLedger(db, createCopyRate(), Date.now());
  if (json) printJson(ledger);
  else process.stdout.write(`${ledgerText(ledger)}\n`);
}

async function probe(ground: Ground, wanted: string, { json }: JsonOption): Promise<void> {
  const { db, masterKey, config } = ground;
  const archives = await loadArchives(db, masterKey);
  const archive = archives.find(({ name }) => name === wanted) ?? archives.find(({ id }) => String(id) === wanted);
  if (!archive) throw appError("not-found", { what: "archive", id: wanted });
  const resolver = createDns(DEFAULT_DNS_OPTIONS);
  const deps = { db, masterKey, probe: createArchiveProbe({ config, sandboxRoutes: null, resolver }) };
  const result = await testArchive(deps, archive.id, "cli", Date.now());
  if (!result.ok) process.exitCode = 1;
  if (json) return printJson(result);
  for (const line of result.dialogue) process.stdout.write(`${line}\n`);
  process.stderr.write(`${result.ok ? "ok" : "failed"}: ${result.detail}\n`);
}

async function verify(ground: Ground, options: VerifyOptions, given: ArchiveSource | null): Promise<void> {
  const { db, masterKey } = ground;
  const verifiable = await loadVerifiable(db, options.delivery);
  const { deliveryId, startedAt, archives } = verifiable;
  const archive = chooseArchive(archives, options.archive, given?.kind ?? null);
  const source = given ?? (await sourceOf(ground, archive));
  const deps = { sha256: sha256Of, tokenKeys: await loadTokenKeys(db, masterKey), render: renderWith(ground) };
  const items = () => source.read(startedAt, { isWanted: (named) => named.deliveryId === deliveryId });
  const report = await verifyArchive(db, deps, verifiable, archive, source.shown, () => counted(items()));
  if (!isProven(report) || !isComplete(report)) process.exitCode = 1;
  if (options.json) printJson(report);
  else process.stdout.write(`${reportText(report)}\n`);
}

async function sourceOf({ db, masterKey, config }: Ground, { id, name }: ArchiveName): Promise<ArchiveSource> {
  const archive = (await loadArchives(db, masterKey)).find((known) => known.id === id);
  if (archive) return ownSource(archive, config.dataDir);
  const detail = `archive "${name}" was removed; say with --mailbox, --dir or --s3 where its copies are`;
  throw appError("option-invalid", { option: "--archive", detail });
}

function renderWith(ground: Ground): CompareDeps["render"] {
  const renderer = groundRenderer(ground);
  return (key, copy) =>
    renderer.copy(key, copy).catch((error: unknown) => {
      // a message that cannot be rendered any more; its digest still tells
      if (error instanceof AppError) return null;
      throw error;
    });
}

async function* counted(items: AsyncIterable<ArchiveItem>): AsyncGenerator<ArchiveItem> {
  const progress = createProgress();
  let count = 0;
  for await (const item of items) {
    yield item;
    if (++count % 500 === 0) progress.show(`${count} copies compared`);
  }
  if (count >= 500) progress.end(`${count} copies compared`);
}
