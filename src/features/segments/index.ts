/** Segments: trees of conditions that choose recipients, saved under a name or written into a delivery. */
export { registerSegmentRoutes } from "./routes.ts";
