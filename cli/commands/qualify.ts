/** `envoi qualify`: JSON lines of replies or mail files in, JSON lines of verdicts out. Needs no database. */
import { readFile, stat } from "node:fs/promises";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";

import { readMail } from "../../src/core/inbound/read-mail.ts";
import type { InboundReading } from "../../src/core/inbound/reading.ts";
import { loadRules, qualifyLines } from "../../src/features/bounces/index.ts";
import { parseMail } from "../../src/features/inbound/index.ts";

const RULES = fileURLToPath(new URL("../../rules/bounces", import.meta.url));

/** Bytes. No mail server takes larger ones. */
const MAX_FILE = 100 * 1024 * 1024;

export function addQualifyCommand(program: Command): void {
  program
    .command("qualify")
    .description(
      'judge replies and received mails: {"id","reply","stage","mx"} or {"id","file"} a line on stdin, a verdict a line on stdout',
    )
    .option("--file <mail>", "judge this mail (RFC 5322) instead of reading stdin")
    .action(async ({ file }: { file?: string }) => {
      const rules = await loadRules(RULES);
      const lines =
        file === undefined
          ? createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })
          : [JSON.stringify({ id: file, file })];
      for await (const line of qualifyLines(rules, lines, readMailFile)) {
        if (!process.stdout.write(`${line}\n`)) await new Promise((resolve) => process.stdout.once("drain", resolve));
      }
    });
}

async function readMailFile(file: string): Promise<InboundReading> {
  const { size } = await stat(file);
  if (size > MAX_FILE) throw new Error(`larger than ${MAX_FILE / 1024 / 1024} MB`);
  return readMail(await parseMail(await readFile(file)), { recipient: null, returnPath: null });
}
