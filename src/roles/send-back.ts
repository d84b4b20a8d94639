/**
 * The way back from the sandbox internet: its bounces and answers go to our own listener by SMTP, as those of real servers do. What is
 * asked to come again does, for some minutes.
 */
import { createDns } from "../adapters/dns/create-dns.ts";
import { parseAddress } from "../core/address/parse-address.ts";
import { type Duration, type Instant, SECOND } from "../core/time.ts";
import type { Config } from "../platform/config.ts";
import type { Log } from "../platform/log.ts";
import type { LaterReport } from "../sandbox/index.ts";
import { probeMailbox } from "./archive-probe.ts";
import { dnsOptions } from "./dns-options.ts";

export type Door = { readonly host: string; readonly port: number };

const TRIES = 20;
const PAUSE: Duration = 15 * SECOND;

type Options = {
  readonly config: Config;
  readonly log: Log;
  readonly door: Door;
  readonly now: () => Instant;
  /** Takes what is to be sent at its `dueAt`. */
  readonly again: (report: LaterReport) => void;
};

/** Rejects for no mail. */
export function createSendBack({ config, log, door, now, again }: Options): (report: LaterReport) => Promise<void> {
  const deps = { config, sandboxRoutes: null, resolver: createDns(dnsOptions(config)) };
  const server = { ...door, implicitTls: false, user: null, password: null };
  const target = { kind: "smtp", server, tls: "none", connections: 1, ratePerMinute: null, returnPath: null } as const;
  return async (report) => {
    const address = parseAddress(report.rcptTo);
    if (address.kind !== "valid") return;
    const message = Buffer.from(report.raw).toString("latin1");
    const { ok, detail } = await probeMailbox(
      deps,
      { ...target, address },
      { from: report.mailFrom, message, name: "" },
    );
    if (ok) return;
    const tries = (report.tries ?? 0) + 1;
    if (!/^5\d\d/.test(detail) && tries < TRIES) return again({ ...report, dueAt: now() + PAUSE, tries });
    log.warn({ to: report.rcptTo, kind: report.kind, detail }, "a mail of the sandbox was not taken");
  };
}
