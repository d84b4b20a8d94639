/**
 * Benchmark of a plan: a delivery to three million recipients of many domains, most of them at a few providers and the rest on servers of
 * their own; a pool of sources in warm-up, lanes with a past, other deliveries under way. With the rules that ship, on the embedded PostgreSQL.
 */
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { settingsSchema } from "../src/contract/index.ts";
import { createDelivery } from "../src/features/deliveries/index.ts";
import { makePlan, type PlanDeps } from "../src/features/plans/index.ts";
import { loadShapingFiles } from "../src/features/shaping/index.ts";
import { loadConfig } from "../src/platform/config.ts";
import type { Db } from "../src/platform/db.ts";
import { openGround } from "../src/roles/ground.ts";

const SOURCES = 5;
const OTHERS = 3;
const RUNS = 5;
/** One domain in so many is not known yet. */
const UNKNOWN = 20;

export async function run({ rows = 3_000_000, domains = 60_000 }: { rows?: number; domains?: number } = {}) {
  const dir = mkdtempSync(join(tmpdir(), "envoi-bench-"));
  chmodSync(dir, 0o755);
  const dataDir = join(dir, "data");
  const ground = await openGround(loadConfig({ ENVOI_DATA_DIR: dataDir, ENVOI_LOG_LEVEL: "warn" }));
  try {
    const id = await fill(ground.db, rows, domains);
    return await measure(ground.db, id, { rows, domains, files: loadShapingFiles(dataDir) });
  } finally {
    await ground.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Sizes of domains fall as 1/n; every third domain is at Google, every fourth at Microsoft, the others on a host of their own. */
async function fill(db: Db, rows: number, domains: number): Promise<number> {
  await db.query(
    `insert into domain_sites (domain, site, provider, mx, seen_at)
     select 'd' || i || '.example', h, '', string_to_array(h, ','), now()
       from (select i, case when i % 3 = 0 then 'alt1.aspmx.l.google.com,aspmx.l.google.com'
                            when i % 4 = 0 then 'd' || i || '-example.mail.protection.outlook.com'
                            else 'mx1.d' || i || '.example,mx2.d' || i || '.example' end as h
               from generate_series(1, $1::int) i) d
      where i % ${UNKNOWN} <> 7`,
    [domains],
  );
  await db.query(
    `insert into sources (name, address_v4, helo, created_at, updated_at)
     select 's' || i, '192.0.2.' || i, 'mail' || i || '.example.org', now(), now() from generate_series(1, $1::int) i`,
    [SOURCES],
  );
  await db.query("insert into pools (name, created_at, updated_at) values ('default', now(), now())");
  await db.query("insert into pool_sources select p.id, s.id, 1 + s.id % 5 from pools p, sources s");
  await db.query(
    `insert into lanes (sender, source, site, provider, rule, state, figures, updated_at)
     select '1', s.name, d.site, '', '', '{}',
            jsonb_build_object('allowedConnections', 1 + length(d.site) % 10, 'messagesPerHour', 1000, 'why', ''), now()
       from sources s, (select distinct site from domain_sites limit 2000) d`,
  );
  const ids: number[] = [];
  for (let n = 0; n <= OTHERS; n++) ids.push(await addDelivery(db, rows, domains, n));
  await db.query("update deliveries set state = case when id = $1 then 'ready' else 'in-progress' end", [ids[0]]);
  await db.query("analyze");
  return ids[0] ?? 0;
}

async function addDelivery(db: Db, rows: number, domains: number, n: number): Promise<number> {
  const created = await createDelivery(
    db,
    {
      label: `plan ${n}`,
      content: { subject: "Hello", html: "<p>Hello</p>", syntax: "liquid" },
      sender: { name: "Le club", address: "club@shop.example" },
      audience: { all: true },
      settings: settingsSchema.parse({}),
    },
    "bench",
    Date.now(),
  );
  // Every other delivery goes to a tenth of the domains.
  await db.query(
    `insert into destination_counters (delivery_id, domain, sender, to_deliver)
     select $1, 'd' || i || '.example', '', greatest(1, ($2 / (i * (select sum(1.0 / j) from generate_series(1, $3::int) j)))::int)
       from generate_series(1, $3::int) i where $4 = 0 or i % 10 = $4`,
    [created.id, rows, domains, n],
  );
  return Number(created.id);
}

async function measure(
  db: Db,
  id: number,
  { rows, domains, files }: { rows: number; domains: number; files: PlanDeps["files"] },
) {
  const deps: PlanDeps = { files, lookUpSites: () => Promise.resolve([]), remember: () => Promise.resolve() };
  const seconds: number[] = [];
  let plan = await makePlan(db, id, deps, Date.now());
  for (let n = 0; n < RUNS; n++) {
    const start = performance.now();
    plan = await makePlan(db, id, deps, Date.now());
    seconds.push((performance.now() - start) / 1000);
  }
  seconds.sort((a, b) => a - b);
  if (plan.messages < rows * 0.9) throw new Error(`${plan.messages} of ${rows} messages are in the plan`);
  const figures = {
    rows: plan.messages,
    domains,
    providers: plan.rows.length,
    seconds: Number((seconds[Math.floor(RUNS / 2)] ?? 0).toFixed(2)),
    slowest: Number((seconds.at(-1) ?? 0).toFixed(2)),
    peakRssMb: Math.round(process.resourceUsage().maxRSS / 1024),
  };
  process.stderr.write(`${figures.rows} messages to ${domains} domains planned in ${figures.seconds} s\n`);
  return figures;
}
