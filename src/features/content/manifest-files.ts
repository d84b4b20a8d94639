/** The bytes behind a manifest's attachments: stored when it is frozen, read again for previews. */
import type { Manifest } from "../../core/message/manifest.ts";
import type { Instant } from "../../core/time.ts";
import type { Queryable } from "../../platform/db.ts";
import { encodeFiles, saveFile, toBase64 } from "../files/index.ts";
import type { Prepared } from "./prepare-content.ts";

/** The manifest as it is kept: the images that came with the HTML are files now. */
export async function freezeManifest(tx: Queryable, { manifest, images }: Prepared, now: Instant): Promise<Manifest> {
  const ids = new Map<number, number>();
  for (const [index, { contentType, bytes }] of images.entries()) {
    const id = -1 - index;
    const name = manifest.attachments.find(({ fileId }) => fileId === id)?.name ?? "image";
    const file = await saveFile(tx, { name, contentType, content: bytes }, now);
    ids.set(id, Number(file.id));
  }
  const attachments = manifest.attachments.map((a) => ({ ...a, fileId: ids.get(a.fileId) ?? a.fileId }));
  return { ...manifest, attachments };
}

/** Base64 of each attachment's bytes, by the id that the manifest has for it. */
export async function encodeAttachments(
  db: Queryable,
  manifest: Manifest,
  images: Prepared["images"],
): Promise<Map<number, string>> {
  const ids = manifest.attachments.map(({ fileId }) => fileId).filter((id) => id > 0);
  const encoded = await encodeFiles(db, ids);
  for (const [index, { bytes }] of images.entries()) encoded.set(-1 - index, toBase64(bytes));
  return encoded;
}
