/**
 * Follows a delivery to its end, with progress on stderr: until every message is final and no copy is owed to an archive. Ctrl-C (or
 * SIGTERM) pauses it and says how to go on; when only copies are owed, there is nothing to pause and it ends.
 */
import type { CopyFigures } from "../src/contract/index.ts";
import type { DeliveryState } from "../src/core/delivery/status.ts";
import { addCopies } from "../src/features/archive/index.ts";
import { loadDeliveryFigures, pauseDelivery } from "../src/features/deliveries/index.ts";
import { PROGRESS_CHANNEL } from "../src/platform/events.ts";
import { CONTROL_CHANNEL } from "../src/features/deliveries/index.ts";
import { isTransientDbError, type Db } from "../src/platform/db.ts";
import { appError, errorText } from "../src/platform/errors.ts";
import { createProgress } from "./progress.ts";

/** Notifications may be lost with a connection: look again at least this often. */
const LOOK_EVERY_MS = 1000;
const REPLY_SHOWN = 200;

export type Summary = {
  delivery: string;
  state: DeliveryState;
  targeted: number;
  excluded: Record<string, number>;
  toDeliver: number;
  sent: number;
  failed: number;
  cancelled: number;
  pending: number;
  inDoubt: number;
  /** Copies that archives took of messages to recipients. */
  archived: number;
};

export type Followed = {
  readonly summary: Summary & { holdReason: string | null };
  /** Those of seeds, too: the archive is to have them all. */
  readonly copies: CopyFigures;
  /** What an archive said last. */
  readonly copyReply: string | null;
  readonly waitingFor: string | null;
};

export async function followDelivery(db: Db, id: number): Promise<Followed> {
  const progress = createProgress();
  let wake = () => {};
  const notified = (payload: string) => (payload === String(id) || payload === "" ? wake() : undefined);
  const listeners = [await db.listen(PROGRESS_CHANNEL, notified), await db.listen(CONTROL_CHANNEL, notified)];
  let asked = false;
  let last: Followed | null = null;
  const interrupt = () => {
    // Whatever keeps it from pausing: the second Ctrl-C ends the command. Its senders then finish what is on the wire.
    if (asked) process.exit(130);
    asked = true;
    if (last !== null && allFinal(last)) wake();
    else pause(db, id);
  };
  process.on("SIGINT", interrupt).on("SIGTERM", interrupt);
  try {
    for (;;) {
      const changed = new Promise<void>((resolve) => {
        wake = resolve;
        setTimeout(resolve, LOOK_EVERY_MS).unref();
      });
      const followed = await loadIfThere(db, id);
      last = followed ?? last;
      if (followed && isOver(followed, asked)) {
        progress.end(describe(followed));
        process.stderr.write(lastWords(followed));
        return followed;
      }
      progress.show(followed ? describe(followed) : "the database does not answer; waiting for it");
      await changed;
    }
  } finally {
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
    for (const listener of listeners) await listener.close();
  }
}

function pause(db: Db, id: number): void {
  pauseDelivery(db, id, "cli", Date.now()).then(
    ({ onWire }) => process.stderr.write(`\npausing; ${onWire} messages on the wire will finish\n`),
    (error: unknown) => process.stderr.write(`\n${errorText(error)}\n`),
  );
}

function allFinal({ summary: { state } }: Followed): boolean {
  return state === "finished" || state === "stopped";
}

/** Copies outlive the messages of their delivery, unless somebody has asked for an end. */
function isOver(followed: Followed, asked: boolean): boolean {
  if (followed.summary.state === "paused") return true;
  return allFinal(followed) && (followed.copies.owed === 0 || asked);
}

/** Null while the database is away. */
async function loadIfThere(db: Db, id: number): Promise<Followed | null> {
  try {
    return await load(db, id);
  } catch (error) {
    if (isTransientDbError(error)) return null;
    throw error;
  }
}

async function load(db: Db, id: number): Promise<Followed> {
  const figures = await loadDeliveryFigures(db, id, Date.now());
  if (!figures) throw appError("not-found", { what: "delivery", id });
  const { state, holdReason, excludedByReason, indicators: i, copyReply, waitingFor } = figures;
  const summary = {
    delivery: String(id),
    state,
    targeted: i.targeted,
    excluded: excludedByReason,
    toDeliver: i.toDeliver,
    sent: i.sent,
    failed: i.failed,
    cancelled: i.cancelled,
    pending: i.pending,
    inDoubt: i.inDoubt,
    archived: i.copies.archived,
    holdReason,
  };
  return {
    summary,
    copies: i.seedCopies === undefined ? i.copies : addCopies(i.copies, i.seedCopies),
    copyReply,
    waitingFor,
  };
}

function describe({ summary: s, copies, copyReply, waitingFor }: Followed): string {
  const messages = `${s.state}: ${s.sent} sent, ${s.failed} failed, ${s.pending} pending of ${s.toDeliver}`;
  const archived = copies.due > 0 ? `, ${s.archived} archived` : "";
  const owed = copies.owed > 0 ? `; ${numberOf(copies.owed)} owed: ${lastReply(copyReply)}` : "";
  return messages + archived + owed + (waitingFor === null ? "" : `; waiting: ${waitingFor}`);
}

function lastReply(reply: string | null): string {
  return reply ? `last reply ${reply.replace(/\s+/g, " ").slice(0, REPLY_SHOWN)}` : "no reply yet";
}

function numberOf(copies: number): string {
  return copies === 1 ? "1 copy" : `${copies} copies`;
}

function lastWords({ summary, copies, copyReply }: Followed): string {
  const again = `go on with: envoi send --resume ${summary.delivery}\n`;
  if (summary.state === "paused") {
    const why = summary.holdReason ? `${summary.holdReason}\n` : "";
    return `${why}delivery ${summary.delivery} is paused; ${again}`;
  }
  const owed = copies.owed > 0 ? `${numberOf(copies.owed)} still owed to the archive; ${again}` : "";
  if (copies.givenUp === 0) return owed;
  return `${owed}${numberOf(copies.givenUp)} given up, the archive has not got them: ${lastReply(copyReply)}\n`;
}
