/** Webhooks: other programs are told by HTTP what happened, as Standard Webhooks says. */
export { type Courier, openCourier } from "./courier.ts";
export { registerWebhookRoutes } from "./routes.ts";
export { listWebhooks } from "./store.ts";
