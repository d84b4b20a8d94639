/** Folders as lists show them. */
import type { Folder } from "../../../src/contract/index.ts";

/** In a list of words a level is two blanks that do not collapse. */
export const indented = ({ path, label }: Folder): string => "\u00a0\u00a0".repeat(path.length - 1) + label;

/** Where a folder can go: not into itself, nor below itself. */
export function placesFor(folders: readonly Folder[], moved: Folder | null): Folder[] {
  if (moved === null) return [...folders];
  return folders.filter(({ path }) => moved.path.some((name, level) => path[level] !== name));
}
