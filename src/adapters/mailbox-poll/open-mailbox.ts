/** Mailboxes by their protocol. */
import type { OpenMailbox } from "../../platform/mailbox.ts";
import { openImap } from "./open-imap.ts";
import { openPop3 } from "./open-pop3.ts";

export const openMailbox: OpenMailbox = (server, signal) =>
  server.protocol === "pop3" ? openPop3(server, signal) : openImap(server, signal);
