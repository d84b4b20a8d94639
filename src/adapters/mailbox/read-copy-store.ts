/** Copies of an object store: listed, then read some at a time, as each answer takes its time. */
import type { ArchiveItem } from "../../core/archive/compare-copies.ts";
import { copyNamed } from "../../core/archive/match-copy-key.ts";
import { type CopyStore, CopyStoreError } from "../../platform/copy-store.ts";
import { appError, errorText } from "../../platform/errors.ts";
import { MAX_COPY_BYTES, type ReadOptions, TOO_LARGE } from "./limits.ts";

const AT_A_TIME = 8;

/** In the order of the list. Throws `archive-unreadable` when the store does not list or stops answering. */
export async function* readCopyStore(
  store: CopyStore,
  source: string,
  { isWanted }: ReadOptions,
): AsyncGenerator<ArchiveItem> {
  const pending: Promise<ArchiveItem>[] = [];
  const unreadable = (error: unknown) => appError("archive-unreadable", { what: source, detail: errorText(error) });
  try {
    for await (const { name, size } of store.list("")) {
      const named = copyNamed(name);
      if (named && !isWanted(named)) yield { kind: "foreign", where: name };
      else if (size > MAX_COPY_BYTES) yield { kind: "unreadable", where: name, detail: TOO_LARGE };
      else pending.push(begun(readOne(store, name)));
      if (pending.length >= AT_A_TIME) yield await (pending.shift() as Promise<ArchiveItem>);
    }
    for (const item of pending) yield await item;
  } catch (error) {
    throw error instanceof CopyStoreError ? unreadable(error) : error;
  }
}

/** It may fail before its turn comes, or when nobody waits for it any more. */
function begun<T>(work: Promise<T>): Promise<T> {
  work.catch(() => {});
  return work;
}

async function readOne(store: CopyStore, where: string): Promise<ArchiveItem> {
  try {
    const bytes = await store.read(where);
    if (bytes === null) return { kind: "unreadable", where, detail: "gone since it was listed" };
    return { kind: "message", where, bytes, named: copyNamed(where), mayBeQuoted: false };
  } catch (error) {
    // one object that is refused says little about the others; a store that is away can say nothing
    if (error instanceof CopyStoreError && error.problem === "unreachable") throw error;
    return { kind: "unreadable", where, detail: errorText(error) };
  }
}
