/** Commands about deliveries and their messages: deliveries, log, source, pause, resume, stop. */
import type { Command } from "commander";

import { parseKey } from "../../src/core/delivery/status.ts";
import {
  listDeliveries,
  pauseDelivery,
  resumeDelivery,
  settleDelivery,
  stopDelivery,
} from "../../src/features/deliveries/index.ts";
import { streamLog } from "../../src/features/logs/index.ts";
import type { Db } from "../../src/platform/db.ts";
import { appError } from "../../src/platform/errors.ts";
import { groundRenderer } from "../../src/roles/renderer.ts";
import { onGround, printJson, withDataDir, type DataDirOption } from "../context.ts";
import { parseId } from "../send-options.ts";

const PAGE = 500;

export function addDeliveryCommands(program: Command): void {
  withDataDir(program.command("deliveries"))
    .description("list deliveries, newest first")
    .option("--json", "a JSON array")
    .action((options: DataDirOption & { json?: boolean }) =>
      onGround(options, async ({ db }) => {
        const rows = await listAll(db);
        if (options.json) return printJson(rows);
        for (const row of rows) {
          process.stdout.write(
            `${row.id}\t${row.state}\t${row.sent}/${row.toDeliver} sent\t${row.failed} failed\t${row.label}\n`,
          );
        }
      }),
    );
  withDataDir(program.command("log <id>"))
    .description("one JSON line per message of a delivery")
    .action((id: string, options: DataDirOption) =>
      onGround(options, async ({ db }) => {
        const deliveryId = parseId(id);
        await mustExist(db, deliveryId);
        await streamLog(db, deliveryId, async (line) => {
          if (!process.stdout.write(`${JSON.stringify(line)}\n`)) {
            await new Promise((resolve) => process.stdout.once("drain", resolve));
          }
        });
      }),
    );
  withDataDir(program.command("source <key>"))
    .description("the exact bytes of one message, rendered again")
    .action((key: string, options: DataDirOption) =>
      onGround(options, async (ground) => {
        const parsed = parseKey(key);
        const source = parsed && (await groundRenderer(ground).source(parsed));
        if (!source) throw appError("not-found", { what: "message", id: key });
        process.stdout.write(source.bytes);
        process.stderr.write(`digest: ${source.digest}\n`);
        if (source.digest === "differs") process.exitCode = 1;
      }),
    );
  const acts = { pause: pauseDelivery, resume: resumeDelivery, stop: stopDelivery } as const;
  for (const [name, act] of Object.entries(acts)) {
    withDataDir(program.command(`${name} <id>`))
      .description(`${name} a delivery`)
      .action((id: string, options: DataDirOption) =>
        onGround(options, async ({ db }) => {
          const deliveryId = parseId(id);
          const result = await act(db, deliveryId, "cli", Date.now());
          // Without a running sender nobody else would end the transition.
          await settleDelivery(db, deliveryId, Date.now());
          process.stdout.write(result ? `${result.onWire} messages on the wire will finish\n` : "done\n");
        }),
      );
  }
}

async function listAll(db: Db) {
  const rows = [];
  let before: number | null = null;
  for (;;) {
    const page = await listDeliveries(db, before, PAGE);
    rows.push(...page);
    const last = page.at(-1);
    if (!last || page.length < PAGE) return rows;
    before = Number(last.id);
  }
}

export async function mustExist(db: Db, id: number): Promise<void> {
  const rows = await db.query("select 1 from deliveries where id = $1", [id]);
  if (rows.length === 0) throw appError("not-found", { what: "delivery", id });
}
