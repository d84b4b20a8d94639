export { loadShapingFiles } from "./load-files.ts";
export { loadOperatorRules } from "./operator-rules.ts";
export { registerShapingRoutes } from "./routes.ts";
