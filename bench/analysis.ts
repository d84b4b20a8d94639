/**
 * Benchmark of the analysis: one delivery to a million imported recipients of 100 domains, content that uses four
 * attributes, one recipient in twenty excluded: invalid, duplicate, denylisted or quarantined; with `rules` also five filtering rules, a pressure
 * rule over a log of earlier deliveries to the same people, and a control group. On the embedded PostgreSQL with its usual settings, right after the import.
 */
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { codec } from "../src/adapters/charset/codec.ts";
import { settingsSchema, type Audience, type Settings } from "../src/contract/index.ts";
import { beginAnalysis, runAnalysis } from "../src/features/analysis/index.ts";
import { createDelivery } from "../src/features/deliveries/index.ts";
import { loadConfig } from "../src/platform/config.ts";
import type { Db } from "../src/platform/db.ts";
import { openGround } from "../src/roles/ground.ts";
import { addHistory, addTypology } from "./analysis-rules.ts";
import { countPeople, fillPeople } from "./people.ts";

const SAMPLE_MEMORY_MS = 20;

export async function run({ rows = 1_000_000, history = 0 }: { rows?: number; history?: number } = {}) {
  const dir = mkdtempSync(join(tmpdir(), "envoi-bench-"));
  chmodSync(dir, 0o755);
  const ground = await openGround(loadConfig({ ENVOI_DATA_DIR: join(dir, "data"), ENVOI_LOG_LEVEL: "warn" }));
  try {
    const audience = await fillPeople(ground.db, join(dir, "people.csv"), rows);
    if (history === 0) return await measure(ground.db, { import: audience }, rows, settingsSchema.parse({}));
    const typology = await addTypology(ground.db, await addHistory(ground.db, history));
    const settings = { ...settingsSchema.parse({ population: { control: { percent: 5 } } }), typology };
    const figures = await measure(ground.db, { all: true }, await countPeople(ground.db), settings);
    return { ...figures, history, filteringRules: 5, pressureRules: 1 };
  } finally {
    await ground.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function measure(db: Db, audience: Audience, rows: number, settings: Settings) {
  const created = await createDelivery(
    db,
    {
      label: "analysis",
      content: {
        subject: "{{ recipient.first_name }}",
        html: "<p>{{ recipient.first_name }} {{ recipient.city }} {{ recipient.plan }} {{ recipient.points }}</p>",
        text: "{{ recipient.first_name }} {{ recipient.city }} {{ recipient.plan }} {{ recipient.points }}",
        syntax: "liquid",
      },
      sender: { name: "Le club", address: "club@shop.example" },
      audience,
      settings,
    },
    "bench",
    Date.now(),
  );
  const id = Number(created.id);
  let peakRss = 0;
  const timer = setInterval(() => {
    peakRss = Math.max(peakRss, process.memoryUsage.rss());
  }, SAMPLE_MEMORY_MS);
  const start = performance.now();
  await beginAnalysis(db, id, "bench", Date.now());
  const checklist = await runAnalysis(db, id, Date.now, { publicUrl: "https://t.shop.example", codec });
  const seconds = (performance.now() - start) / 1000;
  clearInterval(timer);
  if (!checklist.ready || checklist.targeted !== rows) {
    throw new Error(`${checklist.targeted} of ${rows} targeted: ${JSON.stringify(checklist.items)}`);
  }
  const figures = {
    rows,
    seconds: Number(seconds.toFixed(1)),
    toDeliver: checklist.toDeliver,
    excluded: checklist.excluded,
    peakRssMb: Math.round(peakRss / 2 ** 20),
  };
  process.stderr.write(`${rows} recipients analysed in ${figures.seconds} s, peak RSS ${figures.peakRssMb} MB\n`);
  return figures;
}
