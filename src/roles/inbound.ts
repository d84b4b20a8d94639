/** The inbound role: takes mail for the bounce domain by SMTP and stores it. What it does is the worker's business. */
import { readFileSync } from "node:fs";
import { hostname } from "node:os";

import { startListener } from "../adapters/smtp-listener/smtp-listener.ts";
import { MAIL_LIMIT, openMailDesk } from "../features/inbound/index.ts";
import { appError, errorText } from "../platform/errors.ts";
import type { Ground } from "./ground.ts";
import { createRecipientCheck } from "./inbound-recipients.ts";

export type Inbound = {
  /** Where this machine reaches it. */
  readonly host: string;
  readonly port: number;
  close(): Promise<void>;
};

/**
 * Null: the configuration names no address. With a sandbox internet in this process it then listens for that one, at a port that only
 * this machine reaches, and takes everything: whatever the sender addresses are, their mail server is ours there.
 */
export async function startInbound(
  { db, config, log, masterKey }: Ground,
  hasSandbox: boolean,
): Promise<Inbound | null> {
  const isOpen = config.inbound === null;
  if (isOpen && !hasSandbox) return null;
  const { host, port } = config.inbound ?? { host: "127.0.0.1", port: 0 };
  const isRecipient = createRecipientCheck({ db, masterKey });
  const desk = openMailDesk(db, Date.now);
  const listener = await startListener({
    host,
    port,
    name: config.heloName ?? hostname(),
    tls: readCertificate(config.inboundTls),
    maxBytes: MAIL_LIMIT,
    isRecipient: async (address) => isOpen || isRecipient(address),
    store: ({ remote, returnPath, recipients, raw }) => {
      const mail = { remote, returnPath, raw, source: "smtp", mailbox: null } as const;
      return desk.store(recipients.map((recipient) => ({ ...mail, recipient })));
    },
    onError: (error) => log.error({ error: errorText(error) }, "inbound mail could not be taken"),
  });
  // Of a port of its own nobody outside needs to know.
  log[isOpen ? "debug" : "info"]({ host, port: listener.port }, "mail for the bounce domain is taken");
  return { ...listener, host: LOOPBACK[host] ?? host };
}

/** Of a listener at all addresses. */
const LOOPBACK: Readonly<Record<string, string | undefined>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };

function readCertificate(files: Ground["config"]["inboundTls"]): { cert: string; key: string } | null {
  if (files === null) return null;
  try {
    return { cert: readFileSync(files.cert, "utf8"), key: readFileSync(files.key, "utf8") };
  } catch (error) {
    throw appError("config-invalid", { problems: `ENVOI_INBOUND_TLS: ${errorText(error)}` });
  }
}
