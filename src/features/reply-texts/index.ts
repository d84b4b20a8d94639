/** What servers answer when they do not accept, each text once, and operators' rules for judging it. */
export { forgetReplyTexts } from "./forget-texts.ts";
export { noteReplies, type NotedReply } from "./note-replies.ts";
export { registerReplyTextRoutes } from "./routes.ts";
export { openRuleBook } from "./rule-book.ts";
