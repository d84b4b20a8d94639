/** DNS records as they stand now, for checks that a person asked for: nothing is remembered, a new record shows at once. */
import { Resolver } from "node:dns/promises";

import { type Duration, SECOND } from "../../core/time.ts";
import { ask, canonical, type Records } from "./ask.ts";
import { createSlots } from "./lookup-cache.ts";

export type RecordResolver = {
  /** The strings of each record joined. */
  txt(name: string): Promise<Records<string>>;
  /** A null MX has an empty host. */
  mx(name: string): Promise<Records<{ host: string; preference: number }>>;
  a(name: string): Promise<Records<string>>;
  aaaa(name: string): Promise<Records<string>>;
  cname(name: string): Promise<Records<string>>;
};

type Options = {
  /** `1.2.3.4` or `1.2.3.4:5353`; null: those of the system. */
  readonly servers: readonly string[] | null;
  /** For one try of two. */
  readonly timeout: Duration;
};

/** Somebody waits for the answer. */
const DEFAULT_OPTIONS: Options = { servers: null, timeout: 3 * SECOND };
const TRIES = 2;
const AT_ONCE = 32;

export function createRecordResolver(options: Options = DEFAULT_OPTIONS): RecordResolver {
  const resolver = new Resolver({ timeout: options.timeout, tries: TRIES });
  if (options.servers) resolver.setServers(options.servers);
  const slots = createSlots(AT_ONCE);
  const query = <T>(run: () => Promise<T[]>) => slots.run(() => ask(run));
  return {
    txt: (name) => query(async () => (await resolver.resolveTxt(name)).map((strings) => strings.join(""))),
    mx: (name) =>
      query(async () =>
        (await resolver.resolveMx(name)).map(({ exchange, priority }) => ({
          host: canonical(exchange),
          preference: priority,
        })),
      ),
    a: (name) => query(() => resolver.resolve4(name)),
    aaaa: (name) => query(() => resolver.resolve6(name)),
    cname: (name) => query(async () => (await resolver.resolveCname(name)).map(canonical)),
  };
}
