/** The simulated internet; what main, the web role and the command line use of it. */
export { createInbox, getInboxMessage, type Inbox, listInbox, reportToMessage } from "./inbox.ts";
export type { SandboxProfile } from "../core/sandbox/plan-for.ts";
export { createLaterScheduler, type LaterReport, type LaterScheduler } from "./later.ts";
export { formatStats, type Sandbox, type SandboxMessage, type SandboxOptions, startSandbox } from "./server.ts";
export { writePeopleCsv } from "./people.ts";
export { demoCampaign } from "./demo.ts";
