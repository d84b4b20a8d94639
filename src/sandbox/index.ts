/** The simulated internet; what main, the web role and the command line use of it. */
export { createInbox, getInboxMessage, type Inbox, listInbox, reportMessage } from "./inbox.ts";
export { createLaterScheduler, type LaterReport, type LaterScheduler } from "./later.ts";
export { formatStats, type Sandbox, type SandboxMessage, type SandboxOptions, startSandbox } from "./server.ts";
