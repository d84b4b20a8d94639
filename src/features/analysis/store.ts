/**
 * The SQL of an analysis: target, exclusions, parts and messages by set operations; only counts come back to us.
 * Everything happens in one transaction, except that part ids are allocated before (see partitions.ts).
 */
import { formatInstant, type Instant } from "../../core/time.ts";
import type { ExclusionReason } from "../../core/delivery/status.ts";
import type { Audience, ChecklistItem, CreateDelivery, ExclusionRule } from "../../contract/index.ts";
import type { Manifest } from "../../core/message/manifest.ts";
import { timestamp, type Db, type Tx } from "../../platform/db.ts";
import { compileSegment, prepareChoice } from "../segments/index.ts";
import { loadSettings } from "../settings/index.ts";
import type { ArchiveFacts } from "./copy-items.ts";

/** Of the words of a rule that go with each row it excludes. */
const MAX_WORDS = 300;

export type TargetCounts = {
  targeted: number;
  toDeliver: number;
  excluded: Partial<Record<ExclusionReason, number>>;
};

/**
 * Right after an import PostgreSQL knows nothing yet of the rows that came, and may plan a nested loop over all of them. Not in the analysis's
 * transaction: the lock would keep other analyses waiting.
 */
export async function refreshStatistics(db: Db): Promise<void> {
  await db.query("analyze quarantine");
  await db.query("analyze list_members");
}

/** What was meant by the segments of a delivery when it was analysed. */
export type FrozenSegment = { readonly use: "target" | "exclude"; readonly words: string; readonly tree: object };

/** Makes the temporary table `target` (id, address, domain, attributes, reason, detail) for this transaction. */
export async function computeTarget(
  tx: Tx,
  { audience, settings }: Pick<CreateDelivery, "audience" | "settings">,
  now: Instant,
): Promise<FrozenSegment[]> {
  const frozen: FrozenSegment[] = [];
  const { from, params } = await targetOf(tx, audience, now, frozen);
  const { foldLocalPart } = (await loadSettings(tx)).quarantine;
  const spelling = foldLocalPart ? "" : " and substring(q.address from '^(.*)@') = substring(r.address from '^(.*)@')";
  await tx.query("set local work_mem = '256MB'");
  await tx.query(
    `create temp table target on commit drop as
     select r.id, r.address, r.domain, r.attributes,
            case when r.denylisted_at is not null then 'denylisted'
                 when q.match_key is not null then 'quarantined' end as reason, '' as detail
       from (${from}) r
       left join quarantine q on q.match_key = r.match_key and q.status = 'quarantined'${spelling}`,
    params,
  );
  await tx.query("analyze target");
  // Deliveries that were saved before there were such rules have none.
  for (const rule of (settings.exclude as ExclusionRule[] | undefined) ?? []) {
    frozen.push(await applyExclusion(tx, rule, now));
  }
  return frozen;
}

async function targetOf(tx: Tx, audience: Audience, now: Instant, frozen: FrozenSegment[]) {
  const members = "select r.* from recipients r join list_members m on m.recipient_id = r.id and m.list_id =";
  if ("all" in audience) return { from: "select * from recipients", params: [] };
  if ("list" in audience) return { from: `${members} $1`, params: [audience.list] };
  if ("import" in audience) {
    return { from: `${members} (select list_id from imports where id = $1)`, params: [audience.import] };
  }
  const { prepared, words } = await prepareChoice(tx, audience, now);
  frozen.push({ use: "target", words, tree: prepared.tree });
  const { sql, params } = compileSegment(prepared, { now, recipient: "r" });
  return { from: `select r.* from recipients r where ${sql}`, params };
}

/** Whom the rule names is excluded, unless the address is a reason already. */
async function applyExclusion(tx: Tx, rule: ExclusionRule, now: Instant): Promise<FrozenSegment> {
  const { prepared, words } = await prepareChoice(tx, rule, now);
  const { sql, params } = compileSegment(prepared, { now, recipient: "r", offset: 1 });
  await tx.query(
    `update target t set reason = 'excluded-by-rule', detail = $1 from recipients r
      where r.id = t.id and t.reason is null and ${sql}`,
    [words.slice(0, MAX_WORDS), ...params],
  );
  return { use: "exclude", words, tree: prepared.tree };
}

/** Rows of the file that import rejected: targeted, and excluded with the reason that import gave. */
const REJECTED = `
  select address, value, detail,
         case when reason in ('malformed-row', 'invalid-value') then 'invalid-address' else reason end as reason
    from import_errors where import_id = $1 and reason not in ('already-there', 'not-there')`;

