/** What is wrong in a source and where, for its author. */

/** From 1, in the source that was given. */
export type Place = { readonly line: number; readonly column: number };
export type Problem = Place & { readonly message: string };
