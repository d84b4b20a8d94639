/** The ledger as a whole: what archives took, what is owed to them, and what somebody must look at. */
import type { ArchiveLedger, CopyFigures } from "../../contract/index.ts";
import { formatInstant, type Instant } from "../../core/time.ts";
import type { Queryable } from "../../platform/db.ts";
import { loadSettings } from "../settings/index.ts";
import { listOpenAlerts, presentAlert } from "./alerts.ts";
import type { CopyRate } from "./copy-rate.ts";
import { type ArchiveSums, findOldestDebt, sumArchives } from "./ledger-store.ts";

/** What removed archives took is in the sums, but they are not listed. */
export async function readLedger(db: Queryable, rate: CopyRate, now: Instant): Promise<ArchiveLedger> {
  const [sums, oldest, settings, alerts] = await Promise.all([
    sumArchives(db),
    findOldestDebt(db),
    loadSettings(db),
    listOpenAlerts(db),
  ]);
  const total = sums.map(figuresOf).reduce(addCopies, { due: 0, archived: 0, owed: 0, givenUp: 0 });
  return {
    ...total,
    oldestDebtAt: oldest === null ? null : formatInstant(oldest),
    ratePerMinute: rate.sample(now, total.archived),
    debtLimit: settings.archive.debtLimit,
    byArchive: sums.filter((row) => !row.removed).map(presentSums),
    alerts: alerts.map(presentAlert),
  };
}

function figuresOf({ due, archived, owed, given_up: givenUp }: ArchiveSums): CopyFigures {
  return { due, archived, owed, givenUp };
}

export function addCopies(a: CopyFigures, b: CopyFigures): CopyFigures {
  return {
    due: a.due + b.due,
    archived: a.archived + b.archived,
    owed: a.owed + b.owed,
    givenUp: a.givenUp + b.givenUp,
  };
}

function presentSums(row: ArchiveSums): ArchiveLedger["byArchive"][number] {
  return {
    ...figuresOf(row),
    id: String(row.id),
    name: row.name,
    kind: row.kind,
    enabled: row.enabled,
    lastReply: row.last_reply,
    lastReplyAt: row.last_reply_at === null ? null : formatInstant(row.last_reply_at),
    failing: row.failing,
  };
}
