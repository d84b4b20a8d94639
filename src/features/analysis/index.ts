export { abandonAnalysis, beginAnalysis, runAnalysis, type PlanDelivery } from "./analyse-delivery.ts";
export { dropOldPartitions } from "./partitions.ts";
