/** Opens, clicks and visits: taken from public URLs, kept, counted. */
export { loadReactions, loadTrackingIndicators } from "./indicators.ts";
export { registerTrackingMetrics } from "./metrics.ts";
export { registerTrackingRoutes } from "./routes.ts";
export { forgetPersons } from "./store.ts";
export { startTracker, type Tracker } from "./tracker.ts";
