/** Recurring deliveries: each run is a delivery of its own. */
export { registerSeriesRoutes } from "./routes.ts";
export { runDueSeries } from "./run-series.ts";
