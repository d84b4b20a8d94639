/** Recipients who want no more mail: the pages they say it on, and what follows from it. */
export { registerUnsubscriptionApi } from "./api.ts";
export { registerUnsubscribeRoutes } from "./routes.ts";
export { findRecipient } from "./store.ts";
export { unsubscribe } from "./unsubscribe.ts";
