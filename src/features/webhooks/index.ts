/** Webhooks: other programs are told by HTTP what happened, as Standard Webhooks says. */
export { type Courier, openCourier } from "./courier.ts";
export { forgetWebhooks } from "./forget.ts";
export { registerWebhookRoutes } from "./routes.ts";
