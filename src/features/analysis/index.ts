export { abandonAnalysis, beginAnalysis, runAnalysis } from "./analyse-delivery.ts";
export { compileDelivery, type DeliveryContent } from "./content-of.ts";
export { dropOldPartitions } from "./partitions.ts";
