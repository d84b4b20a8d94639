/** A world for database tests of plans: one large provider with few messages an hour, and everybody else. */
import { settingsSchema } from "../src/contract/index.ts";
import type { MxRule, ShapingFiles } from "../src/core/shaping/rule.ts";
import { beginAnalysis, runAnalysis } from "../src/features/analysis/index.ts";
import type { PlanDeps } from "../src/features/plans/index.ts";
import type { Db } from "../src/platform/db.ts";
import { CONTENT_DEPS, importCsv, seedDelivery } from "./seed-delivery.ts";

export const mxRule = (name: string, mx: string[], changes: Partial<MxRule> = {}): MxRule => ({
  name,
  origin: "shipped",
  mx,
  sources: null,
  countedPer: "site",
  isShared: false,
  connections: { min: 1, max: 10 },
  messagesPerConnection: 100,
  messagesPerHour: null,
  connectionsPerMinute: null,
  timeouts: { connect: null, data: null, other: null },
  tls: "opportunistic",
  ...changes,
});
export const PLAN_FILES: Pick<ShapingFiles, "providers" | "rules"> = {
  providers: [{ name: "big", label: "Big", mx: ["*.big.example"], warmUp: [2, 4, 8] }],
  rules: [
    mxRule("big", ["*.big.example"], { messagesPerHour: { min: 1, max: 10 } }),
    mxRule("default", ["*"], { messagesPerHour: { min: 1, max: 5 } }),
  ],
};
export const planDeps = (changes: Partial<PlanDeps> = {}): PlanDeps => ({
  files: PLAN_FILES,
  lookUpSites: () => Promise.resolve([]),
  remember: () => Promise.resolve(),
  ...changes,
});
/** The site of the large provider. */
export const BIG = { site: "mx.big.example", provider: "big", mx: ["mx.big.example"] };

/** A delivery that is ready, to `counts` people of each domain. */
export async function seedReady(db: Db, counts: Record<string, number>, settings: object = {}): Promise<number> {
  const people = Object.entries(counts).flatMap(([domain, n]) =>
    Array.from({ length: n }, (_, i) => `p${i}@${domain}`),
  );
  const audience = await importCsv(db, `email\n${people.join("\n")}\n`);
  const id = await seedDelivery(db, { audience, settings: settingsSchema.parse({ ...settings, partSize: 10 }) });
  await beginAnalysis(db, id, "test", Date.now());
  const { ready } = await runAnalysis(db, id, Date.now, CONTENT_DEPS);
  if (!ready) throw new Error("the delivery is not ready");
  return id;
}
