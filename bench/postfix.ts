/**
 * Peer: Postfix with opendkim as an instance of its own in a temporary folder, on free loopback ports; the machine's own
 * Postfix and its configuration are not touched. Needs root, for Postfix's daemons change their user. Durable as it
 * comes: each message is written to the queue and synced before it is accepted.
 */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { delimiter, join } from "node:path";

import { routesTo, SENDER, type Signing } from "./campaign.ts";

export type Postfix = {
  readonly port: number;
  readonly version: string;
  /** Process ids of the roots of its process trees. */
  readonly roots: readonly number[];
  stop(): Promise<void>;
};

export type PostfixOptions = {
  readonly dir: string;
  /** Null: no opendkim. */
  readonly signing: Signing | null;
  /** Where the destinations listen. */
  readonly ports: readonly number[];
  /** Uses STARTTLS where it is offered. */
  readonly tls: boolean;
};

/** Why Postfix cannot take part; null when it can. */
export function whyNoPostfix(withDkim: boolean): string | null {
  if (process.getuid?.() !== 0) return "it needs root";
  const missing = ["postfix", "postconf", ...(withDkim ? ["opendkim"] : [])].filter((name) => find(name) === null);
  return missing.length > 0 ? `${missing.join(" and ")} not installed` : null;
}

export async function startPostfix({ dir, signing, ports, tls }: PostfixOptions): Promise<Postfix> {
  const conf = join(dir, "conf");
  for (const folder of [conf, join(dir, "queue"), join(dir, "state")]) mkdirSync(folder, { recursive: true });
  chmodSync(dir, 0o755);
  own(join(dir, "state"));
  const milter = signing && (await startOpendkim(dir, signing));
  try {
    const port = await freePort();
    writeFileSync(join(conf, "transport"), transportMap(ports));
    writeFileSync(join(conf, "main.cf"), mainCf(dir, milter?.port ?? null, tls));
    writeFileSync(join(conf, "master.cf"), masterCf(port));
    const started = spawnSync(need("postfix"), ["-c", conf, "start"], { encoding: "utf8" });
    if (started.status !== 0) throw new Error(`Postfix does not start: ${started.stderr}`);
    await untilOpen(port);
    const master = Number(readFileSync(join(dir, "queue", "pid", "master.pid"), "utf8"));
    return {
      port,
      version: spawnSync(need("postconf"), ["-dh", "mail_version"], { encoding: "utf8" }).stdout.trim(),
      roots: [master, ...(milter ? [milter.child.pid ?? 0] : [])],
      stop: () => stop(conf, milter?.child ?? null),
    };
  } catch (error) {
    await stop(conf, milter?.child ?? null);
    throw error;
  }
}

/** `postfix stop` waits until its daemons have ended, and fails harmlessly when none run. */
async function stop(conf: string, milter: ChildProcess | null): Promise<void> {
  spawnSync(need("postfix"), ["-c", conf, "stop"]);
  if (milter === null || milter.exitCode !== null) return;
  const exited = new Promise((resolve) => milter.once("exit", resolve));
  milter.kill("SIGTERM");
  await exited;
}

/** Limits that would hold up a sender of many messages from one address are off; processes are enough for its destinations. */
function mainCf(dir: string, milterPort: number | null, tls: boolean): string {
  const settings = {
    compatibility_level: "3.6",
    queue_directory: join(dir, "queue"),
    data_directory: join(dir, "state"),
    maillog_file: join(dir, "mail.log"),
    maillog_file_prefixes: dir,
    myhostname: "relay.shop.example",
    mydestination: "",
    local_recipient_maps: "",
    alias_maps: "",
    mynetworks: "127.0.0.0/8",
    inet_interfaces: "127.0.0.1",
    inet_protocols: "ipv4",
    transport_maps: `texthash:${join(dir, "conf", "transport")}`,
    smtp_tls_security_level: tls ? "may" : "none",
    smtpd_tls_security_level: "none",
    smtpd_peername_lookup: "no",
    smtpd_client_connection_count_limit: "0",
    default_process_limit: "200",
    in_flow_delay: "0",
    biff: "no",
    ...(milterPort === null
      ? {}
      : { smtpd_milters: `inet:127.0.0.1:${milterPort}`, milter_default_action: "tempfail", milter_protocol: "6" }),
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name} = ${value}\n`)
    .join("");
}

function transportMap(ports: readonly number[]): string {
  return Object.entries(routesTo(ports))
    .map(([domain, server]) => `${domain} smtp:[${server.split(":")[0]}]:${server.split(":")[1]}\n`)
    .join("");
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
    "error unix - - n - - error",
    "retry unix - - n - - error",
    "anvil unix - - n - 1 anvil",
    "scache unix - - n - 1 scache",
    "postlog unix-dgram n - n - 1 postlogd",
  ];
  return `${services.join("\n")}\n`;
}

async function startOpendkim(dir: string, signing: Signing): Promise<{ port: number; child: ChildProcess }> {
  const key = join(dir, "conf", "dkim.pem");
  writeFileSync(key, signing.privateKey, { mode: 0o600 });
  const port = await freePort();
  const settings = [
    "Syslog no",
    "Mode s",
    "Canonicalization relaxed/relaxed",
    "SignatureAlgorithm rsa-sha256",
    `Domain ${SENDER.address.split("@")[1]}`,
    `Selector ${signing.selector}`,
    `KeyFile ${key}`,
    // It will not read a key below a folder that everybody may write to, such as /tmp.
    "RequireSafeKeys no",
    `Socket inet:${port}@127.0.0.1`,
  ];
  writeFileSync(join(dir, "conf", "opendkim.conf"), `${settings.join("\n")}\n`);
  const child = spawn(need("opendkim"), ["-f", "-x", join(dir, "conf", "opendkim.conf")], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  await untilOpen(port);
  return { port, child };
}

/** The folder of Postfix's own state belongs to its user. */
function own(dir: string): void {
  const user = spawnSync(need("postconf"), ["-dh", "mail_owner"], { encoding: "utf8" }).stdout.trim();
  if (spawnSync("chown", [user, dir]).status !== 0) throw new Error(`${dir} cannot be given to ${user}`);
}

function find(name: string): string | null {
  const dirs = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"];
  return dirs.map((dir) => join(dir, name)).find((path) => existsSync(path)) ?? null;
}

function need(name: string): string {
  const path = find(name);
  if (path === null) throw new Error(`${name} is not installed`);
  return path;
}

function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}

async function untilOpen(port: number): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1");
      socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
      socket.once("connect", () => socket.destroy());
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`nothing listens on port ${port}`);
}
