/** What this machine signs with RSA-2048 when it does nothing else: `openssl speed` on all cores. */
import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";

const OPENSSL = "openssl";
const SECONDS = 3;

/** Signatures a second of all cores together; null where openssl cannot tell. */
export function rsaSignaturesPerSecond(): number | null {
  const cores = String(availableParallelism());
  const args = ["speed", "-multi", cores, "-seconds", String(SECONDS), "rsa2048"];
  const { stdout, status } = spawnSync(OPENSSL, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  if (status !== 0) return null;
  // "rsa 2048 bits 0.000129s 0.000008s   7753.2 123456.7": seconds of one signature and verification, then how many a second.
  const match = /^rsa\s+2048 bits\s+[\d.]+s\s+[\d.]+s\s+([\d.]+)/m.exec(stdout);
  return match ? Number(match[1]) : null;
}
