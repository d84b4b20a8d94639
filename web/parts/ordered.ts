/** Rows in an order that counts. */
export type Ordered = { id: string; position: number };

/** The ids with one of them a place further up or down; the same ones where it cannot go further. */
export function moved(ids: readonly string[], id: string, step: 1 | -1): string[] {
  const from = ids.indexOf(id);
  const to = from + step;
  if (from === -1 || to < 0 || to >= ids.length) return [...ids];
  const others = ids.filter((each) => each !== id);
  return [...others.slice(0, to), id, ...others.slice(to)];
}

/** Rows as they stand once the server has put them in this order. */
export function inOrder<T extends Ordered>(rows: readonly T[], ids: readonly string[]): T[] {
  return ids
    .map((id) => rows.find((row) => row.id === id))
    .filter((row) => row !== undefined)
    .map((row, index) => ({ ...row, position: index + 1 }));
}
