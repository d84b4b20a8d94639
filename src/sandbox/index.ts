/** The simulated internet; what main, the web role and the command line use of it. */
export type { SandboxProfile } from "../core/sandbox/plan-for.ts";
export { demoCampaign } from "./demo.ts";
export { createInbox, getInboxMessage, listInbox, reportToMessage } from "./inbox.ts";
export { createLaterScheduler, type LaterReport } from "./later.ts";
export { loadReplies } from "./load-replies.ts";
export { writePeopleCsv } from "./people.ts";
export { createReaders, type Readers } from "./readers.ts";
export { formatStats, type SandboxMessage, startSandbox } from "./server.ts";
