/** How the single copies of an hour stand: which ones are done with, which ones may still change, which ones the ledger does not know. */
import { parseCopyName, type CopyName } from "../../core/archive/copy-name.ts";
import { isOver } from "../../core/archive/copy-progress.ts";
import { parseZipped } from "../../core/archive/zip-name.ts";
import { formatKey } from "../../core/delivery/status.ts";
import type { Queryable } from "../../platform/db.ts";
import { reachedBy } from "./keep-files.ts";
import { loadPart, saveLocations, type LedgerPart } from "./keep-files-store.ts";

export type Standing =
  /** Its name says what it will say for ever. */
  | { readonly kind: "final"; readonly sha256: Buffer }
  | { readonly kind: "open" }
  /** Its row says that it lies in this zip, so it was to be removed. */
  | { readonly kind: "zipped"; readonly zip: string; readonly sha256: Buffer }
  /** Its row says that it is not kept any more, so it was to be removed. */
  | { readonly kind: "purged" }
  /** The log of its delivery was dropped; nothing can change it any more. */
  | { readonly kind: "forgotten" }
  /** A second one of its message, or of a message that has none: for the operator to look at. */
  | { readonly kind: "stray" };

export type StandingCopy = { readonly name: string; readonly standing: Standing };

/** One part after the other, so memory holds one part of the ledger. */
export async function standingsOf(db: Queryable, archive: number, names: readonly string[]): Promise<StandingCopy[]> {
  const present = new Set(names);
  const standings: StandingCopy[] = [];
  for (const [partId, ofPart] of groupByPart(names)) {
    const part = await loadPart(db, partId);
    for (const { name, parsed } of ofPart) {
      standings.push({ name, standing: standingOf(part, archive, name, parsed, present) });
    }
  }
  return standings;
}

function standingOf(
  part: LedgerPart | null,
  archive: number,
  name: string,
  parsed: CopyName,
  present: ReadonlySet<string>,
): Standing {
  const message = part?.messages.get(parsed.key.seq);
  if (!part || !message) return { kind: "forgotten" };
  const copy = message.copies.get(archive);
  // It was put there, and its row is still to come.
  if (!copy) return { kind: isOver(message.status) ? "stray" : "open" };
  const { state, location, digest } = copy;
  // A try whose answer got lost may have left a file of what is owed, or was given up.
  if (state !== "archived") return { kind: state === "owed" ? "open" : "stray" };
  if (location === null) return { kind: "purged" };
  if (location === name) {
    const { progress, final } = reachedBy(part, message, archive, parsed.progress);
    return final && progress === parsed.progress && digest ? { kind: "final", sha256: digest } : { kind: "open" };
  }
  const zipped = parseZipped(location);
  if (zipped?.name === name && digest) return { kind: "zipped", zip: zipped.zip, sha256: digest };
  // Renamed already, with its row still to follow.
  const isAhead = parseCopyName(location)?.folder === parsed.folder && !present.has(location);
  return { kind: isAhead ? "open" : "stray" };
}

/** Sets where copies lie and answers with those that lay where it was said. */
export async function relocate(
  db: Queryable,
  archive: number,
  names: readonly string[],
  move: { readonly from: (name: string) => string; readonly to: (name: string) => string | null },
): Promise<string[]> {
  const moved: string[] = [];
  for (const [partId, ofPart] of groupByPart(names)) {
    const moves = ofPart.map(({ name, parsed }) => ({ seq: parsed.key.seq, from: move.from(name), to: move.to(name) }));
    const done = await saveLocations(db, partId, archive, moves);
    for (const { name, parsed } of ofPart) if (done.has(parsed.key.seq)) moved.push(name);
  }
  return moved;
}

type Named = { readonly name: string; readonly parsed: CopyName };

/** Of two names with one key the second comes in a group of its own: each group has a message once. */
function groupByPart(names: readonly string[]): [number, Named[]][] {
  const groups: [number, Named[]][] = [];
  const open = new Map<number, { readonly group: Named[]; readonly keys: Set<string> }>();
  for (const name of names) {
    const parsed = parseCopyName(name);
    if (!parsed) continue;
    const key = formatKey(parsed.key);
    let current = open.get(parsed.key.partId);
    if (!current || current.keys.has(key)) {
      current = { group: [], keys: new Set() };
      open.set(parsed.key.partId, current);
      groups.push([parsed.key.partId, current.group]);
    }
    current.keys.add(key);
    current.group.push({ name, parsed });
  }
  return groups;
}
