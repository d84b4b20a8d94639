export { addRecipients } from "./add-recipients.ts";
export {
  abandonAnalysis,
  beginAnalysis,
  runAnalysis,
  type AnalysisDeps,
  type PlanDelivery,
} from "./analyse-delivery.ts";
export type { DmarcDeps } from "./check-sender.ts";
export { dropLog, dropReactions, listOldLogs, listOldReactions, type Block } from "./drop-partitions.ts";
export { allocateParts } from "./partitions.ts";
export { registerAnalysisRoutes } from "./routes.ts";
export { loadSeeds } from "./seeds-store.ts";
export { beginAnalysis as takeForAnalysis } from "./store.ts";
