/**
 * Policies on disk: after a restart they bind at once, also while somebody keeps us from fetching them (RFC 8461 §10.2).
 * Several senders share the file; what each writes is joined with what is there. It is a memory, no record: a line that cannot
 * be read costs one fetch.
 */
import { readFile, rename, writeFile } from "node:fs/promises";

import { z } from "zod";

import type { Instant } from "../../core/time.ts";
import { errorCode, errorText } from "../../platform/errors.ts";

/** In memory and on disk. */
export const MAX_POLICIES = 20_000;

const storedSchema = z.object({
  domain: z.string().max(253),
  id: z.string().max(32),
  mode: z.enum(["enforce", "testing", "none"]),
  mx: z.array(z.string().max(255)).max(100),
  /** Milliseconds since 1970. */
  fetchedAt: z.number(),
  expires: z.number(),
});
export type StoredPolicy = Readonly<z.infer<typeof storedSchema>>;

export type StsStore = {
  load(): Promise<readonly StoredPolicy[]>;
  /** Those that have expired by `now` go. */
  save(policies: readonly StoredPolicy[], now: Instant): Promise<void>;
};

/** `warn`: hears what went wrong with the file; mail goes on without it. */
export function stsFile(path: string, warn: (text: string) => void = () => {}): StsStore {
  const load = async () => {
    try {
      const lines: unknown = JSON.parse(await readFile(path, "utf8"));
      return Array.isArray(lines) ? lines.flatMap((line) => storedSchema.safeParse(line).data ?? []) : [];
    } catch (error) {
      if (errorCode(error) !== "ENOENT") warn(`${path} cannot be read: ${errorText(error)}`);
      return [];
    }
  };
  return {
    load,
    save: async (policies, now) => {
      const joined = new Map((await load()).map((policy) => [policy.domain, policy]));
      for (const policy of policies) {
        if (policy.fetchedAt >= (joined.get(policy.domain)?.fetchedAt ?? -Infinity)) joined.set(policy.domain, policy);
      }
      const kept = [...joined.values()].filter(({ expires }) => expires > now).slice(-MAX_POLICIES);
      try {
        await writeFile(`${path}.${process.pid}`, JSON.stringify(kept), { mode: 0o600 });
        await rename(`${path}.${process.pid}`, path);
      } catch (error) {
        warn(`${path} cannot be written: ${errorText(error)}`);
      }
    },
  };
}
