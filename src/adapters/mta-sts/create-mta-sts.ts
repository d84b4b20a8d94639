/**
 * MTA-STS (RFC 8461): what TLS a recipient domain asks for. A policy belongs to one domain and binds until it expires, whatever
 * happens to its TXT record or web server in the meantime. Nothing throws.
 */
import type { StsPolicy } from "../../core/smtp/tls-policy.ts";
import { DAY, type Duration, type Instant, MINUTE, SECOND } from "../../core/time.ts";
import type { Records } from "../dns/ask.ts";
import { createSlots, setBounded } from "../dns/lookup-cache.ts";
import { createFetchPolicy, FETCH_DEFAULTS, type FetchOptions, type FetchPolicy } from "./fetch-policy.ts";
import { parsePolicy, policyId } from "./parse-policy.ts";
import { MAX_POLICIES, type StoredPolicy, type StsStore } from "./sts-file.ts";

export { stsFile } from "./sts-file.ts";

export type MtaStsOptions = {
  readonly resolver: Pick<FetchOptions, "resolveAddresses"> & { txt(name: string): Promise<Records<string>> };
  readonly fetch?: FetchPolicy;
  /** Wall time: policies outlive processes. */
  readonly now: () => Instant;
  /** Absent: a restart forgets. */
  readonly store?: StsStore;
};

export type MtaSts = {
  /** `domain` is the recipient's, ASCII in lower case. Null: it asks for nothing. */
  policyFor(domain: string): Promise<StsPolicy | null>;
  /** Writes down what is new. */
  close(): Promise<void>;
};

const FETCHES_AT_ONCE = 32;
/** RFC 8461 §3.3: between two tries to fetch one version. */
const RETRY_AFTER: Duration = 5 * MINUTE;
/** RFC 8461 §10.2: a policy is fetched again long before it expires, so that nobody can wait for that moment. */
const REFRESH_AFTER: Duration = DAY;
/** A policy that holds for no time at all would be fetched for each message. */
const LEAST_AGE: Duration = 5 * MINUTE;
const SAVE_AFTER: Duration = 10 * SECOND;

export function createMtaSts({ resolver, now, store, ...options }: MtaStsOptions): MtaSts {
  const fetch = options.fetch ?? createFetchPolicy({ ...FETCH_DEFAULTS, resolveAddresses: resolver.resolveAddresses });
  const memory = createMemory(store, now);
  const refresh = createRefresh(fetch, memory, now);

  return {
    policyFor: async (domain) => {
      await memory.loaded;
      const txt = await resolver.txt(`_mta-sts.${domain}`);
      const id = txt.kind === "records" ? policyId(txt.records) : null;
      const known = memory.get(domain);
      if (id !== null && known?.id !== id) await refresh(domain, id);
      // In the background: the one at hand is good.
      else if (id !== null && known && isDue(known, now())) void refresh(domain, id);
      return toPolicy(memory.get(domain));
    },
    close: () => memory.close(),
  };
}

/** Fetches a version once for all who want it; one that failed lately is left alone. */
function createRefresh(fetch: FetchPolicy, memory: Memory, now: () => Instant) {
  const slots = createSlots(FETCHES_AT_ONCE);
  const underWay = new Map<string, Promise<void>>();
  const failures = new Map<string, { readonly id: string; readonly until: Instant }>();

  const fetchOnce = async (domain: string, id: string): Promise<void> => {
    const fetched = await slots.run(() => fetch(domain));
    const parsed = fetched.kind === "text" ? parsePolicy(fetched.text) : fetched;
    if (parsed.kind !== "policy") {
      setBounded(failures, domain, { id, until: now() + RETRY_AFTER }, MAX_POLICIES);
      return;
    }
    const { mode, mx, maxAge } = parsed.policy;
    memory.remember({ domain, id, mode, mx: [...mx], fetchedAt: now(), expires: now() + Math.max(maxAge, LEAST_AGE) });
  };
  return (domain: string, id: string): Promise<void> => {
    const failure = failures.get(domain);
    if (failure && failure.id === id && failure.until > now()) return Promise.resolve();
    const key = `${domain} ${id}`;
    const joined = underWay.get(key) ?? fetchOnce(domain, id).finally(() => underWay.delete(key));
    underWay.set(key, joined);
    return joined;
  };
}

function isDue({ fetchedAt, expires }: StoredPolicy, now: Instant): boolean {
  return now - fetchedAt >= Math.min(REFRESH_AFTER, (expires - fetchedAt) / 2);
}

function toPolicy(stored: StoredPolicy | null): StsPolicy | null {
  if (!stored || stored.mode === "none") return null;
  const { mode, mx, expires, id } = stored;
  return { mode, mx, expires, id };
}

type Memory = {
  readonly loaded: Promise<void>;
  /** Null: none, or expired. */
  get(domain: string): StoredPolicy | null;
  remember(policy: StoredPolicy): void;
  close(): Promise<void>;
};

function createMemory(store: StsStore | undefined, now: () => Instant): Memory {
  const policies = new Map<string, StoredPolicy>();
  let saving: NodeJS.Timeout | null = null;
  const get = (domain: string) => {
    const policy = policies.get(domain);
    return policy && policy.expires > now() ? policy : null;
  };
  const save = async () => {
    if (saving) clearTimeout(saving);
    saving = null;
    await store?.save([...policies.values()], now());
  };
  const load = async () => {
    for (const policy of (await store?.load()) ?? []) setBounded(policies, policy.domain, policy, MAX_POLICIES);
  };
  return {
    loaded: load(),
    get,
    remember: (policy) => {
      setBounded(policies, policy.domain, policy, MAX_POLICIES);
      saving ??= setTimeout(() => void save(), SAVE_AFTER).unref();
    },
    close: async () => {
      if (saving) await save();
    },
  };
}
