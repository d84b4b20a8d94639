/**
 * Zod schemas of what the API answers: for the OpenAPI description, and for tests that hold answers against them. The
 * plain types of `index.ts` lead; the `satisfies` lines break when the two part company. Answers are not validated at
 * run time. Archives, content, domains, shaping and templates have files of their own beside this.
 */
export * from "./responses-audience.ts";
export * from "./responses-basics.ts";
export * from "./responses-deliveries.ts";
export * from "./responses-messages.ts";
