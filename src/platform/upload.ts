/** The file that comes in as a multipart form (RFC 7578). */
import type { MultipartFile } from "@fastify/multipart";
import type { FastifyRequest } from "fastify";

import { appError, errorCode, errorText } from "./errors.ts";

/** Throws `invalid-input` for a form without a file, `malformed-request` for what is no form. */
export async function openUpload(request: FastifyRequest): Promise<MultipartFile> {
  const part = await openFirst(request);
  if (part !== undefined) return part;
  const message = "The multipart field `file` is missing";
  throw appError("invalid-input", { detail: message }, [{ pointer: "/file", code: "required", message }]);
}

async function openFirst(request: FastifyRequest): Promise<MultipartFile | undefined> {
  try {
    return await request.file();
  } catch (error) {
    throw asUploadError(error);
  }
}

/** Disk and framework name what fails by a code. The parser of forms has none: a boundary is missing, or the end. */
export function asUploadError(error: unknown): unknown {
  return errorCode(error) === "" ? appError("malformed-request", { detail: errorText(error) }) : error;
}
