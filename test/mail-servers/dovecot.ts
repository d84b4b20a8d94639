/**
 * Dovecot as an instance of its own in a temporary folder, on free loopback ports: takes messages by LMTP, shows them by IMAP and POP3,
 * with TLS by a certificate that nobody vouches for. Every user exists, with one password. The machine's own Dovecot and its configuration are not touched. Needs root, for its processes change
 * their user.
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { findProgram, freePort, needProgram, untilOpen } from "./programs.ts";

export const PASSWORD = "not-a-secret";

export type Dovecot = {
  readonly imapPort: number;
  /** STLS too. */
  readonly pop3Port: number;
  readonly pop3sPort: number;
  readonly lmtpPort: number;
  /** What it wrote about itself. */
  log(): string;
  stop(): Promise<void>;
};

/** Why Dovecot cannot take part; null when it can. */
export function whyNoDovecot(...protocols: ("imap" | "pop3")[]): string | null {
  if (process.getuid?.() !== 0) return "Dovecot needs root";
  const missing = ["dovecot", "lmtp", ...protocols].filter((name) => findProgram(name) === null);
  return missing.length > 0 ? `not installed of Dovecot: ${missing.join(", ")}` : null;
}

export async function startDovecot(dir: string): Promise<Dovecot> {
  for (const folder of ["run", "state", "mail"]) mkdirSync(join(dir, folder), { recursive: true });
  chmodSync(dir, 0o755);
  if (spawnSync("chown", ["mail:mail", join(dir, "mail")]).status !== 0) throw new Error("there is no user mail");
  const ports = { imap: await freePort(), lmtp: await freePort(), pop3: await freePort(), pop3s: await freePort() };
  const protocols = (["imap", "pop3"] as const).filter((name) => findProgram(name) !== null);
  const file = join(dir, "dovecot.conf");
  writeFileSync(file, configuration(dir, protocols, ports));
  const child = spawn(needProgram("dovecot"), ["-F", "-c", file], { stdio: ["ignore", "ignore", "inherit"] });
  const log = () => readFileSync(join(dir, "dovecot.log"), "utf8");
  const ended = once(child, "exit").then(() => {
    throw new Error(`Dovecot has ended: ${log()}`);
  });
  await Promise.race([ended, Promise.all([...protocols, "lmtp" as const].map((name) => untilOpen(ports[name])))]);
  ended.catch(() => {});
  return {
    imapPort: ports.imap,
    pop3Port: ports.pop3,
    pop3sPort: ports.pop3s,
    lmtpPort: ports.lmtp,
    log,
    stop: async () => {
      if (child.exitCode !== null) return;
      child.kill("SIGTERM");
      await once(child, "exit");
    },
  };
}

type Ports = Readonly<Record<"imap" | "lmtp" | "pop3" | "pop3s", number>>;

function configuration(dir: string, protocols: readonly string[], ports: Ports): string {
  const tls = join(import.meta.dirname, "../dialogues/tls");
  return `
protocols = lmtp ${protocols.join(" ")}
listen = 127.0.0.1
base_dir = ${dir}/run
state_dir = ${dir}/state
log_path = ${dir}/dovecot.log
ssl = yes
ssl_cert = <${tls}/cert.pem
ssl_key = <${tls}/key.pem
disable_plaintext_auth = no
mail_location = maildir:${dir}/mail/%u
first_valid_uid = 1
mail_fsync = never
passdb {
  driver = static
  args = password=${PASSWORD}
}
userdb {
  driver = static
  args = uid=mail gid=mail home=${dir}/mail/%u allow_all_users=yes
}
service imap-login {
  inet_listener imap {
    port = ${ports.imap}
  }
  inet_listener imaps {
    port = 0
  }
}
${protocols.includes("pop3") ? pop3Login(ports) : ""}
service lmtp {
  inet_listener lmtp {
    address = 127.0.0.1
    port = ${ports.lmtp}
  }
}
`;
}

function pop3Login({ pop3, pop3s }: Ports): string {
  return `
service pop3-login {
  inet_listener pop3 {
    port = ${pop3}
  }
  inet_listener pop3s {
    port = ${pop3s}
    ssl = yes
  }
}
`;
}
