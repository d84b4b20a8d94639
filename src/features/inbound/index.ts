/** Mail that comes back: wishes to unsubscribe. */
export { registerInboundApi } from "./routes.ts";
