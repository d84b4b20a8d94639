/** Mails of Envoi itself to the people who run it: alerts, requests for approval, reminders. */
export { notify } from "./notify.ts";
export { type NoticeDeps, sendNotices } from "./send-notices.ts";
