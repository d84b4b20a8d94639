/** Worlds in which a promise was once broken, by what was wrong: each stays a test. */
export const FOUND: Readonly<Record<string, number>> = {
  "lanes that wait for a connection under a full limit of their rule wake each other and never end": 5,
  "connections from before a rule counted its sites together are let go from a count that never had them": 1,
  "servers that take minutes to say nothing keep messages in their lane past their validity": 8,
};
