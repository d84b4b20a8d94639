/** `envoi send`: one campaign from a CSV file to its end, in one command. */
import { Option, type Command } from "commander";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";

import { readSigningKey } from "../../src/adapters/crypto/crypto.ts";
import { contentErrorItems } from "../../src/features/analysis/checks.ts";
import { ensureNamedArchive } from "../../src/features/archive/index.ts";
import { beginAnalysis, runAnalysis } from "../../src/features/analysis/index.ts";
import { codec } from "../../src/adapters/charset/codec.ts";
import { readContent } from "../../src/features/content/index.ts";
import { saveFile } from "../../src/features/files/index.ts";
import { importFile } from "../../src/features/audience/index.ts";
import { confirmDelivery, createDelivery, resumeDelivery } from "../../src/features/deliveries/index.ts";
import { saveSigningKey } from "../../src/features/domains/index.ts";
import type { Checklist, ChecklistItem, CreateDelivery, Settings } from "../../src/contract/index.ts";
import { AppError, appError } from "../../src/platform/errors.ts";
import { openGround, type Ground } from "../../src/roles/ground.ts";
import { startSandboxRole } from "../../src/roles/sandbox.ts";
import { loadInstallation } from "../../src/features/installation/index.ts";
import { startSenders } from "../../src/roles/senders.ts";
import { commandConfig, printJson, withDataDir } from "../context.ts";
import { followDelivery } from "../follow-delivery.ts";
import { createProgress } from "../progress.ts";
import { reportRejectedRows } from "../report-rejected-rows.ts";
import {
  parseDkim,
  parseDurationOption,
  parseHeader,
  parseId,
  parseRouteOption,
  readSendInput,
  type Bcc,
  type SendOptions,
} from "../send-options.ts";
import { addSendingOptions } from "../sending-options.ts";

const NOTHING_SENT = 3;
/** Every message is final, and yet the archive has not got every copy. */
const COPIES_MISSING = 4;

export function addSendCommand(program: Command): void {
  const command = withDataDir(program.command("send"))
    .description("import a CSV file, analyse, send, and wait until every message is final and no copy is owed")
    .addOption(
      new Option("--audience <file.csv>", "recipients: header row, column email, every other column an attribute"),
    )
    .option("--html <file>", "HTML part")
    .option("--text <file>", "text part")
    .option("--subject <text>", "subject; may use {{ recipient.attribute }}")
    .option("--from <mailbox>", "sender: 'Name <address>'")
    .option("--reply-to <mailbox>", "address for answers")
    .option("--error-address <address>", "return path for bounces (default: the sender address)")
    .option("--header <line>", "extra header 'Name: value' (repeatable)", parseHeader, [])
    .option("--bcc <address>", "archive a copy of each message there (E-mail BCC)")
    .addOption(
      new Option("--bcc-timing <when>", "copy a message before it leaves, or after it was accepted").choices([
        "before",
        "after",
      ]),
    )
    .option("--bcc-strict", "no message leaves unless its copy was accepted; implies --bcc-timing before")
    .option(
      "--validity <duration>",
      "how long attempts go on: 90s, 20m, 36h, 5d; the platform may end them sooner",
      parseDurationOption,
      "5d",
    )
    .addOption(
      new Option("--mirror <mode>", "mirror page: default (when the content links to it), force, none, message-id")
        .choices(["default", "force", "none", "message-id"])
        .default("default"),
    )
    .option("--no-tracking", "no open and click tracking")
    .addOption(
      new Option("--syntax <name>", "of the personalisation: liquid ({{ }}) or campaign (<%= %>)")
        .choices(["liquid", "campaign"])
        .default("liquid"),
    )
    .addOption(
      new Option("--format <name>", "alternative, html, text, or what the recipient prefers")
        .choices(["recipient", "alternative", "html", "text"])
        .default("recipient"),
    )
    .option("--charset <name>", "character set of the message", "utf-8")
    .option("--attach <file>", "attachment (repeatable)", (file: string, files: string[]) => [...files, file], [])
    .option("--dkim <domain:selector:key.pem>", "sign with this RSA key", parseDkim)
    .option("--source <ip>", "local address to connect from")
    .option("--route <domain=host:port>", "server for a domain, * for any (repeatable)", parseRouteOption, [])
    .option("--label <text>", "name of the delivery");
  addSendingOptions(command)
    .option("--resume <id>", "go on with a delivery after a crash or a pause", parseId)
    .option("--dry-run", "analyse only, send nothing")
    .option("--json", "the last line of the output is a JSON summary")
    .action(runSend);
}

async function runSend(options: SendOptions): Promise<void> {
  const startedAt = performance.now();
  const config = commandConfig(options);
  const input = options.resume === undefined ? await readSendInput(options) : null;
  const ground = await openGround(config);
  try {
    const problems = input ? await contentErrors(ground, input.delivery) : [];
    if (problems.length > 0) return refuse(problems);
    let id = options.resume;
    if (id === undefined && input) {
      const prepared = await prepareDelivery(ground, input);
      if (!prepared.checklist.ready) return refuse(prepared.checklist.items);
      report(prepared.checklist);
      if (options.dryRun) {
        if (options.json)
          printJson({
            delivery: String(prepared.id),
            state: "ready",
            ...withoutItems(prepared.checklist),
            durationMs: since(startedAt),
          });
        return;
      }
      id = prepared.id;
    }
    if (id === undefined)
      throw appError("option-invalid", { option: "--audience", detail: "is needed (or --resume ID)" });
    const { summary, copies } = await sendToEnd(ground, id, options.resume !== undefined);
    if (options.json) printJson({ ...summary, durationMs: since(startedAt) });
    if (summary.state !== "finished") process.exitCode = 1;
    else process.exitCode = copies.owed + copies.givenUp > 0 ? COPIES_MISSING : 0;
  } finally {
    await ground.close();
  }
}

