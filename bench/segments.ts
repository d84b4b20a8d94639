/**
 * Benchmark of segments: how long it takes until an operator sees how many people a tree is, over a million recipients and a log of
 * deliveries to them with their reactions. What cannot be counted in time is estimated, and the answer says so.
 */
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { countSegment, prepareChoice } from "../src/features/segments/index.ts";
import { loadConfig } from "../src/platform/config.ts";
import type { Db } from "../src/platform/db.ts";
import { openGround } from "../src/roles/ground.ts";
import { addHistory } from "./analysis-rules.ts";
import { medianOf, round } from "./measure.ts";
import { countPeople, fillPeople } from "./people.ts";

const COUNTS = 5;

export async function run({ rows = 1_000_000, history = 5 }: { rows?: number; history?: number } = {}) {
  const dir = mkdtempSync(join(tmpdir(), "envoi-bench-"));
  chmodSync(dir, 0o755);
  const ground = await openGround(loadConfig({ ENVOI_DATA_DIR: join(dir, "data"), ENVOI_LOG_LEVEL: "warn" }));
  try {
    await fillPeople(ground.db, join(dir, "people.csv"), rows);
    const deliveries = await addHistory(ground.db, history);
    await addReactions(ground.db, deliveries);
    const list = await addList(ground.db);
    await ground.db.query("vacuum analyze");
    const trees = treesFor(deliveries.map(String), list);
    const figures: Record<string, object> = {};
    for (const [name, tree] of Object.entries(trees)) figures[name] = await measure(ground.db, name, tree);
    return { rows: await countPeople(ground.db), history, trees: figures };
  } finally {
    await ground.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** One in five opened each delivery, one in twenty clicked a link of it. */
async function addReactions(db: Db, deliveries: readonly number[]): Promise<void> {
  for (const kind of ["open", "click"]) {
    await db.query(
      `insert into message_reactions (part_id, seq, kind, link, human)
       select m.part_id, m.seq, $1, 0, human
         from messages m join delivery_parts p on p.id = m.part_id, (values (true), (false)) as h(human)
        where p.delivery_id = any($2) and m.status = 'sent' and (m.recipient_id * 7 + p.delivery_id) % $3 = 0`,
      [kind, deliveries, kind === "open" ? 5 : 20],
    );
  }
}

async function addList(db: Db): Promise<string> {
  const [list] = await db.query<{ id: number }>(
    "insert into lists (label, created_at) values ('some', now()) returning id",
  );
  await db.query("insert into list_members select $1, id from recipients where id % 11 = 3", [list?.id]);
  return String(list?.id);
}

/** By name: what operators ask, from the plainest to the worst. */
function treesFor(deliveries: readonly string[], list: string): Record<string, object> {
  const [newest = ""] = deliveries;
  const rich = { attribute: "points", is: "greater", value: 9_000 };
  return {
    attribute: rich,
    domain: { field: "domain", is: "equals", value: "d7.example" },
    list: { list },
    "status of the address": { addressStatus: ["quarantined", "denylisted"] },
    "received one": { behaviour: "received", deliveries: [newest] },
    "opened one": { behaviour: "opened", deliveries: [newest] },
    "clicked one": { behaviour: "clicked", deliveries: [newest] },
    "not clicked one": { behaviour: "not-clicked", deliveries: [newest] },
    "opened any": { behaviour: "opened", deliveries },
    "clicked any in 30 days": { behaviour: "clicked", deliveries: { within: "30d" } },
    "on a list, opened, rich": { and: [{ list }, rich, { behaviour: "opened", deliveries: [newest] }] },
    "neither on a list nor opened any": { not: { or: [{ list }, { behaviour: "opened", deliveries }] } },
  };
}

async function measure(db: Db, name: string, tree: object) {
  const times: number[] = [];
  let last: Awaited<ReturnType<typeof countSegment>> | undefined;
  for (let n = 0; n < COUNTS; n++) {
    const start = performance.now();
    const { prepared } = await prepareChoice(db, { segment: tree } as never, Date.now());
    last = await countSegment(db, prepared, Date.now());
    times.push(performance.now() - start);
  }
  const figures = {
    ms: round(medianOf(times)),
    slowestMs: round(Math.max(...times)),
    count: last?.count,
    exact: last?.exact,
  };
  process.stderr.write(`${name.padEnd(34)} ${figures.ms} ms${figures.exact ? "" : ", estimated"}: ${figures.count}\n`);
  return figures;
}
