/**
 * Roles that reach outside run as long as the installation is not held; when somebody holds or releases it, they end or begin, in this
 * process as in all others.
 */
import { loadInstallation } from "../features/installation/index.ts";
import { errorText } from "../platform/errors.ts";
import { INSTALLATION_CHANNEL } from "../platform/events.ts";
import type { Ground } from "./ground.ts";

type Closable = { close(): Promise<void> };

export type Outward = Closable & {
  /** At the start. */
  readonly isHeld: boolean;
};

const RETRY_MS = 1000;

/** `start` begins them all. Rejects when they cannot begin at the first time; later that is tried again. */
export async function openOutward(
  { db, log }: Pick<Ground, "db" | "log">,
  start: () => Promise<Closable>,
): Promise<Outward> {
  let running: Closable | null = null;
  let closed = false;
  let turn: Promise<void> = Promise.resolve();
  let retry: NodeJS.Timeout | undefined;

  const follow = async () => {
    const isHeld = (await loadInstallation(db)).held_at !== null;
    if (closed || isHeld === (running === null)) return;
    if (isHeld) {
      log.warn("the installation is held: nothing is sent from here");
      const ending = running;
      running = null;
      await ending?.close();
    } else {
      running = await start();
    }
  };
  const followLater = () => {
    turn = turn.then(follow).catch((error: unknown) => {
      log.error({ error: errorText(error) }, "roles could not follow the installation");
      clearTimeout(retry);
      if (!closed) retry = setTimeout(followLater, RETRY_MS).unref();
    });
  };
  const isHeld = (await loadInstallation(db)).held_at !== null;
  if (!isHeld) running = await start();
  const listener = await db.listen(INSTALLATION_CHANNEL, followLater).catch(async (error: unknown) => {
    await running?.close();
    throw error;
  });
  return {
    isHeld,
    close: async () => {
      closed = true;
      clearTimeout(retry);
      await listener.close();
      await turn;
      await running?.close();
    },
  };
}
