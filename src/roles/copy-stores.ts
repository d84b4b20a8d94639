/** From a target in the settings to the place itself. */
import { join } from "node:path";

import { openCopyZips } from "../adapters/copy-store/copy-zips.ts";
import { openFileStore } from "../adapters/copy-store/file-store.ts";
import { openS3Store } from "../adapters/copy-store/s3-store.ts";
import type { KnownTarget } from "../features/archive/index.ts";
import type { CopyStore } from "../platform/copy-store.ts";
import type { CopyZips } from "../platform/copy-zips.ts";

type FilesTarget = Extract<KnownTarget, { kind: "files" }>;
export type StoreTarget = Exclude<KnownTarget, { kind: "smtp" }>;

/** Opens nothing until it is used. Throws `CopyStoreError` for a target that cannot be one. */
export function openCopyStore(target: StoreTarget, place: { readonly dataDir: string }): CopyStore {
  return target.kind === "s3" ? openS3Store(target) : openFileStore(directoryOf(target, place.dataDir));
}

export function openZips(target: FilesTarget, place: { readonly dataDir: string }): CopyZips {
  return openCopyZips(directoryOf(target, place.dataDir));
}

function directoryOf({ directory }: FilesTarget, dataDir: string): string {
  return directory ?? join(dataDir, "archive");
}
