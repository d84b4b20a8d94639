/**
 * A file of recipients that comes in over HTTP: spooled into the data directory, so that the answer can go out as soon as the file
 * is here and the import runs on without the client. Flat memory whatever the size.
 */
import { randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { FastifyRequest } from "fastify";

import { appError } from "../../platform/errors.ts";
import { asUploadError } from "../../platform/upload.ts";

export type Upload = { readonly path: string; remove(): Promise<void> };

export type Form = { readonly fileName: string; readonly upload: Upload; readonly options: string | null };

/** The form with its file spooled and its field `options`, in whatever order. What is refused leaves nothing behind. */
export async function receiveForm(dir: string, request: FastifyRequest): Promise<Form> {
  let file: Pick<Form, "fileName" | "upload"> | null = null;
  let options: string | null = null;
  try {
    for await (const part of request.parts()) {
      if (part.type === "field") {
        if (part.fieldname === "options") options = String(part.value);
      } else if (file === null) {
        file = { fileName: cleanFileName(part.filename), upload: await receiveUpload(dir, part.file) };
      } else part.file.resume();
    }
  } catch (error) {
    await file?.upload.remove();
    throw asUploadError(error);
  }
  if (file !== null) return { ...file, options };
  const message = "The multipart field `file` is missing";
  throw appError("invalid-input", { detail: message }, [{ pointer: "/file", code: "required", message }]);
}

/** Throws `malformed-request` for a form that ends inside the file; nothing of it stays. */
async function receiveUpload(dir: string, file: Readable): Promise<Upload> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const path = join(dir, `${randomUUID()}.csv`);
  const remove = () => rm(path, { force: true });
  try {
    await pipeline(file, createWriteStream(path, { flags: "wx", mode: 0o600 }));
  } catch (error) {
    await remove();
    throw asUploadError(error);
  }
  return { path, remove };
}

/** What an upload left behind when the process died: nobody will read it. */
export async function removeOldUploads(dir: string): Promise<void> {
  await rm(dir, { recursive: true, force: true });
}

/** The name a person gave the file: no folders, nothing that cannot be shown or stored. */
function cleanFileName(name: string): string {
  const last = basename(name.replaceAll("\\", "/")).toWellFormed();
  return last.replace(/\p{Cc}/gu, "").slice(0, 255) || "upload.csv";
}
