/** Segments: trees of conditions that choose recipients, saved under a name or written into a delivery. */
export { checkChoice, prepareChoice } from "./choose.ts";
export { countSegment } from "./count-segment.ts";
export { compileSegment } from "./compile-segment.ts";
export { loadPartRanges, type PartRange } from "./store.ts";
export { registerSegmentRoutes } from "./routes.ts";
