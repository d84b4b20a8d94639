/** A file that comes in over HTTP, read into memory up to a limit: it goes into one row of the database. */
import type { MultipartFile } from "@fastify/multipart";

import { appError, errorText } from "../../platform/errors.ts";

/** Throws `too-large`, or `invalid-input` for a file without a byte, as soon as either is known. */
export async function receiveFile(part: MultipartFile, limit: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of part.file as AsyncIterable<Buffer>) {
      size += chunk.length;
      // What is over the limit is read and thrown away: a client listens for the answer when it has sent everything.
      if (size <= limit) chunks.push(chunk);
      else chunks.length = 0;
    }
  } catch (error) {
    throw appError("malformed-request", { detail: errorText(error) });
  }
  if (size > limit) throw appError("too-large", { what: `The file (${size} bytes)`, limit: `${limit} bytes` });
  if (size === 0) {
    const message = "The file is empty";
    throw appError("invalid-input", { detail: `/file: ${message}` }, [{ pointer: "/file", code: "empty", message }]);
  }
  return Buffer.concat(chunks);
}
