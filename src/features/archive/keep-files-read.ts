/** Reads a copy back from where its row says it lies: a file, an object, or inside a zip. */
import { formatCopyName, parseCopyName, type CopyProgress } from "../../core/archive/copy-name.ts";
import type { CopyStore } from "../../platform/copy-store.ts";

const LATER: readonly CopyProgress[] = ["sent", "sent-archived"];

/** Null: it is not there. What got its next name since the row was read is found under that. Rejects with `CopyStoreError`. */
export async function readStored(store: CopyStore, location: string): Promise<Uint8Array | null> {
  const name = parseCopyName(location);
  const names = name ? LATER.map((progress) => formatCopyName({ ...name, progress })) : [];
  for (const candidate of new Set([location, ...names])) {
    const bytes = await store.read(candidate);
    if (bytes !== null) return bytes;
  }
  return null;
}
