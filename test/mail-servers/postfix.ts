/**
 * Postfix as a mail server: an instance of its own in a temporary folder, on a free loopback port, that hands what it takes for one
 * domain on by LMTP, and what it takes for others to a server behind it, about which it reports by mail as Postfix does. The machine's own Postfix and its configuration are not touched. Needs root, for its daemons change
 * their user.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { findProgram, freePort, needProgram, untilOpen } from "./programs.ts";

export type Postfix = {
  readonly port: number;
  /** What it wrote about itself. */
  log(): string;
  stop(): void;
};

/** Why Postfix cannot take part; null when it can. */
export function whyNoPostfix(): string | null {
  if (process.getuid?.() !== 0) return "Postfix needs root";
  const missing = ["postfix", "postconf"].filter((name) => findProgram(name) === null);
  return missing.length > 0 ? `not installed of Postfix: ${missing.join(", ")}` : null;
}

export type PostfixOptions = {
  readonly dir: string;
  readonly domain: string;
  readonly lmtpPort: number;
  /** Server to which mail for all other domains is handed on; without one it is not taken. */
  readonly behindPort?: number;
};

export async function startPostfix({ dir, domain, lmtpPort, behindPort }: PostfixOptions): Promise<Postfix> {
  const conf = join(dir, "conf");
  for (const folder of [conf, join(dir, "queue"), join(dir, "state")]) mkdirSync(folder, { recursive: true });
  chmodSync(dir, 0o755);
  const owner = spawnSync(needProgram("postconf"), ["-dh", "mail_owner"], { encoding: "utf8" }).stdout.trim();
  if (spawnSync("chown", [owner, join(dir, "state")]).status !== 0) throw new Error(`there is no user ${owner}`);
  const port = await freePort();
  writeFileSync(
    join(conf, "main.cf"),
    mainCf(dir, domain, lmtpPort) + (behindPort === undefined ? "" : behindCf(behindPort)),
  );
  writeFileSync(join(conf, "master.cf"), masterCf(port));
  const started = spawnSync(needProgram("postfix"), ["-c", conf, "start"], { encoding: "utf8" });
  if (started.status !== 0) throw new Error(`Postfix does not start: ${started.stderr}`);
  await untilOpen(port);
  const logFile = join(dir, "mail.log");
  return {
    port,
    log: () => (existsSync(logFile) ? readFileSync(logFile, "utf8") : ""),
    stop: () => void spawnSync(needProgram("postfix"), ["-c", conf, "stop"]),
  };
}

function mainCf(dir: string, domain: string, lmtpPort: number): string {
  const settings = {
    compatibility_level: "3.6",
    queue_directory: join(dir, "queue"),
    data_directory: join(dir, "state"),
    maillog_file: join(dir, "mail.log"),
    maillog_file_prefixes: dir,
    myhostname: `mx.${domain}`,
    mydestination: "",
    local_recipient_maps: "",
    alias_maps: "",
    mynetworks: "127.0.0.0/8",
    inet_interfaces: "127.0.0.1",
    inet_protocols: "ipv4",
    virtual_mailbox_domains: domain,
    virtual_mailbox_maps: "static:all",
    virtual_transport: `lmtp:inet:127.0.0.1:${lmtpPort}`,
    smtpd_tls_security_level: "none",
    smtpd_peername_lookup: "no",
    biff: "no",
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name} = ${value}\n`)
    .join("");
}

/** Tries again, and warns, after a second. */
function behindCf(port: number): string {
  return `
relayhost = [127.0.0.1]:${port}
smtp_tls_security_level = none
smtp_host_lookup = native
delay_warning_time = 1s
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 2s
smtp_destination_concurrency_failed_cohort_limit = 0
`;
}

function masterCf(port: number): string {
  const services = [
    `127.0.0.1:${port} inet n - n - - smtpd`,
    "cleanup unix n - n - 0 cleanup",
    "qmgr unix n - n 300 1 qmgr",
    "rewrite unix - - n - - trivial-rewrite",
    "bounce unix - - n - 0 bounce",
    "defer unix - - n - 0 bounce",
    "trace unix - - n - 0 bounce",
    "flush unix n - n 1000? 0 flush",
    "proxymap unix - - n - - proxymap",
    "smtp unix - - n - - smtp",
    "lmtp unix - - n - - lmtp",
    "error unix - - n - - error",
    "retry unix - - n - - error",
    "anvil unix - - n - 1 anvil",
    "postlog unix-dgram n - n - 1 postlogd",
  ];
  return `${services.join("\n")}\n`;
}
