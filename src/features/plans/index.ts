/** Plans: when a delivery ends and what binds; and why it is not further. */
export { registerConstraintRoutes } from "./constraint-routes.ts";
export type { LookUpSites, PlanDeps } from "./load-ground.ts";
export { makePlan, planInAnalysis } from "./make-plan.ts";
export { registerPlanRoutes } from "./routes.ts";
export { writeActuals } from "./write-actuals.ts";
