/** Whose copy it is: the tag in Message-ID, else in Feedback-ID, which nobody but the platform can make. */
import type { MessageKey } from "../delivery/status.ts";
import { readTag, type TokenKeys } from "../tracking/token.ts";
import { type CopyName, parseCopyName } from "./copy-name.ts";

export type NamedCopy = Pick<CopyName, "deliveryId" | "key">;

/** By the file name alone: in zips and in folders that somebody moved there is no day and hour before it. Null: no name of ours. */
export function copyNamed(path: string): NamedCopy | null {
  return parseCopyName(`2000-01-01/00h/${path.slice(path.lastIndexOf("/") + 1)}`);
}

/** More header than this is not looked at. */
const MAX_HEADER = 256 * 1024;
const CHUNK = 8192;
const LF = 10;
const CR = 13;

/** Null for whatever is no copy of a message of ours. Only the header counts: a bounce or a forwarded copy is another message. */
export function recogniseCopy(copy: Uint8Array, keys: TokenKeys): MessageKey | null {
  const header = headerOf(copy);
  for (const value of valuesOf(header, "message-id")) {
    // left side: message key, date, tag (`messageIdOf`)
    const left = value.replace(/^</, "").split("@")[0] ?? "";
    const key = readKey(keys, left.slice(left.lastIndexOf(".") + 1));
    if (key !== null) return key;
  }
  for (const value of valuesOf(header, "feedback-id")) {
    const key = readKey(keys, value.split(":")[2] ?? "");
    if (key !== null) return key;
  }
  return null;
}

function readKey(keys: TokenKeys, tag: string): MessageKey | null {
  const tagged = readTag(keys, tag.trim());
  return tagged && { partId: tagged.partId, seq: tagged.seq };
}

/** Unfolded (RFC 5322 §2.2.3). */
function valuesOf(header: string, name: string): string[] {
  const fields = header.matchAll(new RegExp(`^${name}[ \\t]*:(.*(?:\\r?\\n[ \\t].*)*)`, "gim"));
  return Array.from(fields, ([, value = ""]) => value.replace(/\s+/g, " ").trim());
}

/** As a text whose characters are bytes, up to the empty line. */
function headerOf(copy: Uint8Array): string {
  const header = copy.subarray(0, Math.min(headerLength(copy), MAX_HEADER));
  let text = "";
  for (let at = 0; at < header.length; at += CHUNK) {
    // `apply` takes bytes as they are; spreading them costs twenty times as much
    text += String.fromCharCode.apply(null, header.subarray(at, at + CHUNK) as unknown as number[]);
  }
  return text;
}

function headerLength(copy: Uint8Array): number {
  for (let start = 0; start < copy.length; ) {
    if (copy[start] === LF || (copy[start] === CR && copy[start + 1] === LF)) return start;
    const lf = copy.indexOf(LF, start);
    if (lf < 0) break;
    start = lf + 1;
  }
  return copy.length;
}
