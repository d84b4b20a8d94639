/** Mailboxes on other servers whose mail is fetched by POP3 and IMAP: bounces, complaints and what else comes back. */
export { listMailboxes } from "./store.ts";
export { testMailbox } from "./test-mailbox.ts";
export { openPolling } from "./polling.ts";
export { registerMailboxRoutes } from "./routes.ts";
