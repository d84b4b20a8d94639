/** Follows a delivery to its end, with progress on stderr. Ctrl-C (or SIGTERM) pauses it and says how to go on. */
import type { DeliveryState } from "../src/core/delivery/status.ts";
import { loadDeliveryFigures, pauseDelivery } from "../src/features/deliveries/index.ts";
import { PROGRESS_CHANNEL } from "../src/platform/events.ts";
import { CONTROL_CHANNEL } from "../src/features/deliveries/index.ts";
import { isTransientDbError, type Db } from "../src/platform/db.ts";
import { appError, errorText } from "../src/platform/errors.ts";
import { createProgress } from "./progress.ts";

/** Ends of the way, as far as this command is concerned. */
const OVER: readonly DeliveryState[] = ["finished", "stopped", "paused"];
/** Notifications may be lost with a connection: look again at least this often. */
const LOOK_EVERY_MS = 1000;

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
  archived: number;
};

export async function followDelivery(db: Db, id: number): Promise<Summary> {
  const progress = createProgress();
  let wake = () => {};
  const notified = (payload: string) => (payload === String(id) || payload === "" ? wake() : undefined);
  const listeners = [await db.listen(PROGRESS_CHANNEL, notified), await db.listen(CONTROL_CHANNEL, notified)];
  let asked = false;
  const interrupt = () => {
    // Whatever keeps it from pausing: the second Ctrl-C ends the command. Its senders then finish what is on the wire.
    if (asked) process.exit(130);
    asked = true;
    pauseDelivery(db, id, "cli", Date.now()).then(
      ({ onWire }) => process.stderr.write(`\npausing; ${onWire} messages on the wire will finish\n`),
      (error: unknown) => process.stderr.write(`\n${errorText(error)}\n`),
    );
  };
  process.on("SIGINT", interrupt).on("SIGTERM", interrupt);
  try {
    for (;;) {
      const changed = new Promise<void>((resolve) => {
        wake = resolve;
        setTimeout(resolve, LOOK_EVERY_MS).unref();
      });
      const summary = await loadIfThere(db, id);
      if (summary === null) {
        progress.show("the database does not answer; waiting for it");
        await changed;
        continue;
      }
      progress.show(describe(summary));
      if (OVER.includes(summary.state)) {
        progress.end(describe(summary));
        if (summary.state === "paused") process.stderr.write(pausedText(summary));
        return summary;
      }
      await changed;
    }
  } finally {
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
    for (const listener of listeners) await listener.close();
  }
}

/** Null while the database is away. */
async function loadIfThere(db: Db, id: number): Promise<Awaited<ReturnType<typeof load>> | null> {
  try {
    return await load(db, id);
  } catch (error) {
    if (isTransientDbError(error)) return null;
    throw error;
  }
}

async function load(db: Db, id: number): Promise<Summary & { holdReason: string | null }> {
  const figures = await loadDeliveryFigures(db, id);
  if (!figures) throw appError("not-found", { what: "delivery", id });
  const { state, holdReason, excludedByReason, indicators: i } = figures;
  return {
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
    archived: 0,
    holdReason,
  };
}

function describe(s: Summary): string {
  return `${s.state}: ${s.sent} sent, ${s.failed} failed, ${s.pending} pending of ${s.toDeliver}`;
}

function pausedText(summary: Summary & { holdReason: string | null }): string {
  const why = summary.holdReason ? `${summary.holdReason}\n` : "";
  return `${why}delivery ${summary.delivery} is paused; go on with: envoi send --resume ${summary.delivery}\n`;
}
