/** Alerts: what somebody must look at, seen every minute, told by mail and webhook until it is over. */
export { registerAlertRoutes } from "./routes.ts";
export type { Surroundings } from "./seen.ts";
export { watchAlerts } from "./watch-alerts.ts";
