/** What the worker does with mail that came in: its deps put together, and the jobs. */
import { fileURLToPath } from "node:url";

import { openMailbox } from "../adapters/mailbox-poll/open-mailbox.ts";
import { renewToken } from "../adapters/mailbox-poll/renew-token.ts";
import { readTag } from "../core/tracking/token.ts";
import { loadRuleSet } from "../features/bounces/index.ts";
import {
  forwardMails,
  type InboundDeps,
  isOurRecipient,
  processWaiting,
  type SendMail,
} from "../features/inbound/index.ts";
import { openPolling } from "../features/mailboxes/index.ts";
import { openRuleBook } from "../features/reply-texts/index.ts";
import { loadTokenKeys } from "../features/secrets/index.ts";
import { loadSettings } from "../features/settings/index.ts";
import { startTracker } from "../features/tracking/index.ts";
import type { Db } from "../platform/db.ts";
import { errorText } from "../platform/errors.ts";
import { INBOUND_CHANNEL, MAILBOX_CHANNEL, SHAPING_CHANNEL } from "../platform/events.ts";
import type { Ground } from "./ground.ts";

const BOUNCE_RULES = fileURLToPath(new URL("../../rules/bounces", import.meta.url));

export type InboundJobs = {
  /** Everything that waits, and copies that are owed; mailboxes that are due begin to be looked into. */
  process(signal?: AbortSignal): Promise<void>;
  /** From now on each mail that comes in asks for the job, and mailboxes are looked into when somebody asks. */
  listen(): Promise<void>;
  close(): Promise<void>;
};

type JobGround = Pick<Ground, "db" | "log" | "masterKey"> & { readonly config: Pick<Ground["config"], "dataDir"> };

export async function openInboundJobs(
  { db, log, masterKey, config }: JobGround,
  publicUrl: string,
  sendMail: SendMail,
): Promise<InboundJobs> {
  const ruleBook = await openRuleBook(db, await loadRuleSet(BOUNCE_RULES));
  const onLost = (error: unknown) => log.warn({ error: errorText(error) }, "bounce rules could not be read again");
  const ruleChanges = await db.listen(SHAPING_CHANNEL, () => void ruleBook.refresh().catch(onLost));
  const tracker = await startTracker({
    db,
    log,
    now: Date.now,
    dataDir: config.dataDir,
    publicUrl,
    keys: await loadTokenKeys(db, masterKey),
    reloadKeys: () => loadTokenKeys(db, masterKey),
  });
  const deps: InboundDeps = {
    db,
    now: Date.now,
    tracker,
    get bounceRules() {
      return ruleBook.current();
    },
  };
  const knowOurs = async () => {
    const [settings, keys] = await Promise.all([loadSettings(db), loadTokenKeys(db, masterKey)]);
    return (address: string) => isOurRecipient(address, settings, (tag) => Promise.resolve(readTag(keys, tag)));
  };
  const polling = openPolling(
    {
      db,
      masterKey,
      now: Date.now,
      openMailbox,
      renewToken,
      knowOurs,
      processWaiting: (signal) => processWaiting(deps, log, signal),
    },
    log,
  );
  const listeners: { close(): Promise<void> }[] = [];
  return {
    process: async (signal) => {
      await polling.look();
      await processWaiting(deps, log, signal);
      await forwardMails({ db, now: Date.now, sendMail }, signal);
    },
    listen: async () => {
      // What is missed here is found within a minute.
      listeners.push(
        await db.listen(
          INBOUND_CHANNEL,
          createAsker(() => enqueueInbound(db)),
        ),
      );
      listeners.push(await db.listen(MAILBOX_CHANNEL, () => void polling.look()));
    },
    close: async () => {
      for (const listener of listeners) await listener.close();
      await polling.close();
      await ruleChanges.close();
      await tracker.close();
    },
  };
}

/** However often it is called: one question at a time, and one more when it was called meanwhile. */
function createAsker(ask: () => Promise<void>): () => void {
  let isAsking = false;
  let isWanted = false;
  const askOn = async () => {
    isAsking = true;
    while (isWanted) {
      isWanted = false;
      await ask().catch(() => {});
    }
    isAsking = false;
  };
  return () => {
    isWanted = true;
    if (!isAsking) void askOn();
  };
}

/** One at a time; another one, when it is asked for while one runs. */
async function enqueueInbound(db: Db): Promise<void> {
  await db.query("select graphile_worker.add_job('process-inbound', job_key := 'process-inbound', max_attempts := 1)");
}
