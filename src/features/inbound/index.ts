/** Mail that comes back: bounces, complaints, wishes to unsubscribe, reports of relays, copies that archives do not want. */
export { registerInboundApi, MAIL_LIMIT } from "./routes.ts";
export { forwardMails, type SendMail } from "./forward-mails.ts";
export { forgetInbound } from "./forget-inbound.ts";
export { openMailDesk } from "./mail-desk.ts";
export { storeMails } from "./mail-store.ts";
export type { InboundDeps } from "./acted.ts";
export { registerInboundList } from "./list-routes.ts";
export { isOurRecipient } from "./is-recipient.ts";
export { parseMail } from "./parse-mail.ts";
export { processWaiting } from "./process-mail.ts";
