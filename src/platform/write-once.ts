/** A file that several processes may want to make at the same moment: the first one's is kept, and nobody ever sees half of it. */
import { randomBytes } from "node:crypto";
import { linkSync, rmSync, writeFileSync } from "node:fs";

import { errorCode } from "./errors.ts";

/** True when this call made the file; false when it was there. */
export function writeOnce(path: string, text: string): boolean {
  const draft = `${path}.${randomBytes(4).toString("hex")}`;
  writeFileSync(draft, text, { mode: 0o600 });
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}
