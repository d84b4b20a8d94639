/** Single messages: one request, one address, at once, before all deliveries. */
export { ignoreBarred } from "./ignore-barred.ts";
export { registerSingleMessageRoutes } from "./routes.ts";
export { findSingle, forgetSingles } from "./store.ts";
export { createTemplateMessages, type TemplateMessages } from "./template-messages.ts";
