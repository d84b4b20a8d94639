/** Looks into the mailboxes that are due, some at once, each by one process at a time. */
import { MINUTE, SECOND } from "../../core/time.ts";
import { errorText } from "../../platform/errors.ts";
import type { Log } from "../../platform/log.ts";
import { MailboxError } from "../../platform/mailbox.ts";
import { type LookDeps, lookInto } from "./look-into.ts";
import { pauseAfter } from "./plan-look.ts";
import { claimDue, giveBack, keepClaim, type MailboxRow, release } from "./store.ts";

export type Polling = {
  /** Begins whatever is due; resolves when there is nothing left to begin. */
  look(): Promise<void>;
  /** Resolves when nobody looks any more. */
  idle(): Promise<void>;
  close(): Promise<void>;
};

/** A server that does not answer holds up one of them. */
const AT_ONCE = 4;
/** Who does not come back so long is taken for crashed. */
const LEASE = 3 * MINUTE;
/** When somebody else processes what was stored, it can be deleted so much later. */
const SOON = 30 * SECOND;
const RENEW_EVERY = 20 * SECOND;

export function openPolling(deps: LookDeps, log: Log): Polling {
  const closing = new AbortController();
  const running = new Set<Promise<void>>();
  const begin = (mailbox: MailboxRow) => {
    const turn = takeTurn(deps, mailbox, closing.signal, log).finally(() => {
      running.delete(turn);
      void look();
    });
    running.add(turn);
  };
  const look = async () => {
    try {
      while (!closing.signal.aborted && running.size < AT_ONCE) {
        const mailbox = await claimDue(deps.db, deps.now(), LEASE);
        if (mailbox === null) return;
        begin(mailbox);
      }
    } catch (error) {
      log.warn({ error: errorText(error) }, "mailboxes could not be looked into");
    }
  };
  const idle = async () => {
    while (running.size > 0) await Promise.all(running);
  };
  return {
    look,
    idle,
    close: async () => {
      closing.abort();
      await idle();
    },
  };
}

/** Never rejects. */
async function takeTurn(deps: LookDeps, mailbox: MailboxRow, closing: AbortSignal, log: Log): Promise<void> {
  const { db, now } = deps;
  const changed = new AbortController();
  const renew = async () => {
    // a database that is away for a moment is no reason to stop
    const isOurs = await keepClaim(db, mailbox, now() + LEASE).catch(() => true);
    if (!isOurs) changed.abort();
  };
  const timer = setInterval(() => void renew(), RENEW_EVERY);
  const every = mailbox.everySeconds * SECOND;
  try {
    const { note, soon } = await lookInto(deps, mailbox, AbortSignal.any([closing, changed.signal]));
    await giveBack(db, mailbox, { error: null, note, next: now() + (soon ? Math.min(every, SOON) : every) }, now());
  } catch (error) {
    if (closing.aborted || changed.signal.aborted) return await release(db, mailbox.id, now()).catch(() => {});
    const text = errorText(error);
    log.warn({ mailbox: mailbox.name, error: text }, explain(error));
    const next = now() + pauseAfter(mailbox.failures + 1, every);
    await giveBack(db, mailbox, { error: text, note: mailbox.note, next }, now()).catch(() => {});
  } finally {
    clearInterval(timer);
  }
}

function explain(error: unknown): string {
  return error instanceof MailboxError ? "a mailbox could not be looked into" : "looking into a mailbox went wrong";
}
