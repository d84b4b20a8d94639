/** Which archive's copies are compared: the one that is named, or the only one that fits what is read. */
import type { ArchiveKind } from "../../../core/archive/archive.ts";
import { appError } from "../../../platform/errors.ts";
import type { ArchiveName } from "./store.ts";

/**
 * `archives`: those of the delivery. `wanted`: id or name. `kind`: of what is read; a mailbox may be read as a folder too, so without
 * an archive of that kind the only other one will do. Throws `option-invalid` with the choice there is.
 */
export function chooseArchive(
  archives: readonly ArchiveName[],
  wanted: string | undefined,
  kind: ArchiveKind | null,
): ArchiveName {
  const names = archives.map(({ id, name }) => `${id} "${name}"`).join(", ");
  const refuse = (detail: string) => appError("option-invalid", { option: "--archive", detail });
  if (wanted !== undefined) {
    const named = archives.find(({ id }) => String(id) === wanted) ?? archives.find(({ name }) => name === wanted);
    if (!named) throw refuse(`the delivery has no archive "${wanted}"; it has ${names}`);
    return named;
  }
  const ofKind = kind === null ? archives : archives.filter((archive) => archive.kind === kind);
  const [only, ...others] = ofKind.length > 0 ? ofKind : archives;
  if (only && others.length === 0) return only;
  throw refuse(`the delivery has several archives, say which: ${names}`);
}
