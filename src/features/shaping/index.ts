export { loadShapingRules } from "./load-rules.ts";
