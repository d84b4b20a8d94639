/** Bounces: the rules by which answers are judged, and judging replies in bulk. */
export { loadRules, loadRuleSet } from "./load-rules.ts";
export { qualifyLines } from "./qualify-lines.ts";
export { qualifyMail } from "./qualify-mail.ts";
