/** Services: newsletters that people subscribe to, confirm and leave. */
export { endByMessage, takeBackEnd, tendSubscriptions } from "./end-subscriptions.ts";
export { registerPublicServices } from "./public-routes.ts";
export { registerServiceRoutes } from "./routes.ts";
export { SERVICE_MAIL_CHANNEL } from "./mail-store.ts";
export { sendServiceMails } from "./send-mails.ts";
export { lockService } from "./store.ts";
