/** Takes events to webhooks as long as the worker runs: each webhook has its own line, so that a slow one holds up nobody else. */
import { MINUTE, SECOND } from "../../core/time.ts";
import { errorText } from "../../platform/errors.ts";
import type { Log } from "../../platform/log.ts";
import { deliverSome, type DeliverDeps } from "./deliver.ts";
import { expandOutbox } from "./expand-outbox.ts";
import { nextDue } from "./message-store.ts";
import { findWebhook, listActive } from "./store.ts";

export type Courier = {
  /** Begins whatever is due; resolves when all of it is begun. */
  look(): Promise<void>;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
  close(): Promise<void>;
};

/** What was missed is found within a minute. */
const LONGEST_WAIT = MINUTE;
const SHORTEST_WAIT = SECOND / 20;

export function openCourier(deps: DeliverDeps, log: Log): Courier {
  const { db, now } = deps;
  const closing = new AbortController();
  const running = new Map<number, Promise<void>>();
  let looking: Promise<void> | null = null;
  let isWanted = false;
  let timer: NodeJS.Timeout | undefined;

  const serve = async (id: number) => {
    try {
      for (;;) {
        const webhook = closing.signal.aborted ? null : await findWebhook(db, id);
        if (webhook === null || !webhook.enabled || (webhook.pausedUntil ?? 0) > now()) return;
        if ((await deliverSome(deps, webhook, closing.signal)) === 0) return;
      }
    } catch (error) {
      log.warn({ webhook: id, error: errorText(error) }, "a webhook could not be served");
    }
  };

  const begin = (id: number) => {
    if (running.has(id)) return;
    const turn = serve(id).finally(() => {
      running.delete(id);
      void plan();
    });
    running.set(id, turn);
  };

  /** Comes back when the next request is due. */
  const plan = async () => {
    if (closing.signal.aborted) return;
    const at = await nextDue(db).catch(() => null);
    clearTimeout(timer);
    if (closing.signal.aborted || at === null) return;
    const wait = Math.min(LONGEST_WAIT, Math.max(SHORTEST_WAIT, at - now()));
    timer = setTimeout(() => void look(), wait);
    timer.unref();
  };

  const lookOnce = async () => {
    try {
      await expandOutbox(db, now, closing.signal);
      if (closing.signal.aborted) return;
      for (const { id } of await listActive(db, now())) begin(id);
    } catch (error) {
      log.warn({ error: errorText(error) }, "events for webhooks could not be taken up");
    }
  };

  /** One look at a time, and one more when somebody asked meanwhile. */
  const look = (): Promise<void> => {
    isWanted = true;
    looking ??= (async () => {
      while (isWanted && !closing.signal.aborted) {
        isWanted = false;
        await lookOnce();
      }
      looking = null;
    })();
    return looking;
  };

  const idle = async () => {
    while (looking !== null || running.size > 0) await Promise.all([looking, ...running.values()]);
  };
  return {
    look,
    idle,
    close: async () => {
      closing.abort();
      clearTimeout(timer);
      await idle();
    },
  };
}
