/** Addresses that receive nothing because they failed. */
export { releaseOutage } from "./release-outage.ts";
export { registerQuarantineRoutes } from "./routes.ts";
