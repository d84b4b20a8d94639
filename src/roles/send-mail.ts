/** Hands single mails over along the routes of all mail: by the relays, to the sandbox, or to the servers of their domain. */
import { createDns } from "../adapters/dns/create-dns.ts";
import type { SendMail } from "../features/inbound/index.ts";
import type { Config, Routes } from "../platform/config.ts";
import { probeMailbox } from "./archive-probe.ts";
import { dnsOptions } from "./dns-options.ts";

/** `sandboxRoutes`: null unless the transport is the sandbox and runs here. */
export function createMailer(config: Config, sandboxRoutes: Routes | null): SendMail {
  const deps = { config, sandboxRoutes, resolver: createDns(dnsOptions(config)) };
  return async ({ to, message }) => {
    const target = {
      kind: "smtp",
      address: to,
      server: null,
      tls: "opportunistic",
      connections: 1,
      ratePerMinute: null,
      returnPath: null,
    } as const;
    const { ok, detail } = await probeMailbox(deps, target, { from: "", message, name: "" });
    return { ok, detail };
  };
}
