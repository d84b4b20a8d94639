/**
 * Copies that are done with go into zips, an hour's as soon as a batch of them is there, the rest when nothing of the hour can change any
 * more. In this order: the zip, checked and under its name; the rows; the single copies away. Whatever is cut short is taken up where it
 * stopped, because zips say what is in them.
 */
import type { Instant } from "../../core/time.ts";
import { HOUR } from "../../core/time.ts";
import { formatZipped, parseZipName } from "../../core/archive/zip-name.ts";
import type { CopyStore } from "../../platform/copy-store.ts";
import type { CheckedCopy, CopyZips } from "../../platform/copy-zips.ts";
import { noteProblem, type FilesTarget, type KeeperRun } from "./keep-files-run.ts";
import { relocate, standingsOf, type StandingCopy } from "./keep-files-standing.ts";
import type { KnownArchive } from "./known-archive.ts";

export type FilesPlace = {
  readonly archive: KnownArchive;
  readonly target: FilesTarget;
  readonly store: CopyStore;
  readonly zips: CopyZips;
};

/** `copies` in `zips` new zips. */
export type Zipped = { copies: number; zips: number };

const REMOVALS_AT_ONCE = 50;

export async function zipHours(run: KeeperRun, place: FilesPlace, now: Instant): Promise<Zipped> {
  const done: Zipped = { copies: 0, zips: 0 };
  const zips = await place.zips.zips();
  for (const folder of await place.zips.folders()) {
    if (run.signal.aborted) break;
    const isOver = endOf(folder) <= now;
    const names = await place.zips.names(folder);
    if (names.length === 0 && isOver) await place.zips.removeFolder(folder);
    if (names.length === 0 || (!isOver && names.length < place.target.zipBatch)) continue;
    const ofHour = zips.filter((zip) => parseZipName(zip)?.folder === folder);
    const zipped = await zipHour(run, place, folder, { names, zips: ofHour, isOver });
    done.copies += zipped.copies;
    done.zips += zipped.zips;
  }
  return done;
}

type Hour = { readonly names: readonly string[]; readonly zips: readonly string[]; readonly isOver: boolean };

async function zipHour(run: KeeperRun, place: FilesPlace, folder: string, hour: Hour): Promise<Zipped> {
  const standings = await standingsOf(run.db, place.archive.id, hour.names);
  const final = standings.flatMap(({ name, standing }) =>
    standing.kind === "final" ? [{ name, sha256: standing.sha256 }] : [],
  );
  await removeZipped(run, place, standings);
  const isSettled = hour.isOver && standings.every(({ standing }) => standing.kind !== "open");
  const done: Zipped = { copies: 0, zips: 0 };
  if (final.length === 0 || (!isSettled && final.length < place.target.zipBatch)) return done;
  const left = await takeUp(run, place, hour.zips, final);
  while (left.length >= (isSettled ? 1 : place.target.zipBatch) && !run.signal.aborted) {
    const batch = left.splice(0, place.target.zipBatch);
    const { zip, different } = await place.zips.write(folder, batch);
    for (const name of different) noteProblem(run, place.archive, `${name} is not the copy that was put there`);
    if (zip === null) continue;
    const good = batch.filter(({ name }) => !different.includes(name));
    await settleInZip(run, place, zip, good);
    done.copies += good.length;
    done.zips++;
  }
  return done;
}

/** Copies that a zip of the hour holds already, made by a run that was cut short; answers with the others. */
async function takeUp(
  run: KeeperRun,
  place: FilesPlace,
  zips: readonly string[],
  copies: readonly CheckedCopy[],
): Promise<CheckedCopy[]> {
  let left = [...copies];
  for (const zip of zips) {
    const entries = await entriesOf(run, place, zip);
    const isIn = ({ name, sha256 }: CheckedCopy) => entries.get(name)?.equals(sha256) ?? false;
    await settleInZip(run, place, zip, left.filter(isIn));
    left = left.filter((copy) => !isIn(copy));
  }
  return left;
}

/** A zip that cannot be read holds nothing for us. */
async function entriesOf(run: KeeperRun, place: FilesPlace, zip: string): Promise<ReadonlyMap<string, Buffer>> {
  try {
    return await place.zips.entries(zip);
  } catch (error) {
    noteProblem(run, place.archive, error);
    return new Map();
  }
}

async function settleInZip(
  run: KeeperRun,
  place: FilesPlace,
  zip: string,
  copies: readonly CheckedCopy[],
): Promise<void> {
  const moved = await relocate(
    run.db,
    place.archive.id,
    copies.map(({ name }) => name),
    {
      from: (name) => name,
      to: (name) => formatZipped({ zip, name }),
    },
  );
  await removeAll(place.store, moved);
}

/** Single copies whose rows say that they are in a zip go, if the zip says so too. */
async function removeZipped(run: KeeperRun, place: FilesPlace, standings: readonly StandingCopy[]): Promise<void> {
  const byZip = new Map<string, CheckedCopy[]>();
  for (const { name, standing } of standings) {
    if (standing.kind !== "zipped") continue;
    byZip.set(standing.zip, [...(byZip.get(standing.zip) ?? []), { name, sha256: standing.sha256 }]);
  }
  for (const [zip, copies] of byZip) {
    const entries = await entriesOf(run, place, zip);
    const kept = copies.filter(({ name, sha256 }) => entries.get(name)?.equals(sha256));
    await removeAll(
      place.store,
      kept.map(({ name }) => name),
    );
  }
}

export async function removeAll(store: CopyStore, names: readonly string[]): Promise<void> {
  for (let at = 0; at < names.length; at += REMOVALS_AT_ONCE) {
    await Promise.all(names.slice(at, at + REMOVALS_AT_ONCE).map((name) => store.remove(name)));
  }
}

/** When the hour of a folder `2026-05-04/13h` is over. */
export function endOf(folder: string): Instant {
  return Date.parse(`${folder.slice(0, 10)}T${folder.slice(11, 13)}:00:00Z`) + HOUR;
}
