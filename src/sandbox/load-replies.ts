/** The replies that `reply-ID@…` asks for: a few of our own, and those of a file that somebody names. */
import { readFile } from "node:fs/promises";

import { type NamedReplies, parseReplyFile } from "../core/sandbox/reply-file.ts";
import { appError, errorText } from "../platform/errors.ts";

const OWN = new URL("replies.jsonl", import.meta.url);
/** So many problems are told at once. */
const TOLD = 5;

/** `path` null: only ours. An id of the file comes before ours. Throws `config-invalid`. */
export async function loadReplies(path: string | null = null): Promise<NamedReplies> {
  const own = parseReplyFile(await readFile(OWN, "utf8"));
  if (path === null) return own.replies;
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw appError("config-invalid", { problems: `the replies of the sandbox: ${errorText(error)}` });
  });
  const { replies, problems } = parseReplyFile(text);
  if (problems.length > 0) {
    const more = problems.length > TOLD ? [`and ${problems.length - TOLD} more`] : [];
    throw appError("config-invalid", { problems: `${path}: ${[...problems.slice(0, TOLD), ...more].join("; ")}` });
  }
  return new Map([...own.replies, ...replies]);
}
