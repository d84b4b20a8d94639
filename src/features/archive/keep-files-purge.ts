/**
 * Removes copies from a folder when their time is up: zips whole, single ones only when nothing about them can change any more. The row
 * first, then the file: what is cut short between both is a file whose row says that it should be gone.
 */
import type { Instant } from "../../core/time.ts";
import { formatZipped, parseZipName } from "../../core/archive/zip-name.ts";
import { noteProblem, type KeeperRun } from "./keep-files-run.ts";
import { relocate, standingsOf } from "./keep-files-standing.ts";
import { endOf, removeAll, type FilesPlace } from "./keep-files-zip.ts";

/** Purges what belongs to hours that ended at `until` or before; answers with how many copies that were. */
export async function purgeHours(run: KeeperRun, place: FilesPlace, until: Instant): Promise<number> {
  let purged = 0;
  for (const zip of await place.zips.zips()) {
    if (run.signal.aborted) return purged;
    if (endOf(parseZipName(zip)?.folder ?? "") <= until) purged += await purgeZip(run, place, zip);
  }
  for (const folder of await place.zips.folders()) {
    if (run.signal.aborted) return purged;
    if (endOf(folder) <= until) purged += await purgeFolder(run, place, folder);
  }
  return purged;
}

/** A zip that cannot be read stays: nobody knows whose copies are in it. */
async function purgeZip(run: KeeperRun, place: FilesPlace, zip: string): Promise<number> {
  let names: string[];
  try {
    names = [...(await place.zips.entries(zip)).keys()];
  } catch (error) {
    noteProblem(run, place.archive, error);
    return 0;
  }
  await relocate(run.db, place.archive.id, names, { from: (name) => formatZipped({ zip, name }), to: () => null });
  await place.store.remove(zip);
  return names.length;
}

async function purgeFolder(run: KeeperRun, place: FilesPlace, folder: string): Promise<number> {
  const names = await place.zips.names(folder);
  const standings = await standingsOf(run.db, place.archive.id, names);
  const final = standings.filter(({ standing }) => standing.kind === "final").map(({ name }) => name);
  const purged = await relocate(run.db, place.archive.id, final, { from: (name) => name, to: () => null });
  for (const { name, standing } of standings) {
    if (standing.kind === "purged" || standing.kind === "forgotten") purged.push(name);
  }
  await removeAll(place.store, purged);
  if (purged.length === names.length) await place.zips.removeFolder(folder);
  return purged.length;
}
