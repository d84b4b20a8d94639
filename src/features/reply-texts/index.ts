/** What servers answer when they do not accept, each text once, and operators' rules for judging it. */
export { forgetReplyTexts } from "./forget-texts.ts";
export { keyOfText, noteReplies } from "./note-replies.ts";
export { loadOperatorBounceRules } from "./operator-rules.ts";
export { mustFindText } from "./qualify-text.ts";
export { registerReplyTextRoutes } from "./routes.ts";
export { openRuleBook } from "./rule-book.ts";
export type { NotedReply } from "./noted.ts";
