/** Translates what the file system and the zip library throw into the words of the copy store. */
import { parseCopyName } from "../../core/archive/copy-name.ts";
import { CopyStoreError, type CopyStoreProblem } from "../../platform/copy-store.ts";
import { errorCode, errorText } from "../../platform/errors.ts";

/** A copy is a message: no mail server takes larger ones. Whatever is larger is no copy of ours. */
export const COPY_MAX_BYTES = 64 * 1024 * 1024;

const PROBLEMS: Readonly<Record<string, CopyStoreProblem>> = {
  ENOSPC: "full",
  EDQUOT: "full",
  ENOENT: "missing",
  // network file systems
  EIO: "unreachable",
  ESTALE: "unreachable",
  ETIMEDOUT: "unreachable",
  EHOSTDOWN: "unreachable",
  ENOTCONN: "unreachable",
};

/** Everything else that a file system says (no permission, read-only, no folder) somebody has to put right. */
export function asCopyStoreError(error: unknown): CopyStoreError {
  if (error instanceof CopyStoreError) return error;
  return new CopyStoreError(PROBLEMS[errorCode(error)] ?? "refused", errorText(error), { cause: error });
}

export async function translated<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw asCopyStoreError(error);
  }
}

export function refused(message: string): CopyStoreError {
  return new CopyStoreError("refused", message);
}

/** A copy keeps the folder of its hour whatever becomes of its message. */
export function assertSameHour(from: string, to: string): void {
  if (parseCopyName(from)?.folder !== parseCopyName(to)?.folder)
    throw refused(`${from} cannot become ${to}: another hour`);
}