/** Before anything is imported. */
async function contentErrors({ db, config }: Ground, delivery: CreateDelivery): Promise<ChecklistItem[]> {
  const read = await readContent(db, delivery, { publicUrl: config.publicUrl, codec });
  return read.kind === "errors" ? contentErrorItems(read.errors) : [];
}

async function prepareDelivery(
  { db, masterKey, config: { publicUrl } }: Ground,
  input: Awaited<ReturnType<typeof readSendInput>>,
): Promise<{ id: number; checklist: Checklist }> {
  const archive = input.bcc ? await archiveFor(db, input.bcc) : undefined;
  const progress = createProgress();
  const imported = await importFile(
    db,
    { fileName: input.audienceFile, path: input.audienceFile },
    {
      now: Date.now,
      onProgress: ({ phase, rows }) =>
        progress.show(`import: ${rows} rows ${phase === "merging" ? "merging" : "read"}`),
    },
  );
  progress.end(
    `import: ${imported.counts.total} rows, ${imported.counts.created} new, ${imported.counts.updated} known, ${imported.counts.skipped} duplicate, ${imported.counts.failed} rejected`,
  );
  await reportRejectedRows(db, imported.id, input.audienceFile);
  if (input.dkim) await saveSigningKey(db, { masterKey, readKey: readSigningKey }, input.dkim, Date.now());
  const delivery = await createDelivery(
    db,
    {
      ...input.delivery,
      audience: { import: imported.id },
      settings: {
        ...input.delivery.settings,
        attachments: await storeAttachments(db, input.attachments),
        ...(archive ? { archive } : {}),
      },
    },
    "cli",
    Date.now(),
  );
  const id = Number(delivery.id);
  await beginAnalysis(db, id, "cli", Date.now());
  progress.show("analysis");
  const checklist = await runAnalysis(db, id, Date.now, { publicUrl, codec });
  progress.end(`analysis: ${checklist.targeted} targeted, ${checklist.toDeliver} to deliver`);
  return { id, checklist };
}

/** The archive of that address, made when there is none: only deliveries that name it send copies there. */
async function archiveFor(db: Ground["db"], { address, timing, strict }: Bcc): Promise<Settings["archive"]> {
  try {
    const id = await ensureNamedArchive(db, address, Date.now());
    return { on: true, archives: [String(id)], ...(timing ? { timing } : {}), ...(strict ? { strict } : {}) };
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "invalid-input") throw error;
    throw appError("option-invalid", { option: "--bcc", detail: error.errors[0]?.message ?? error.message });
  }
}

async function storeAttachments(db: Ground["db"], files: readonly string[]): Promise<{ file: string }[]> {
  const stored = [];
  for (const path of files) {
    const content = await readFile(path);
    const { id } = await saveFile(db, { name: basename(path), contentType: "", content }, Date.now());
    stored.push({ file: id });
  }
  return stored;
}

/** Runs senders of its own until the delivery is over. Ctrl-C pauses it. */
async function sendToEnd(ground: Ground, id: number, isResume: boolean) {
  const { db, config, databaseUrl, log } = ground;
  const held = await loadInstallation(db);
  if (held.held_at !== null) throw appError("installation-held", { reason: held.held_reason ?? "" });
  const sandbox = config.transport === "sandbox" ? await startSandboxRole(ground) : null;
  const senders = startSenders(databaseUrl, config, sandbox?.routes ?? null, log);
  try {
    const [row] = await db.query<{ state: string }>("select state from deliveries where id = $1", [id]);
    if (!row) throw appError("not-found", { what: "delivery", id });
    if (!isResume || row.state === "ready") await confirmDelivery(db, id, "cli", Date.now());
    else if (row.state === "paused" || row.state === "pausing") await resumeDelivery(db, id, "cli", Date.now());
    return await followDelivery(db, id);
  } finally {
    await senders.stop();
    await sandbox?.close();
  }
}

function refuse(items: readonly ChecklistItem[]): void {
  for (const item of items) process.stderr.write(`${item.level}: ${item.title}: ${item.detail}\n`);
  process.stderr.write("envoi: the analysis found errors; nothing was sent.\n");
  process.exitCode = NOTHING_SENT;
}

function report(checklist: Checklist): void {
  for (const item of checklist.items) process.stderr.write(`${item.level}: ${item.title}: ${item.detail}\n`);
}

function withoutItems({ targeted, excluded, toDeliver }: Checklist) {
  return {
    targeted,
    excluded,
    toDeliver,
    sent: 0,
    failed: 0,
    cancelled: 0,
    pending: toDeliver,
    inDoubt: 0,
    archived: 0,
  };
}

function since(startedAt: number): number {
  return Math.round(performance.now() - startedAt);
}
