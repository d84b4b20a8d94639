export { loadShapingFiles } from "./load-files.ts";
export { loadShapingRules } from "./load-rules.ts";
