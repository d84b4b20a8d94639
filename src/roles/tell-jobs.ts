/** What the worker tells the outside: events to webhooks, alerts and other mails to the people who run Envoi, mails of services. */
import { codec } from "../adapters/charset/codec.ts";
import { readSigningKey, sha256Base64, sign } from "../adapters/crypto/crypto.ts";
import { createWebhookPost } from "../adapters/webhook-post/post.ts";
import { MINUTE } from "../core/time.ts";
import { type Surroundings, watchAlerts } from "../features/alerts/index.ts";
import { createTemplateMessages } from "../features/messages/index.ts";
import { type NoticeDeps, sendNotices } from "../features/notices/index.ts";
import { sendServiceMails, SERVICE_MAIL_CHANNEL } from "../features/services/index.ts";
import { openCourier } from "../features/webhooks/index.ts";
import type { Listener } from "../platform/db.ts";
import { errorText } from "../platform/errors.ts";
import { NOTICE_CHANNEL } from "../platform/events.ts";
import { WEBHOOK_CHANNEL } from "../platform/outbox.ts";
import type { Ground } from "./ground.ts";
import { version } from "./version.ts";

/** Every so many minutes what is costly to find out is looked at too. */
const THOROUGH_EVERY = 10;

export type TellJobs = {
  /** Begins all that is due. */
  look(): Promise<void>;
  /** From now on each fact is told when it is there; what is missed is found within a minute. */
  listen(): Promise<void>;
  close(): Promise<void>;
};

export type TellGround = Pick<Ground, "db" | "log" | "masterKey"> & {
  readonly config: Pick<Ground["config"], "webhookHosts">;
};

export function openTellJobs(
  { db, log, masterKey, config }: TellGround,
  publicUrl: string,
  sendMail: NoticeDeps["sendMail"],
  around: Surroundings,
): TellJobs {
  const deps = { db, masterKey, now: Date.now, random: Math.random, version: version() };
  const courier = openCourier({ ...deps, post: createWebhookPost(), allowed: config.webhookHosts }, log);
  const closing = new AbortController();
  const listeners: Listener[] = [];
  const messages = createTemplateMessages({ db, now: Date.now, publicUrl, codec });
  let sending: Promise<unknown> | null = null;
  let making: Promise<unknown> | null = null;
  let isAskedAgain = false;
  const serve = () => {
    if (closing.signal.aborted) return;
    isAskedAgain = making !== null;
    const failed = (error: unknown) => log.warn({ error: errorText(error) }, "mails of services could not be made");
    making ??= sendServiceMails({ db, now: Date.now, messages }, closing.signal)
      .catch(failed)
      .finally(() => {
        making = null;
        if (isAskedAgain) serve();
      });
  };
  const mail = () => {
    if (closing.signal.aborted) return;
    const failed = (error: unknown) => log.warn({ error: errorText(error) }, "notices could not be sent");
    const signing = { masterKey, readKey: readSigningKey, sha256Base64, sign };
    sending ??= sendNotices({ db, now: Date.now, signing, sendMail }, closing.signal)
      .catch(failed)
      .finally(() => (sending = null));
  };
  return {
    look: async () => {
      const now = Date.now();
      const isThorough = Math.floor(now / MINUTE) % THOROUGH_EVERY === 0;
      await watchAlerts({ db, log, around, publicUrl }, now, isThorough);
      mail();
      serve();
      await courier.look();
    },
    listen: async () => {
      listeners.push(await db.listen(NOTICE_CHANNEL, mail));
      listeners.push(await db.listen(SERVICE_MAIL_CHANNEL, serve));
      listeners.push(await db.listen(WEBHOOK_CHANNEL, () => void courier.look()));
    },
    close: async () => {
      closing.abort();
      for (const listener of listeners) await listener.close();
      await courier.close();
      await sending;
      await making;
    },
  };
}
