export { abandonAnalysis, beginAnalysis, runAnalysis } from "./analyse-delivery.ts";
export { dropOldPartitions } from "./partitions.ts";