export async function countTarget(tx: Tx, audience: Audience): Promise<TargetCounts> {
  const rows = await tx.query<{ reason: ExclusionReason | null; count: number }>(
    "select reason, count(*) as count from target group by reason",
  );
  if ("import" in audience) {
    rows.push(
      ...(await tx.query<{ reason: ExclusionReason; count: number }>(
        `select reason, count(*) as count from (${REJECTED}) rejected group by reason`,
        [audience.import],
      )),
    );
  }
  const counts: TargetCounts = { targeted: 0, toDeliver: 0, excluded: {} };
  for (const { reason, count } of rows) {
    counts.targeted += count;
    if (reason === null) counts.toDeliver += count;
    else counts.excluded[reason] = (counts.excluded[reason] ?? 0) + count;
  }
  return counts;
}

/** How many messages each pair of domain and preferred format gets. */
export function countFormats(
  tx: Tx,
  attribute: string,
): Promise<{ domain: string; preference: string | null; count: number }[]> {
  return tx.query(
    `select domain, attributes->>$1 as preference, count(*) as count from target
      where reason is null group by domain, attributes->>$1`,
    [attribute],
  );
}

export type Coverage = { readonly attribute: string; readonly present: number; readonly known: boolean };

/** For how many messages each attribute has a value, and whether any file or recipient ever had it. */
export async function measureCoverage(tx: Tx, attributes: readonly string[]): Promise<Coverage[]> {
  if (attributes.length === 0) return [];
  const counts = attributes.map(
    (_, i) => `count(*) filter (where coalesce(attributes->>$${i + 1}, '') <> '') as a${i}`,
  );
  const [row] = await tx.query<Record<string, number>>(
    `select ${counts.join(", ")} from target where reason is null`,
    attributes,
  );
  const known = await tx.query<{ name: string }>(
    `select distinct jsonb_array_elements_text(columns) as name from imports
      where columns @> any(select to_jsonb(array[n]) from unnest($1::text[]) n)
      union select name from attributes`,
    [attributes],
  );
  const names = new Set(known.map((k) => k.name));
  return attributes.map((attribute, i) => {
    const present = row?.[`a${i}`] ?? 0;
    return { attribute, present, known: present > 0 || names.has(attribute) };
  });
}

export type Sample = { readonly address: string; readonly attributes: Record<string, unknown> };

/** The recipients most likely to break a rendering: the first, the one with most text, the one with least. */
export function loadSamples(tx: Tx): Promise<Sample[]> {
  return tx.query<Sample>(
    `(select address, attributes from target where reason is null order by id limit 3)
     union all (select address, attributes from target where reason is null order by length(attributes::text) desc limit 2)
     union all (select address, attributes from target where reason is null order by length(attributes::text) limit 1)`,
  );
}

/** Archives by id, removed ones left out. */
export function loadArchiveFacts(tx: Tx, ids: readonly number[]): Promise<ArchiveFacts[]> {
  return tx.query<ArchiveFacts>(
    `select id, name, enabled, target->>'address' as address, (target->>'ratePerMinute')::int as "ratePerMinute"
       from archives where id::bigint = any($1::bigint[]) and removed_at is null order by id`,
    [ids],
  );
}

/** Which of these match keys get a message. */
export async function findInTarget(tx: Tx, matchKeys: readonly string[]): Promise<string[]> {
  if (matchKeys.length === 0) return [];
  const rows = await tx.query<{ match_key: string }>(
    `select r.match_key from recipients r join target t on t.id = r.id
      where r.match_key = any($1) and t.reason is null`,
    [matchKeys],
  );
  return rows.map((row) => row.match_key);
}

/** Copies owed, of all deliveries. */
export async function sumDebt(tx: Tx): Promise<number> {
  const [row] = await tx.query<{ owed: number }>(
    "select coalesce(sum(owed), 0) as owed from archive_parts where owed > 0",
  );
  return row?.owed ?? 0;
}

export async function deletePreviousParts(tx: Tx, deliveryId: number): Promise<void> {
  await tx.query(
    `with old as (delete from delivery_parts where delivery_id = $1 returning id)
     delete from messages m using old where m.part_id = old.id`,
    [deliveryId],
  );
  await tx.query("delete from exclusions where delivery_id = $1", [deliveryId]);
  await tx.query("delete from delivery_exclusions where delivery_id = $1", [deliveryId]);
  await tx.query("delete from destination_counters where delivery_id = $1", [deliveryId]);
}

export async function saveExclusions(
  tx: Tx,
  deliveryId: number,
  audience: Audience,
  counts: TargetCounts,
): Promise<void> {
  await tx.query(
    `insert into exclusions (delivery_id, recipient_id, address, reason, detail)
     select $1, id, address, reason, detail from target where reason is not null`,
    [deliveryId],
  );
  if ("import" in audience) {
    await tx.query(
      `insert into exclusions (delivery_id, recipient_id, address, reason, detail)
       select $2, null, coalesce(address, value), reason, detail from (${REJECTED}) rejected`,
      [audience.import, deliveryId],
    );
  }
  await tx.query(
    `insert into delivery_exclusions (delivery_id, reason, count)
     select $1, key, value::int from jsonb_each_text($2)`,
    [deliveryId, JSON.stringify(counts.excluded)],
  );
}

