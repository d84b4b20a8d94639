/** Trees of folders: where one may stand, and the way to it. */

/** Templates stand in one tree, deliveries in the other. */
export const FOLDER_TREES = ["templates", "deliveries"] as const;
export type FolderTree = (typeof FOLDER_TREES)[number];

export type Folder = { readonly id: number; readonly parent: number | null; readonly label: string };

/** More levels than anybody can keep in mind. */
export const DEEPEST = 10;
/** Of one tree: all of them are shown at once. */
export const MOST_FOLDERS = 1000;

export type Placement =
  | { readonly kind: "placed" }
  | { readonly kind: "no-parent" }
  /** Its new parent is itself, or stands below it. */
  | { readonly kind: "circle" }
  | { readonly kind: "too-deep" }
  /** Another one has the same name there; upper and lower case are one. */
  | { readonly kind: "taken" }
  | { readonly kind: "too-many" };

/** Whether a folder, a new one without id, may have this name under this parent. `folders`: all of its tree. */
export function placeFolder(
  folders: readonly Folder[],
  wanted: { readonly id: number | null; readonly parent: number | null; readonly label: string },
): Placement {
  const byId = new Map(folders.map((folder) => [folder.id, folder]));
  const { id, parent } = wanted;
  if (id === null && folders.length >= MOST_FOLDERS) return { kind: "too-many" };
  if (parent !== null && !byId.has(parent)) return { kind: "no-parent" };
  const above = parent === null ? [] : wayTo(byId, parent);
  if (id !== null && above.some((folder) => folder.id === id)) return { kind: "circle" };
  if (above.length + (id === null ? 1 : heightOf(folders, id)) > DEEPEST) return { kind: "too-deep" };
  const name = wanted.label.toLowerCase();
  const isTaken = folders.some((one) => one.parent === parent && one.id !== id && one.label.toLowerCase() === name);
  return { kind: isTaken ? "taken" : "placed" };
}

/** From the top down to the folder itself. */
export function wayTo(byId: ReadonlyMap<number, Folder>, id: number): Folder[] {
  const way: Folder[] = [];
  for (let at = byId.get(id); at !== undefined; at = at.parent === null ? undefined : byId.get(at.parent))
    way.unshift(at);
  return way;
}

/** How many levels the folder and what is below it have. */
function heightOf(folders: readonly Folder[], id: number): number {
  let [height, level] = [0, [id]];
  while (level.length > 0) {
    height++;
    const parents = new Set<number | null>(level);
    level = folders.filter(({ parent }) => parent !== null && parents.has(parent)).map((folder) => folder.id);
  }
  return height;
}
