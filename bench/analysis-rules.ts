/** What an analysis is burdened with: a typology of five filtering rules and a pressure rule, and a log of earlier deliveries to the same people. */
import { allocateParts } from "../src/features/analysis/index.ts";
import type { Db } from "../src/platform/db.ts";

const PART = 1000;
const DAY = 24 * 3_600_000;

/** One rule of each sort that operators write: attribute, number, text, list, behaviour. Each excludes some. */
function filteringRules(list: string, delivery: string): Record<string, object> {
  return {
    "No test points": { attribute: "points", is: "between", value: [100, 199] },
    "Rich enough": { attribute: "points", is: "greater", value: 9_900 },
    "Not our own": { field: "domain", is: "equals", value: "d7.example" },
    "On the list": { list },
    "Was in doubt": { behaviour: "in-doubt", deliveries: [delivery] },
  };
}

/** The typology's id. */
export async function addTypology(db: Db, history: readonly number[]): Promise<string> {
  const [list] = await db.query<{ id: number }>(
    "insert into lists (label, created_at) values ('some', now()) returning id",
  );
  await db.query("insert into list_members select $1, id from recipients where id % 50 = 3", [list?.id]);
  const [row] = await db.query<{ id: number }>(
    "insert into typologies (name, created_at, updated_at) values ('bench', now(), now()) returning id",
  );
  const add = (kind: string, name: string, definition: object) =>
    db.query("insert into typology_rules (typology_id, kind, name, definition) values ($1, $2, $3, $4)", [
      row?.id,
      kind,
      name,
      JSON.stringify(definition),
    ]);
  for (const [name, segment] of Object.entries(filteringRules(String(list?.id), String(history[0] ?? 0)))) {
    await add("filtering", name, { exclude: { segment } });
  }
  await add("pressure", "Pressure", { threshold: 5, days: 30, grouping: "month" });
  return String(row?.id);
}

/** Deliveries of the last days, each to nine tenths of all, one message in fifty failed. Answers with their ids. */
export async function addHistory(db: Db, deliveries: number): Promise<number[]> {
  const [people] = await db.query<{ count: number }>("select count(*) as count from recipients");
  const parts = Math.ceil((people?.count ?? 0) / PART);
  const ids: number[] = [];
  for (let n = 0; n < deliveries; n++) {
    const at = Date.now() - (n + 1) * 2 * DAY;
    const first = await allocateParts(db, parts, at);
    ids.push(await addDelivery(db, n, first, parts, new Date(at)));
  }
  await db.query("analyze messages");
  return ids;
}

async function addDelivery(db: Db, n: number, first: number, parts: number, at: Date): Promise<number> {
  const [row] = await db.query<{ id: number }>(
    `insert into deliveries (label, content, sender, audience, settings, state, created_at, updated_at, started_at, finished_at)
     values ('earlier', '{}', '{}', '{"all": true}', '{}', 'finished', $1, $1, $1, $1) returning id`,
    [at],
  );
  await db.query(
    `insert into messages (part_id, seq, recipient_id, address, vars, status, attempts, final_at, digest)
     select $1 + (i - 1) / ${PART}, (i - 1) % ${PART}, id, address, attributes - 'last_name',
            case when (id + $3) % 50 = 0 then 'failed' when (id + $3) % 997 = 0 then 'in-doubt' else 'sent' end, 1, $2, sha256('x')
       from (select r.*, row_number() over (order by id) as i from recipients r where (id + $3) % 10 <> 0) numbered`,
    [first, at, n],
  );
  await db.query(
    `insert into delivery_parts (id, delivery_id, to_deliver, pending, sent)
     select part_id, $1, count(*), 0, count(*) from messages where part_id between $2 and $3 group by part_id`,
    [row?.id, first, first + parts - 1],
  );
  return row?.id ?? 0;
}
