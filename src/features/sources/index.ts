/** Sources, pools of them, and the warm-up of new sources. */
export { checkPool } from "./check-pool.ts";
export { loadWarmUps } from "./load-warm-ups.ts";
export { settingsWithPool } from "./pool-sql.ts";
export { recordWarmUp, reserveWarmUp, returnWarmUp, type WarmUpCounts } from "./reserve-warm-up.ts";
export { registerSourceRoutes } from "./routes.ts";
export { holdPool, loadSources } from "./store.ts";
