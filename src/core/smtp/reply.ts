/**
 * Reads SMTP replies (RFC 5321 §4.2) out of a stream of bytes that may be cut anywhere. Lenient where servers err and the
 * meaning is plain: LF alone ends a line, CRs before it are dropped, the code of the last line counts when the lines
 * disagree. Everything else is garbage, and after garbage nothing more is read.
 */
import type { Reply } from "./outcome.ts";
import { byteString, decodeLine } from "./reply-text.ts";

/** RFC 5321 §4.5.3.1.5 allows 512 octets; some servers put a whole policy page on one line. */
const MAX_LINE = 8192;
const MAX_REPLY = 65_536;

export type ReplyParser = {
  /** Bytes that are not read yet, one character each, from `at`. */
  unread: string;
  at: number;
  /** Texts of the lines of a reply whose last line has not come yet, and their length. */
  lines: string[];
  size: number;
};

export type Reading =
  | { readonly kind: "reply"; readonly reply: Reply }
  | { readonly kind: "incomplete" }
  | { readonly kind: "garbage"; readonly detail: string };

const INCOMPLETE: Reading = { kind: "incomplete" };

export function createReplyParser(): ReplyParser {
  return { unread: "", at: 0, lines: [], size: 0 };
}

export function addBytes(parser: ReplyParser, bytes: Uint8Array): void {
  const rest = parser.at < parser.unread.length ? parser.unread.slice(parser.at) : "";
  parser.unread = rest + byteString(bytes);
  parser.at = 0;
}

/** True when bytes have come that belong to no complete reply. */
export function hasUnread(parser: ReplyParser): boolean {
  return parser.at < parser.unread.length || parser.lines.length > 0;
}

/** What has come of an unfinished line, for the log. */
export function unreadText(parser: ReplyParser): string {
  return decodeLine(parser.unread.slice(parser.at, parser.at + 200).trim());
}

/** The next complete reply. */
export function readReply(parser: ReplyParser): Reading {
  for (;;) {
    const lineFeed = parser.unread.indexOf("\n", parser.at);
    const length = (lineFeed < 0 ? parser.unread.length : lineFeed) - parser.at;
    if (length > MAX_LINE) return garbage("a line longer than 8192 bytes");
    if (lineFeed < 0) return INCOMPLETE;
    const start = parser.at;
    let end = lineFeed;
    while (end > start && parser.unread.charCodeAt(end - 1) === 13) end--;
    parser.at = lineFeed + 1;

    const code = codeAt(parser.unread, start);
    const separator = end === start + 3 ? " " : parser.unread[start + 3];
    if (code === 0 || end < start + 3 || (separator !== " " && separator !== "-")) {
      return garbage(JSON.stringify(decodeLine(parser.unread.slice(start, Math.min(end, start + 200)))));
    }
    parser.size += end - start;
    if (parser.size > MAX_REPLY) return garbage("a reply longer than 65536 bytes");
    parser.lines.push(decodeLine(parser.unread.slice(start + 4, end)));
    if (separator === " ") return { kind: "reply", reply: takeReply(parser, code) };
  }
}

function takeReply(parser: ReplyParser, code: number): Reply {
  const lines = parser.lines;
  parser.lines = [];
  parser.size = 0;
  return { code, enhanced: enhancedCode(lines), lines };
}

/** 0 for anything but 200..599. */
function codeAt(text: string, at: number): number {
  const hundreds = text.charCodeAt(at) - 48;
  const tens = text.charCodeAt(at + 1) - 48;
  const ones = text.charCodeAt(at + 2) - 48;
  const isCode = hundreds >= 2 && hundreds <= 5 && tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9;
  return isCode ? hundreds * 100 + tens * 10 + ones : 0;
}

/** RFC 2034 §4: at the start of the text; not the beginning of an IP address. */
const ENHANCED = /^([245]\.\d{1,3}\.\d{1,3})(?!\d|\.\d)/;

function enhancedCode(lines: readonly string[]): string | null {
  for (let i = lines.length - 1; i >= 0; i--) {
    const found = ENHANCED.exec(lines[i] ?? "");
    if (found) return found[1] ?? null;
  }
  return null;
}

function garbage(detail: string): Reading {
  return { kind: "garbage", detail };
}
