/** The inbound role: takes mail for the bounce domain by SMTP and stores it. What it does is the worker's business. */
import { readFileSync } from "node:fs";
import { hostname } from "node:os";

import { startListener, type Listener } from "../adapters/smtp-listener/smtp-listener.ts";
import { readTag } from "../core/tracking/token.ts";
import { isOurRecipient, MAIL_LIMIT, storeMails } from "../features/inbound/index.ts";
import { loadTokenKeys } from "../features/secrets/index.ts";
import { loadSettings } from "../features/settings/index.ts";
import { appError, errorText } from "../platform/errors.ts";
import type { Ground } from "./ground.ts";

/** Null: the configuration names no address. */
export async function startInbound({ db, config, log, masterKey }: Ground): Promise<Listener | null> {
  if (config.inbound === null) return null;
  const { host, port } = config.inbound;
  const listener = await startListener({
    host,
    port,
    name: config.heloName ?? hostname(),
    tls: readCertificate(config.inboundTls),
    maxBytes: MAIL_LIMIT,
    isRecipient: async (address) => {
      const settings = await loadSettings(db);
      return isOurRecipient(address, settings, async (tag) => readTag(await loadTokenKeys(db, masterKey), tag));
    },
    store: async ({ remote, returnPath, recipients, raw }) => {
      const mail = { remote, returnPath, raw, source: "smtp", mailbox: null } as const;
      const mails = recipients.map((recipient) => ({ ...mail, recipient }));
      await storeMails(db, mails, Date.now());
    },
    onError: (error) => log.error({ error: errorText(error) }, "inbound mail could not be taken"),
  });
  log.info({ host, port: listener.port }, "mail for the bounce domain is taken");
  return listener;
}

function readCertificate(files: Ground["config"]["inboundTls"]): { cert: string; key: string } | null {
  if (files === null) return null;
  try {
    return { cert: readFileSync(files.cert, "utf8"), key: readFileSync(files.key, "utf8") };
  } catch (error) {
    throw appError("config-invalid", { problems: `ENVOI_INBOUND_TLS: ${errorText(error)}` });
  }
}
