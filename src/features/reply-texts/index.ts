/** What servers answer when they do not accept, each text once, and operators' rules for judging it. */
export { forgetReplyTexts } from "./forget-texts.ts";
export { noteReplies, type NotedReply } from "./note-replies.ts";
export { loadOperatorBounceRules } from "./operator-rules.ts";
export { registerReplyTextRoutes } from "./routes.ts";
export { openRuleBook, type RuleBook } from "./rule-book.ts";
