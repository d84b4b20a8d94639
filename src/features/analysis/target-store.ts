/** The SQL of the target: whom the audience names, with what the address alone says against it. */
import type { Audience, RecipientAudience } from "../../contract/index.ts";
import type { Instant } from "../../core/time.ts";
import type { Db, Tx } from "../../platform/db.ts";
import { compileSegment, prepareChoice } from "../segments/index.ts";
import { loadSettings } from "../settings/index.ts";

/**
 * Right after an import PostgreSQL knows nothing yet of the rows that came, and may plan a nested loop over all of them. Not in the analysis's
 * transaction: the lock would keep other analyses waiting.
 */
export async function refreshStatistics(db: Db): Promise<void> {
  await db.query("analyze quarantine");
  await db.query("analyze list_members");
  await db.query("analyze file_rows");
}

/** What was meant by the segments of a delivery when it was analysed. */
export type FrozenSegment = { readonly use: "target" | "exclude"; readonly words: string; readonly tree: object };

/**
 * Makes the temporary table `target` for this transaction: `row_id`, all that segments ask about a recipient under the names of that
 * table, `reason`, `detail`. A row is a person, and `row_id` is the person's `id`; but of further rows of a file about the same person
 * (`keepDuplicates`) it is negative. `recipient_id` is the id that goes into the log. Denylist and quarantine are reasons already; all
 * others follow in choose-population.ts.
 *
 * The rows of a file that never becomes recipients are numbered by its lines and have no `recipient_id`. Their `id` is that of the recipient
 * with the same address, so that whoever left a service or is on a list is found; where there is none it is negative, which is nobody's.
 */
export async function computeTarget(
  tx: Tx,
  audience: Audience,
  { now, keepDuplicates }: { readonly now: Instant; readonly keepDuplicates: boolean },
): Promise<FrozenSegment[]> {
  const frozen: FrozenSegment[] = [];
  const { from, params } =
    "file" in audience
      ? { from: FILE_ROWS, params: [audience.file, keepDuplicates] }
      : await peopleOf(tx, audience, { now, keepDuplicates }, frozen);
  const { foldLocalPart } = (await loadSettings(tx)).quarantine;
  const spelling = foldLocalPart ? "" : " and substring(q.address from '^(.*)@') = substring(r.address from '^(.*)@')";
  await tx.query("set local work_mem = '256MB'");
  await tx.query(
    `create temp table target on commit drop as
     select r.row_id, r.recipient_id, r.id, r.address, r.match_key, r.domain, r.attributes, r.denylisted_at, r.created_at, r.updated_at,
            case when r.denylisted_at is not null then 'denylisted'
                 when q.match_key is not null then 'quarantined' end as reason, '' as detail
       from (${from}) r
       left join quarantine q on q.match_key = r.match_key and q.status = 'quarantined'${spelling}`,
    params,
  );
  await tx.query("analyze target");
  return frozen;
}

const FILE_ROWS = `
  select f.line::bigint as row_id, null::bigint as recipient_id, coalesce(k.id, -f.line) as id, f.address, f.match_key, f.domain,
         f.attributes, k.denylisted_at, coalesce(k.created_at, i.created_at) as created_at,
         coalesce(k.updated_at, i.created_at) as updated_at
    from file_rows f
    join imports i on i.id = f.import_id
    left join recipients k on k.match_key = f.match_key
   where f.import_id = $1 and ($2 or not f.is_repeated)`;

async function peopleOf(
  tx: Tx,
  audience: RecipientAudience,
  { now, keepDuplicates }: { readonly now: Instant; readonly keepDuplicates: boolean },
  frozen: FrozenSegment[],
) {
  const { from, params } = await targetOf(tx, audience, now, frozen);
  const copies = keepDuplicates && "import" in audience ? COPIES : "";
  return { from: `select r.*, r.id as row_id, r.id as recipient_id from (${from}) r ${copies}`, params };
}

/** Of one person in one file. */
const MOST_COPIES = 1_000_000;

/** Whom a row `e` of `import_errors` names again; those of earlier versions have no match key. */
export const REPEATED = "coalesce(e.match_key, lower(e.address))";

/** Further rows of the file with the same address; what they say was not taken, so they get what the first row says. */
const COPIES = `
  union all select r.*, -(r.id * ${MOST_COPIES} + d.copy), r.id
    from recipients r
    join (select ${REPEATED} as match_key, row_number() over (partition by ${REPEATED}) % ${MOST_COPIES} as copy
            from import_errors e where e.import_id = $1 and e.reason = 'duplicate') d on d.match_key = r.match_key
    join list_members m on m.recipient_id = r.id and m.list_id = (select list_id from imports where id = $1)`;

async function targetOf(tx: Tx, audience: RecipientAudience, now: Instant, frozen: FrozenSegment[]) {
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

export type FileFacts = {
  /** Nightly, or with another delivery: the rows are not there any more. */
  readonly isGone: boolean;
  /** Rows whose address is that of a recipient. */
  readonly known: number;
  readonly rows: number;
};

/** Of the file that `target` was made of. */
export async function loadFileFacts(tx: Tx, file: string): Promise<FileFacts> {
  const [row] = await tx.query<{ gone: boolean; known: number; rows: number }>(
    `select (select rows_removed_at is not null from imports where id = $1) as gone, count(*) as rows, count(*) filter (where id > 0) as known
       from target`,
    [file],
  );
  return { isGone: row?.gone ?? true, known: row?.known ?? 0, rows: row?.rows ?? 0 };
}
