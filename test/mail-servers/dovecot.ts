/**
 * Dovecot as an instance of its own in a temporary folder, on free loopback ports: takes messages by LMTP, shows them by IMAP. Every user
 * exists, with one password. The machine's own Dovecot and its configuration are not touched. Needs root, for its processes change
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
  readonly lmtpPort: number;
  /** What it wrote about itself. */
  log(): string;
  stop(): Promise<void>;
};

/** Why Dovecot cannot take part; null when it can. */
export function whyNoDovecot(): string | null {
  if (process.getuid?.() !== 0) return "Dovecot needs root";
  const missing = ["dovecot", "imap", "lmtp"].filter((name) => findProgram(name) === null);
  return missing.length > 0 ? `not installed of Dovecot: ${missing.join(", ")}` : null;
}

export async function startDovecot(dir: string): Promise<Dovecot> {
  for (const folder of ["run", "state", "mail"]) mkdirSync(join(dir, folder), { recursive: true });
  chmodSync(dir, 0o755);
  if (spawnSync("chown", ["mail:mail", join(dir, "mail")]).status !== 0) throw new Error("there is no user mail");
  const [imapPort, lmtpPort] = [await freePort(), await freePort()];
  const file = join(dir, "dovecot.conf");
  writeFileSync(file, configuration(dir, imapPort, lmtpPort));
  const child = spawn(needProgram("dovecot"), ["-F", "-c", file], { stdio: ["ignore", "ignore", "inherit"] });
  const log = () => readFileSync(join(dir, "dovecot.log"), "utf8");
  const ended = once(child, "exit").then(() => {
    throw new Error(`Dovecot has ended: ${log()}`);
  });
  await Promise.race([ended, Promise.all([untilOpen(imapPort), untilOpen(lmtpPort)])]);
  ended.catch(() => {});
  return {
    imapPort,
    lmtpPort,
    log,
    stop: async () => {
      if (child.exitCode !== null) return;
      child.kill("SIGTERM");
      await once(child, "exit");
    },
  };
}

function configuration(dir: string, imapPort: number, lmtpPort: number): string {
  return `
protocols = imap lmtp
listen = 127.0.0.1
base_dir = ${dir}/run
state_dir = ${dir}/state
log_path = ${dir}/dovecot.log
ssl = no
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
    port = ${imapPort}
  }
  inet_listener imaps {
    port = 0
  }
}
service lmtp {
  inet_listener lmtp {
    address = 127.0.0.1
    port = ${lmtpPort}
  }
}
`;
}
