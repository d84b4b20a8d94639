/** `envoi doctor`: what on this machine would keep mail from going out, each finding with what to do. */
import { resolve4, reverse } from "node:dns/promises";
import { statfs } from "node:fs/promises";
import { connect } from "node:net";
import { hostname } from "node:os";

import type { DnsCheck } from "../contract/index.ts";
import { listDomains } from "../features/domains/index.ts";
import type { Config } from "../platform/config.ts";
import { errorCode, errorText } from "../platform/errors.ts";
import { checkArchives } from "./doctor-archives.ts";
import { checkDatabase } from "./doctor-database.ts";
import { checkMailboxes } from "./doctor-mailboxes.ts";
import { checkInstallation, checkJournals, checkRetention, checkWebhooks } from "./doctor-running.ts";
import { checkSources } from "./doctor-sources.ts";
import { createDomainChecks } from "./domain-checks.ts";
import type { Finding } from "./finding.ts";
import { openGround, type Ground } from "./ground.ts";

const LOW_DISK_BYTES = 2 * 1024 ** 3;
const FULL_DISK_BYTES = 200 * 1024 ** 2;
const PROBE_MS = 5000;
const DOMAINS_AT_ONCE = 20;
/** A host that answers on port 25 from anywhere, unless the network forbids outgoing port 25. */
const PORT_25_PROBE = "gmail-smtp-in.l.google.com";

export async function diagnose(config: Config): Promise<Finding[]> {
  const findings: Finding[] = [];
  try {
    const ground = await openGround(config);
    for (const [name, check] of Object.entries(CHECKS)) {
      // What one cannot find out must not hide what the others do.
      const found = await check(ground).catch((error: unknown): Finding[] => [
        { check: name, level: "error", detail: errorText(error), advice: "the check itself failed" },
      ]);
      findings.push(...found);
    }
    await ground.close();
  } catch (error) {
    findings.push({ check: "database", level: "error", detail: errorText(error) });
  }
  findings.push(await checkDisk(config.dataDir), checkTransport(config));
  if (config.transport === "direct") findings.push(await checkPort25(), await checkReverseName(config));
  return findings;
}

const CHECKS: Readonly<Record<string, (ground: Ground) => Promise<Finding[]>>> = {
  database: checkDatabase,
  installation: checkInstallation,
  journals: checkJournals,
  domains: checkDomains,
  archives: checkArchives,
  sources: checkSources,
  mailboxes: checkMailboxes,
  webhooks: checkWebhooks,
  retention: (ground) => checkRetention(ground, Date.now()),
};

async function checkDisk(dir: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(dir);
  const free = bavail * bsize;
  const detail = `${(free / 1024 ** 3).toFixed(1)} GB free in ${dir}`;
  if (free >= LOW_DISK_BYTES) return { check: "disk", level: "ok", detail };
  const advice = "free some room: without it senders and database stop. Shorter retention lets the log shrink";
  return { check: "disk", level: free < FULL_DISK_BYTES ? "error" : "warning", detail, advice };
}

function checkTransport({ transport, relays, relayProfile }: Config): Finding {
  const servers = relays.map(({ host, port, weight }) => `${host}:${port}${weight === 1 ? "" : ` (${weight})`}`);
  const detail = {
    sandbox: "sandbox: nothing leaves this machine; set ENVOI_TRANSPORT to relay or direct to send for real",
    relay: `relay ${servers.join(", ")}, ${relayProfile}`,
    direct: "direct: mail goes to the recipients' servers",
  }[transport];
  return { check: "transport", level: "ok", detail };
}

function checkPort25(): Promise<Finding> {
  return new Promise((resolve) => {
    const socket = connect({ host: PORT_25_PROBE, port: 25, timeout: PROBE_MS });
    const done = (level: Finding["level"], detail: string) => {
      socket.destroy();
      resolve({ check: "port 25", level, detail });
    };
    socket.once("data", () => done("ok", "outgoing connections work"));
    socket.once("timeout", () =>
      done("error", "no answer: the provider of this network probably blocks outgoing port 25"),
    );
    socket.once("error", (error) => done("error", `${errorText(error)}: outgoing port 25 seems to be blocked`));
  });
}

async function checkReverseName({ heloName }: Config): Promise<Finding> {
  const name = heloName ?? hostname();
  try {
    const addresses = await resolve4(name);
    for (const address of addresses) {
      if ((await reverse(address)).includes(name))
        return { check: "PTR", level: "ok", detail: `${name} and ${address} name each other` };
    }
    return {
      check: "PTR",
      level: "error",
      detail: `no address of ${name} points back to it; set the reverse name at your provider`,
    };
  } catch (error) {
    return {
      check: "PTR",
      level: "warning",
      detail: `${name}: ${errorCode(error) || errorText(error)}; set ENVOI_HELO to this server's public name`,
    };
  }
}

/** What a domain's checks say about the installation is said once. */
async function checkDomains({ db, config }: Ground): Promise<Finding[]> {
  const checkDns = createDomainChecks(config, db);
  const findings = new Map<string, Finding>();
  for (let page = await listDomains(db, "", DOMAINS_AT_ONCE); page.length > 0; ) {
    const sending = page.filter(({ keys }) => keys.some((key) => key.state === "active"));
    const checks = await Promise.all(sending.map(({ name }) => checkDns(name)));
    for (const check of checks.flat()) {
      const finding = toFinding(check);
      findings.set(JSON.stringify(finding), finding);
    }
    page = await listDomains(db, page.at(-1)?.name ?? "", DOMAINS_AT_ONCE);
  }
  return [...findings.values()];
}

function toFinding({ id, name, status, found, detail }: DnsCheck): Finding {
  // Not to know is no error of the operator, but nothing to rely on either.
  const level = status === "unknown" ? "warning" : status;
  return { check: `${id} ${name}`.trim(), level, detail: status === "ok" ? detail : `${found}. ${detail}` };
}
