/** Lanes: what the engine tells about itself, and what operators may do to it. */
export {
  endRestriction,
  loadPins,
  loadReleases,
  loadRestrictions,
  recordShapingEvents,
} from "./events-store.ts";
export { forgetOldShaping } from "./forget-old.ts";
export { laneId } from "./lane-id.ts";
export { registerLaneMetrics } from "./metrics.ts";
export { presentLane } from "./present.ts";
export { registerLaneRoutes } from "./routes.ts";
export { findDomainSite, rememberDomainSites, type DomainSite } from "./sites-store.ts";
export {
  forgetLanes,
  listLanesTo,
  loadLaneStates,
  loadSenders,
  saveLanes,
  touchSender,
  type LaneRow,
} from "./store.ts";
