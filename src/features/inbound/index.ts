/** Mail that comes back: wishes to unsubscribe, reports of relays, copies that archives do not want. */
export { registerInboundApi } from "./routes.ts";
export { parseMail } from "./parse-mail.ts";
