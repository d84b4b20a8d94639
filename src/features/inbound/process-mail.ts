/** Mail that came in is worked off: by whoever handed it in, or by the worker. What fails is tried again for a day. */
import { MINUTE, SECOND } from "../../core/time.ts";
import { errorText } from "../../platform/errors.ts";
import type { Log } from "../../platform/log.ts";
import type { Handled, InboundDeps } from "./acted.ts";
import { claimWaiting, markTroubled, type NewMail, removeMail, storeClaimed, type WaitingMail } from "./mail-store.ts";
import { workOff } from "./work-off.ts";

/** With pauses that double from 30 seconds to four hours, that is a day. */
const ATTEMPTS_MAX = 14;
const FIRST_PAUSE = 30 * SECOND;
const LONGEST_PAUSE = 240 * MINUTE;
/** Worked off together: so many that a transaction for all costs little for each, and what they weigh fits into memory. */
const BATCH = { mails: 200, bytes: 32 * 1024 * 1024 };

/** Everything that is due, a batch after the other; how many. */
export async function processWaiting(deps: InboundDeps, log: Log, signal?: AbortSignal): Promise<number> {
  let count = 0;
  while (!signal?.aborted) {
    const mails = await claimWaiting(deps.db, BATCH, deps.now());
    if (mails.length === 0) break;
    count += mails.length;
    const worked = await workOff(deps, mails);
    for (const mail of mails) {
      const result = worked.get(mail.id);
      if (result === undefined || "answer" in result) continue;
      await postpone(deps, mail, result.error);
      const note = { mail: mail.id, error: errorText(result.error) };
      log.warn(note, "a received mail could not be processed; it is tried again");
    }
  }
  return count;
}

/** Stores a mail and works it off at once. When that fails, nothing is kept: whoever hands it in has it still. */
export async function takeMailNow(deps: InboundDeps, mail: NewMail): Promise<Handled> {
  const claimed = await storeClaimed(deps.db, mail, deps.now());
  try {
    const result = (await workOff(deps, [claimed])).get(claimed.id);
    if (result === undefined) throw new Error("a mail was not worked off");
    if ("error" in result) throw result.error;
    return result.answer;
  } catch (error) {
    await removeMail(deps.db, claimed.id);
    throw error;
  }
}

async function postpone({ db, now }: InboundDeps, { id, attempts }: WaitingMail, error: unknown): Promise<void> {
  const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (attempts - 1));
  await markTroubled(db, id, errorText(error), attempts >= ATTEMPTS_MAX ? null : now() + pause, now());
}
