/**
 * The ledger of one delivery and one archive in memory: for each copy its number, state, digest and what was found of it, in arrays of
 * bytes. That is 38 bytes a copy: a million cost 38 MB, whatever the size of the messages.
 */
import type { CopyState } from "../../../core/archive/archive.ts";
import type { LedgerCopy } from "../../../core/archive/compare-copies.ts";
import type { MessageKey } from "../../../core/delivery/status.ts";
import type { Queryable } from "../../../platform/db.ts";
import { type LedgerRow, listLedgerRows, listPartIds } from "./store.ts";

const DIGEST_BYTES = 32;
/** Parts read with one statement: 20,000 copies where parts have a thousand. */
const PARTS_AT_A_TIME = 20;

const STATES = ["owed", "archived", "given-up"] as const satisfies readonly CopyState[];
const IN_DOUBT = 4;
const HAS_DIGEST = 8;

const IDENTICAL = 1;
const DIFFERENT = 2;

type PartCopies = {
  /** Ascending. */
  readonly seqs: Int32Array;
  readonly flags: Uint8Array;
  readonly found: Uint8Array;
  readonly digests: Uint8Array;
};

export type FoundCopy = LedgerCopy & {
  /** Null: neither the copy nor its message was tried. */
  readonly digest: Uint8Array | null;
  /** A copy with these bytes was found before. */
  readonly foundBefore: boolean;
};

export type LedgerCopies = {
  /** Is this one of the delivery's parts? */
  has(partId: number): boolean;
  /** Null: the ledger has no copy of this message. */
  find(key: MessageKey): FoundCopy | null;
  mark(key: MessageKey, found: "identical" | "different"): void;
  /** All of them, in order of their keys. */
  entries(): Generator<LedgerCopy & { readonly key: MessageKey; readonly found: "identical" | "different" | "no" }>;
};

export async function loadLedgerCopies(db: Queryable, deliveryId: number, archive: number): Promise<LedgerCopies> {
  const ids = await listPartIds(db, deliveryId);
  const parts = new Map<number, PartCopies>();
  for (let at = 0; at < ids.length; at += PARTS_AT_A_TIME) {
    const some = ids.slice(at, at + PARTS_AT_A_TIME);
    const rows = Map.groupBy(await listLedgerRows(db, some, archive), (row) => row.part_id);
    for (const id of some) parts.set(id, packPart(rows.get(id) ?? []));
  }
  return {
    has: (partId) => parts.has(partId),
    find: ({ partId, seq }) => {
      const part = parts.get(partId);
      const i = part ? indexOf(part.seqs, seq) : -1;
      return part && i >= 0 ? readCopy(part, i) : null;
    },
    mark: ({ partId, seq }, found) => {
      const part = parts.get(partId);
      const i = part ? indexOf(part.seqs, seq) : -1;
      if (part && i >= 0) part.found[i] = (part.found[i] ?? 0) | (found === "identical" ? IDENTICAL : DIFFERENT);
    },
    *entries() {
      for (const [partId, part] of parts) {
        for (const [i, seq] of part.seqs.entries()) {
          const found = part.found[i] ?? 0;
          yield {
            key: { partId, seq },
            ...stateOf(part.flags[i] ?? 0),
            found: found & IDENTICAL ? "identical" : found & DIFFERENT ? "different" : "no",
          };
        }
      }
    },
  };
}

function packPart(rows: readonly LedgerRow[]): PartCopies {
  const part = {
    seqs: Int32Array.from(rows, (row) => row.seq),
    flags: new Uint8Array(rows.length),
    found: new Uint8Array(rows.length),
    digests: new Uint8Array(rows.length * DIGEST_BYTES),
  };
  for (const [i, { state, in_doubt: inDoubt, digest }] of rows.entries()) {
    part.flags[i] = STATES.indexOf(state) | (inDoubt ? IN_DOUBT : 0) | (digest === null ? 0 : HAS_DIGEST);
    if (digest !== null) part.digests.set(digest.subarray(0, DIGEST_BYTES), i * DIGEST_BYTES);
  }
  return part;
}

function readCopy(part: PartCopies, i: number): FoundCopy {
  const flags = part.flags[i] ?? 0;
  return {
    ...stateOf(flags),
    digest: flags & HAS_DIGEST ? part.digests.subarray(i * DIGEST_BYTES, (i + 1) * DIGEST_BYTES) : null,
    foundBefore: ((part.found[i] ?? 0) & IDENTICAL) !== 0,
  };
}

function stateOf(flags: number): LedgerCopy {
  return { state: STATES[flags & 3] ?? "owed", inDoubt: (flags & IN_DOUBT) !== 0 };
}

function indexOf(seqs: Int32Array, seq: number): number {
  let low = 0;
  let high = seqs.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const there = seqs[middle] ?? 0;
    if (there === seq) return middle;
    if (there < seq) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