/**
 * How many parts the target needs. A domain with at least a quarter of a part gets parts of its own; the rest share.
 * Makes the temporary table `numbered` (id, lane, chunk, seq).
 */
export async function numberTarget(tx: Tx, partSize: number): Promise<number> {
  await tx.query(
    `create temp table numbered on commit drop as
     select id, lane, (n / $1)::int as chunk, (n % $1)::int as seq from (
       select t.id, b.domain as lane, row_number() over (partition by b.domain order by t.id) - 1 as n
         from target t
         left join (select domain from target where reason is null group by domain having count(*) >= $1 / 4) b
           on b.domain = t.domain
        where t.reason is null) numbering`,
    [partSize],
  );
  const [row] = await tx.query<{ parts: number }>(
    "select count(*) as parts from (select 1 from numbered group by lane, chunk) p",
  );
  return row?.parts ?? 0;
}

/** Writes parts and messages. Parts of different destinations take turns, so that all destinations start together. */
export async function savePartsAndMessages(
  tx: Tx,
  deliveryId: number,
  firstPart: number,
  attributes: readonly string[],
): Promise<void> {
  await tx.query(
    `create temp table part on commit drop as
     select $1::bigint + row_number() over (order by chunk, lane nulls last) - 1 as id, lane, chunk, count(*)::int as messages
       from numbered group by lane, chunk`,
    [firstPart],
  );
  const vars = attributes.map((_, i) => `$${i + 1}::text, t.attributes->$${i + 1}`);
  await tx.query(
    `insert into messages (part_id, seq, recipient_id, address, vars)
     select p.id, n.seq, t.id, t.address, ${vars.length > 0 ? `jsonb_strip_nulls(jsonb_build_object(${vars.join(", ")}))` : "'{}'::jsonb"}
       from numbered n
       join part p on p.chunk = n.chunk and p.lane is not distinct from n.lane
       join target t on t.id = n.id
      order by p.id, n.seq`,
    attributes,
  );
  await tx.query(
    `insert into delivery_parts (id, delivery_id, domain, to_deliver, pending)
     select id, $1, lane, messages, messages from part`,
    [deliveryId],
  );
  await tx.query(
    `insert into destination_counters (delivery_id, domain, sender, to_deliver)
     select $1, domain, '', count(*) from target where reason is null group by domain`,
    [deliveryId],
  );
}

export async function saveChecklist(tx: Tx, deliveryId: number, items: readonly ChecklistItem[]): Promise<void> {
  await tx.query("delete from checklist_items where delivery_id = $1", [deliveryId]);
  await tx.query(
    `insert into checklist_items (delivery_id, position, id, level, title, detail)
     select $1, ordinality, item->>'id', item->>'level', item->>'title', item->>'detail'
       from jsonb_array_elements($2::jsonb) with ordinality as t(item, ordinality)`,
    [deliveryId, JSON.stringify(items)],
  );
}

/** Ends the analysis. False when the delivery was edited meanwhile: then the result is of no use. */
export async function finishAnalysis(
  tx: Tx,
  deliveryId: number,
  version: number,
  counts: TargetCounts,
  facts: object,
  /** Null: there are errors. */
  manifest: Manifest | null,
  now: Instant,
): Promise<boolean> {
  const rows = await tx.query(
    `update deliveries
        set state = $3, analysed_version = $2, analysed_at = $4, updated_at = $4, analysis = $5,
            manifest = $9, signing_keys = null,
            targeted = $6, excluded = $7, to_deliver = $8
      where id = $1 and version = $2 and state = 'analysing' returning id`,
    [
      deliveryId,
      version,
      manifest === null ? "editing" : "ready",
      timestamp(now),
      JSON.stringify({ ...facts, at: formatInstant(now) }),
      counts.targeted,
      counts.targeted - counts.toDeliver,
      counts.toDeliver,
      manifest === null ? null : JSON.stringify(manifest),
    ],
  );
  return rows.length === 1;
}

/** Takes the delivery for analysis; its version, or the state that forbids it. */
export async function beginAnalysis(
  db: Db,
  deliveryId: number,
  now: Instant,
): Promise<{ kind: "begun"; version: number } | { kind: "refused"; state: string } | { kind: "missing" }> {
  const [row] = await db.query<{ version: number }>(
    `update deliveries set state = 'analysing', updated_at = $2
      where id = $1 and state in ('editing', 'ready', 'analysing') returning version`,
    [deliveryId, timestamp(now)],
  );
  if (row) return { kind: "begun", version: row.version };
  const [other] = await db.query<{ state: string }>("select state from deliveries where id = $1", [deliveryId]);
  return other ? { kind: "refused", state: other.state } : { kind: "missing" };
}
