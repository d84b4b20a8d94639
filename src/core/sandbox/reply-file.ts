/**
 * Replies by name, from a file of JSON lines: `{"id":"full","text":"452 4.2.2 Mailbox full","stage":"rcpt"}`. Whoever collects replies of
 * real servers has the sandbox give them: `reply-full@sandbox.test`. Keys that are not known here are left alone, so that collections
 * with labels can be taken as they are.
 */
import { readReply } from "../bounce/read-reply.ts";
import { ALWAYS, type EnvelopeStage, type Plan, type WireReply } from "./plan.ts";
import { ENHANCED_CODE } from "./replies.ts";

export type NamedReply = { readonly stage: EnvelopeStage; readonly reply: WireReply };
/** By id in lower case. */
export type NamedReplies = ReadonlyMap<string, NamedReply>;

export type ReplyFile = {
  readonly replies: NamedReplies;
  /** What cannot be used, each with its line. */
  readonly problems: readonly string[];
};

/** What fits into a local part behind `reply-` (RFC 5321 §4.5.3.1.1: 64 octets) and holds no `+`. */
const ID = /^[a-z0-9][a-z0-9._-]{0,50}$/;
const STAGES: Readonly<Record<string, EnvelopeStage>> = {
  // no address is known before
  connect: "mail",
  ehlo: "mail",
  mail: "mail",
  rcpt: "rcpt",
  data: "data",
  dot: "dot",
};
/** RFC 5321 §4.5.3.1.5: 512 octets with code and line end. */
const LINE_OCTETS = 500;
const PREFIX = "reply-";

export function parseReplyFile(text: string): ReplyFile {
  const replies = new Map<string, NamedReply>();
  const problems: string[] = [];
  for (const [i, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const row = readRow(line);
    if (typeof row === "string") problems.push(`line ${i + 1}: ${row}`);
    else if (replies.has(row.id)) problems.push(`line ${i + 1}: ${row.id} is there already`);
    else replies.set(row.id, row);
  }
  return { replies, problems };
}

/** A text says what is wrong. */
function readRow(line: string): (NamedReply & { readonly id: string }) | string {
  let row: unknown;
  try {
    row = JSON.parse(line);
  } catch {
    return "is no JSON";
  }
  const { id, text, stage } = Object(row) as Record<string, unknown>;
  if (typeof id !== "string" || !ID.test(id.toLowerCase())) return "the id is missing or fits into no address";
  if (typeof text !== "string" || text.trim() === "") return `${id} has no text`;
  if (stage !== undefined && (typeof stage !== "string" || !Object.hasOwn(STAGES, stage))) {
    return `${id}: the stage is none of ${Object.keys(STAGES).join(", ")}`;
  }
  const said = readReply(text);
  const at = STAGES[stage ?? said.stage ?? "rcpt"] ?? "rcpt";
  const reply = replyOf(text, said.enhanced);
  if (reply.code < 400) return `${id}: ${reply.code} is no refusal`;
  return { id: id.toLowerCase(), stage: at, reply };
}

/** Without a code in front it has that of its enhanced code's class; what says nothing is final. */
function replyOf(text: string, enhanced: string | null): WireReply {
  const own = /^\s*([2-5]\d\d)(?=[\s-]|$)/.exec(text)?.[1];
  const code = Number(own ?? (enhanced?.startsWith("4") ? "450" : "550"));
  const lines = text
    .trim()
    .split(/\r\n|\r|\n/)
    .map((line) => line.replace(new RegExp(`^\\s*${code}(?:[ -]|$)`), ""));
  return { code, lines: lines.map(printable).flatMap(cutLine) };
}

/** A reply line holds no controls (RFC 5321 §4.2). */
function printable(line: string): string {
  // oxlint-disable-next-line no-control-regex
  return line.replace(/[\u0000-\u001f\u007f]+/g, " ").trim();
}

/** At blanks where there are any; each piece bears the enhanced code again, as servers write it (RFC 2034 §4). */
function cutLine(line: string): string[] {
  const head = ENHANCED_CODE.exec(line)?.[0] ?? "";
  const pieces: string[] = [];
  let piece = head;
  for (const word of line.slice(head.length).match(/\S{1,100}\s?/g) ?? [""]) {
    if (piece !== head && octets(piece) + octets(word) > LINE_OCTETS) {
      pieces.push(piece.trimEnd());
      piece = head;
    }
    piece += word;
  }
  return [...pieces, piece.trimEnd()];
}

/** At most so many in UTF-8. */
function octets(text: string): number {
  let count = 0;
  for (let i = 0; i < text.length; i++) count += text.charCodeAt(i) < 0x80 ? 1 : 3;
  return count;
}

/** What a local part in lower case asks for, what is behind `+` left out; null: no reply. An id that the file has not is refused by name. */
export function replyPlan(local: string, replies: NamedReplies): Plan | null {
  const [name = ""] = local.split("+", 1);
  if (!name.startsWith(PREFIX)) return null;
  const id = name.slice(PREFIX.length);
  const known = replies.get(id);
  if (known) return { kind: "refuse", ...known, times: ALWAYS };
  return {
    kind: "refuse",
    stage: "rcpt",
    reply: { code: 550, lines: [`5.1.1 no reply "${id}" is known here`] },
    times: ALWAYS,
  };
}
