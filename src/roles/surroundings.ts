/** What alerts are about and no database knows: the disk, certificates, DNS. */
import { X509Certificate } from "node:crypto";
import { readFile, statfs } from "node:fs/promises";

import type { Surroundings } from "../features/alerts/index.ts";
import { listDomains } from "../features/domains/index.ts";
import type { Config } from "../platform/config.ts";
import type { Db } from "../platform/db.ts";
import { createDomainChecks } from "./domain-checks.ts";

/** Of more domains some are looked at. */
const DOMAINS = 50;

export function openSurroundings(config: Config, db: Db): Surroundings {
  const checkDns = createDomainChecks(config, db);
  return {
    freeBytes: async () => {
      const { bavail, bsize } = await statfs(config.dataDir);
      return bavail * bsize;
    },
    certificate: async () => {
      if (config.inboundTls === null) return null;
      const certificate = new X509Certificate(await readFile(config.inboundTls.cert));
      const name = certificate.subject?.replace(/^CN=/, "") ?? "";
      return { name, validUntil: Date.parse(certificate.validTo) };
    },
    dnsErrors: async () => {
      // Nothing leaves for the domains of the sandbox.
      if (config.transport === "sandbox") return [];
      const domains = await listDomains(db, "", DOMAINS);
      const checked = await Promise.all(
        domains.map(async ({ name }) => {
          const checks = (await checkDns(name)).filter(({ status }) => status === "error");
          return checks.map(({ id, detail }) => ({ domain: name, check: id, detail }));
        }),
      );
      return checked.flat();
    },
  };
}
