/** Services: newsletters that people subscribe to, confirm and leave. */
export { endByMessage, takeBackEnd, tendSubscriptions } from "./end-subscriptions.ts";
export { registerPublicServices } from "./public-routes.ts";
export { registerServiceRoutes } from "./routes.ts";
export { lockService } from "./store.ts";
