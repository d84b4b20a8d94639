/** `npm run demo`: the main job on generated people, through the sandbox internet, in front of the operator's eyes. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { followDelivery } from "./follow-delivery.ts";
import { untilInterrupted } from "./until-interrupted.ts";
import { codec } from "../src/adapters/charset/codec.ts";
import { settingsSchema } from "../src/contract/index.ts";
import { beginAnalysis, runAnalysis } from "../src/features/analysis/index.ts";
import { importFile } from "../src/features/audience/index.ts";
import { confirmDelivery, createDelivery } from "../src/features/deliveries/index.ts";
import { startEnvoi, type Envoi } from "../src/main.ts";
import type { Config } from "../src/platform/config.ts";
import { appError } from "../src/platform/errors.ts";
import { demoCampaign, writePeopleCsv } from "../src/sandbox/index.ts";

/** Short, so that messages that the sandbox makes wait are tried again while somebody watches. */
const VALIDITY = "90s";
const SEED = 2026;

export async function runDemo(config: Config, options: { exit: boolean; recipients: number }): Promise<void> {
  if (config.transport !== "sandbox") {
    throw appError("config-invalid", { problems: "the demo sends only with ENVOI_TRANSPORT=sandbox" });
  }
  say("Starting: database, pages, sandbox internet (the first time takes a little longer) …");
  const envoi = await startEnvoi(config);
  try {
    const id = await prepare(envoi, options.recipients);
    say(envoi.banner);
    say(`Watch the delivery: ${envoi.web?.url}/deliveries/${id}`);
    await confirmDelivery(envoi.ground.db, id, "demo", Date.now());
    const { summary } = await followDelivery(envoi.ground.db, id);
    say(`${summary.state}: ${summary.sent} sent, ${summary.failed} failed`);
    if (options.exit) return;
    say("The pages stay up until Ctrl-C.");
    await untilInterrupted();
  } finally {
    await envoi.close();
  }
}

async function prepare({ ground: { db }, publicUrl }: Envoi, recipients: number): Promise<number> {
  const dir = mkdtempSync(join(tmpdir(), "envoi-demo-"));
  try {
    const file = join(dir, "people.csv");
    await writePeopleCsv(file, recipients, SEED);
    const imported = await importFile(db, { fileName: "people.csv", path: file }, { now: Date.now });
    say(`Audience: ${imported.counts.total} generated people`);
    const { subject, html, text, sender } = await demoCampaign();
    const delivery = await createDelivery(
      db,
      {
        label: "Spring walks (demo)",
        content: { subject, html, text, syntax: "liquid" },
        sender,
        audience: { import: imported.id },
        settings: settingsSchema.parse({ validity: VALIDITY, partSize: 500 }),
      },
      "demo",
      Date.now(),
    );
    const id = Number(delivery.id);
    await beginAnalysis(db, id, "demo", Date.now());
    const checklist = await runAnalysis(db, id, Date.now, { publicUrl, codec });
    if (!checklist.ready) throw appError("analysis-has-errors", { id });
    say(`Analysis: ${checklist.toDeliver} to deliver, ${checklist.items.length} remarks`);
    return id;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
