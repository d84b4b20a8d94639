/** The folder of a file archive: it must be ours to write, and nothing else may live in it or around it. */
import type { ArchiveTargetInput } from "../../contract/index.ts";
import { errorCode, errorText } from "../../platform/errors.ts";
import { randomUUID } from "node:crypto";
import { mkdir, realpath, rm, writeFile } from "node:fs/promises";
import { dirname, isAbsolute, join, normalize, sep } from "node:path";
import type { Fail } from "./checked-archive.ts";
import type { ArchiveRow } from "./store.ts";

type FilesInput = Extract<ArchiveTargetInput, { kind: "files" }>;

type DirectoryContext = {
  readonly dataDir: string;
  readonly others: readonly ArchiveRow[];
  readonly fail: Fail;
  /** Nothing is written for an archive that is refused anyway. */
  readonly isFine: () => boolean;
};

/** The only folder of the data directory that is for archives. */
const OWN_FOLDER = "archive";
/** Full of the system's own files, or not on a disk. */
const SYSTEM = ["/bin", "/boot", "/dev", "/etc", "/lib", "/lib32", "/lib64", "/proc", "/sbin", "/sys", "/usr"];
const POINTER = "/target/directory";

export function directoryOf(target: Pick<FilesInput, "directory">, dataDir: string): string {
  return target.directory ?? join(dataDir, OWN_FOLDER);
}

export async function checkDirectory(given: FilesInput, context: DirectoryContext): Promise<FilesInput> {
  const { fail } = context;
  const text = given.directory?.trim();
  const target = { ...given, directory: text ? normalize(text).replace(/(?<=.)\/+$/, "") : undefined };
  // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
  if (/[\0-\x1f\x7f]/.test(target.directory ?? "")) {
    fail(POINTER, "control-character", "A path has no line breaks or control characters");
  } else if (target.directory !== undefined && !isAbsolute(target.directory)) {
    fail(POINTER, "not-absolute", "The path must be absolute: processes start in different folders");
  } else {
    const problem = await refusePlace(directoryOf(target, context.dataDir), context);
    if (problem !== null) fail(POINTER, "dangerous", problem);
    else if (context.isFine()) await tryWriting(directoryOf(target, context.dataDir), fail);
  }
  return target;
}

async function refusePlace(directory: string, { dataDir, others }: DirectoryContext): Promise<string | null> {
  const [real, data] = await Promise.all([resolveLinks(directory), resolveLinks(dataDir)]);
  const system = SYSTEM.find((place) => contains(place, real));
  if (system !== undefined) return `${system} belongs to the system`;
  if (contains(real, data)) return "The data directory of Envoi lies in this folder";
  if (contains(data, real) && !contains(join(data, OWN_FOLDER), real)) {
    return `In the data directory of Envoi only ${join(dataDir, OWN_FOLDER)} is for copies`;
  }
  for (const { name, target } of others) {
    if (target.kind !== "files") continue;
    const other = await resolveLinks(directoryOf(target, dataDir));
    if (contains(other, real) || contains(real, other)) return `The archive "${name}" has its copies in ${other}`;
  }
  return null;
}

function contains(outer: string, inner: string): boolean {
  return inner === outer || inner.startsWith(outer === sep ? sep : outer + sep);
}

/** Where the path leads, as far as it exists: a link must not lead around a check. */
async function resolveLinks(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(await resolveLinks(parent), path.slice(parent.length));
  }
}

async function tryWriting(directory: string, fail: Fail): Promise<void> {
  const probe = join(directory, `.envoi-probe-${randomUUID()}`);
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await writeFile(probe, "");
    await rm(probe);
  } catch (error) {
    if (!/^E[A-Z]+$/.test(errorCode(error))) throw error;
    fail(POINTER, "unusable", `The folder cannot be written: ${errorText(error)}`);
  }
}
