/** Mail that comes back: wishes to unsubscribe. */
export { handleInbound, type InboundDeps } from "./handle-inbound.ts";
export { registerInboundApi } from "./routes.ts";
