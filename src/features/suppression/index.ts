/** The global suppression list: whom nothing is sent to because a list from outside says so, without saying who they are. */
export { registerSuppressionRoutes } from "./routes.ts";
