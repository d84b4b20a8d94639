/** Retention: one nightly job that lets old data go, and what it reports. */
export { findLastRun } from "./store.ts";
export { registerRetentionRoutes } from "./routes.ts";
export { runRetention } from "./run-retention.ts";
