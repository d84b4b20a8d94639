export { loadShapingFiles } from "./load-files.ts";
export { loadShapingRules } from "./load-rules.ts";
export { loadOperatorRules } from "./operator-rules.ts";
export { registerShapingRoutes } from "./routes.ts";
