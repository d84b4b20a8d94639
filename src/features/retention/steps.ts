/** The steps of the nightly job. Each can also only say what would go. */
import type { RetentionStep, RetentionStepName } from "../../contract/retention.ts";
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { type Block, dropLog, dropReactions, listOldLogs, listOldReactions } from "../analysis/index.ts";
import { forgetArchived } from "../archive/index.ts";
import { forgetFiles, forgetImports } from "../audience/index.ts";
import { removeUnusedFiles } from "../files/index.ts";
import { forgetInbound } from "../inbound/index.ts";
import { forgetOldShaping } from "../lanes/index.ts";
import { forgetSignIns } from "../operators/index.ts";
import { forgetSingles } from "../messages/index.ts";
import { forgetProofPeople } from "../proofs/index.ts";
import { forgetAnswers } from "../quarantine/index.ts";
import { forgetReplyTexts } from "../reply-texts/index.ts";
import { forgetRequalifications } from "../requalify/index.ts";
import { tendSubscriptions } from "../services/index.ts";
import { forgetPersons } from "../tracking/index.ts";
import { OLD_ROWS } from "./old-rows.ts";
import type { Kept } from "./periods.ts";
import { countingDeletes, countRows, deleteRows } from "./store.ts";

export type StepContext = {
  readonly db: Db;
  readonly now: Instant;
  /** Nothing goes; the figures say what would. */
  readonly dryRun: boolean;
  /** The instant before which this kind of data goes. */
  readonly before: (kind: Kept) => Instant;
  readonly signal?: AbortSignal;
};

/** What a step did. */
export type Gone = Pick<RetentionStep, "rows" | "partitions" | "bytes" | "kept">;

const NOTHING: Gone = { rows: 0, partitions: 0, bytes: 0, kept: [] };
/** That many blocks are named in a report. */
const KEPT_NAMED = 20;

/** What features do about it themselves, in one transaction. */
const OF_FEATURES: Partial<Record<RetentionStepName, (db: Db, context: StepContext) => Promise<unknown>>> = {
  "archive-ledger": (db, { before }) => forgetArchived(db, before("deliveryLogs")),
  visitors: (db, { before }) => forgetPersons(db, before("visitors")),
  "proof-people": async (db) => {
    await forgetProofPeople(db);
    await forgetSingles(db);
  },
  "unused-files": (db, { before }) => removeUnusedFiles(db, before("unusedFiles")),
  "import-undo": async (db, { now, before }) => {
    await forgetImports(db, now);
    await forgetFiles(db, now, before("deliveryLogs"));
  },
  "inbound-mails": (db, { now }) => forgetInbound(db, now),
  "reply-texts": (db, { now }) => forgetReplyTexts(db, now),
  requalifications: (db, { now }) => forgetRequalifications(db, now),
  shaping: (db, { now }) => forgetOldShaping(db, now),
  "provider-answers": (db, { now }) => forgetAnswers(db, now),
  subscriptions: (db, { now }) => tendSubscriptions(db, now),
  "sign-in": (db, { now }) => forgetSignIns(db, now),
};

export async function runStep(step: RetentionStepName, context: StepContext): Promise<Gone> {
  if (step === "delivery-logs") return dropOldLogs(context);
  if (step === "tracking-logs") return dropOldReactions(context);
  const { db, dryRun, before, signal } = context;
  let { rows } = NOTHING;
  const work = OF_FEATURES[step];
  if (work !== undefined) rows += await countingDeletes(db, dryRun, (within) => work(within, context));
  for (const old of OLD_ROWS[step] ?? []) {
    rows += dryRun ? await countRows(db, old, before(old.kept)) : await deleteRows(db, old, before(old.kept), signal);
  }
  return { ...NOTHING, rows };
}

async function dropOldLogs({ db, now, dryRun, before, signal }: StepContext): Promise<Gone> {
  const blocks = await listOldLogs(db, { before: before("deliveryLogs"), now });
  return dropEach(blocks, async (block) => dryRun || dropLog(db, block, now, signal));
}

async function dropOldReactions({ db, now, dryRun, before, signal }: StepContext): Promise<Gone> {
  const blocks = await listOldReactions(db, { before: before("trackingLogs"), now });
  return dropEach(blocks, async (block) => dryRun || dropReactions(db, block, signal));
}

async function dropEach(blocks: readonly Block[], drop: (block: Block) => Promise<boolean>): Promise<Gone> {
  const gone = { ...NOTHING, kept: [] as Gone["kept"] };
  for (const block of blocks) {
    const reason = block.kept ?? ((await drop(block)) ? null : "others use its tables all the time");
    if (reason !== null) {
      if (gone.kept.length < KEPT_NAMED) gone.kept.push({ block: block.from, reason });
      continue;
    }
    gone.partitions++;
    gone.rows += block.rows;
    gone.bytes += block.bytes;
  }
  return gone;
}
