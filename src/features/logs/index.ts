/** What became of every message of a delivery: figures, log, live stream. */
export { createLiveFeed } from "./live-feed.ts";
export { registerLogMetrics } from "./metrics.ts";
export { registerLogRoutes } from "./routes.ts";
export { streamLog } from "./stream-log.ts";
