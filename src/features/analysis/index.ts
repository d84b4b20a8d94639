export { abandonAnalysis, beginAnalysis, runAnalysis, type PlanDelivery } from "./analyse-delivery.ts";
export { allocateParts, dropOldPartitions } from "./partitions.ts";
