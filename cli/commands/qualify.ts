/** `envoi qualify`: JSON lines of replies in, JSON lines of verdicts out. Needs no database. */
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";

import { loadRules, qualifyLines } from "../../src/features/bounces/index.ts";

const RULES = fileURLToPath(new URL("../../rules/bounces", import.meta.url));

export function addQualifyCommand(program: Command): void {
  program
    .command("qualify")
    .description('judge replies: {"id","reply","stage","mx"} a line on stdin, a verdict a line on stdout')
    .action(async () => {
      const rules = await loadRules(RULES);
      for await (const line of qualifyLines(
        rules,
        createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY }),
      )) {
        if (!process.stdout.write(`${line}\n`)) await new Promise((resolve) => process.stdout.once("drain", resolve));
      }
    });
}
