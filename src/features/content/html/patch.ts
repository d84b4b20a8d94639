/** Changes a source in places; whatever lies between them stays byte for byte. */

/** Replaces `[start, end)`; with `start === end` it inserts. */
export type Patch = { readonly start: number; readonly end: number; readonly text: string };

/** The patches must not overlap; several at one place go in as listed. */
export function applyPatches(source: string, patches: readonly Patch[]): string {
  if (patches.length === 0) return source;
  const parts: string[] = [];
  let at = 0;
  for (const patch of patches.toSorted((a, b) => a.start - b.start)) {
    parts.push(source.slice(at, patch.start), patch.text);
    at = patch.end;
  }
  parts.push(source.slice(at));
  return parts.join("");
}
