/** Past messages judged again, because somebody qualified a text or changed a rule: log, figures and quarantine follow. */
export { forgetRequalifications } from "./forget.ts";
export { registerRequalifyRoutes } from "./routes.ts";
export { workRequalifications } from "./work.ts";
