/** Mail that came in is worked off: by whoever handed it in, or by the worker. What fails is tried again for a day. */
import { errorText } from "../../platform/errors.ts";
import type { Log } from "../../platform/log.ts";
import { MINUTE, SECOND } from "../../core/time.ts";
import type { Handled, InboundDeps } from "./acted.ts";
import { handleInbound } from "./handle-inbound.ts";
import { claimWaiting, markDone, markTroubled, type NewMail, removeMail, storeClaimed } from "./mail-store.ts";
import type { WaitingMail } from "./mail-store.ts";

/** With pauses that double from 30 seconds to four hours, that is a day. */
const ATTEMPTS_MAX = 14;
const FIRST_PAUSE = 30 * SECOND;
const LONGEST_PAUSE = 240 * MINUTE;

/** Everything that is due, one after the other; how many. */
export async function processWaiting(deps: InboundDeps, log: Log, signal?: AbortSignal): Promise<number> {
  let count = 0;
  while (!signal?.aborted) {
    const mail = await claimWaiting(deps.db, deps.now());
    if (mail === null) break;
    count++;
    try {
      await work(deps, mail);
    } catch (error) {
      await postpone(deps, mail, error);
      log.warn({ mail: mail.id, error: errorText(error) }, "a received mail could not be processed; it is tried again");
    }
  }
  return count;
}

/** Stores a mail and works it off at once. When that fails, nothing is kept: whoever hands it in has it still. */
export async function takeMailNow(deps: InboundDeps, mail: NewMail): Promise<Handled> {
  const claimed = await storeClaimed(deps.db, mail, deps.now());
  try {
    return await work(deps, claimed);
  } catch (error) {
    await removeMail(deps.db, claimed.id);
    throw error;
  }
}

async function work(deps: InboundDeps, { id, raw, recipient, returnPath, receivedAt }: WaitingMail): Promise<Handled> {
  const { answer, done } = await handleInbound(deps, raw, { recipient, returnPath }, receivedAt);
  await markDone(deps.db, id, done, deps.now());
  return answer;
}

async function postpone({ db, now }: InboundDeps, { id, attempts }: WaitingMail, error: unknown): Promise<void> {
  const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (attempts - 1));
  await markTroubled(db, id, errorText(error), attempts >= ATTEMPTS_MAX ? null : now() + pause, now());
}
