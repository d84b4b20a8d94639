/**
 * A dialogue as Sendmail and its kin print it: `>>> RCPT To:<ada@one.example>`, `<<< 550 5.1.1 User unknown`, then their own words,
 * `550 5.1.1 <ada@one.example>... User unknown`. Postfix tells its postmaster in ` In: ` and ` Out: ` lines.
 */
import { findAddresses } from "./find-addresses.ts";
import { findHost, oneLine } from "./read-answer.ts";

export type Transcript = {
  /** By recipient in lower case: what was answered for them. */
  readonly replies: ReadonlyMap<string, Reply>;
  /** Recipients in the order of the dialogue, as written. */
  readonly named: readonly string[];
  /** The last refusal that names nobody: it is for all. */
  readonly common: Reply | null;
};
type Reply = { readonly text: string; readonly mx: string | null };

const COMMAND = /^(?:.{10,40}: )?\s*(?:>{3,4}|In:|C:|-->|=>)\s+(.*)$/;
const REPLY = /^(?:.{10,40}: )?\s*(?:<{3,4}|Out:|S:|<--|<=)\s+([45]\d\d[ -].*)$/;
const OWN = /^\s*([45]\d\d[ -].*)$/;

export function readTranscript(lines: readonly string[]): Transcript {
  const replies = new Map<string, Reply>();
  const named = new Map<string, string>();
  let common: Reply | null = null;
  let mx: string | null = null;
  let current: string | null = null;
  let inDialogue = false;
  let isAboutSender = false;
  let last: Reply | null = null;
  for (const [i, line] of lines.entries()) {
    if (/while talking to/i.test(line)) {
      mx = findHost(line);
      last = null;
      isAboutSender = false;
    }
    const command = COMMAND.exec(line)?.[1];
    if (command !== undefined) {
      inDialogue = true;
      isAboutSender = /^(?:mail|helo|ehlo)/i.test(command);
      current = /^rcpt/i.test(command) ? (findAddresses(command)[0]?.address ?? null) : null;
      if (current !== null) named.set(current.toLowerCase(), current);
      continue;
    }
    const theirs = REPLY.exec(line)?.[1];
    if (theirs === undefined) isAboutSender = false;
    const own = theirs ?? (isOwn(line, inDialogue) ? OWN.exec(line)?.[1] : undefined);
    if (own === undefined) continue;
    const text = oneLine(
      `${withFolded(own, lines, i)}${theirs === undefined ? printedBefore(lines[i - 1] ?? "") : ""}`,
    );
    const whom = current ?? (isAboutSender ? null : addressedTo(own));
    if (whom === null) last ??= { text, mx };
    else if (!replies.has(whom.toLowerCase())) replies.set(whom.toLowerCase(), replyTo(theirs, text, last, mx));
    common ??= last;
    if (whom !== null) named.set(whom.toLowerCase(), whom);
  }
  return { replies, named: [...named.values()], common };
}

/** Its own words about the recipient are less than what the server said just before. */
function replyTo(theirs: string | undefined, text: string, common: Reply | null, mx: string | null): Reply {
  return theirs === undefined && common !== null && /service unavailable|protocol error|deferred/i.test(text)
    ? common
    : { text, mx };
}

function isOwn(line: string, inDialogue: boolean): boolean {
  return inDialogue || /^\s*[45]\d\d[ -](?:[45]\.\d\.\d{1,3} )?\S+\.\.\. /.test(line);
}

/** `550 5.1.1 <ada@one.example>... User unknown` speaks of her; an address further behind may be the sender's. */
function addressedTo(text: string): string | null {
  const head =
    /^[45]\d\d[ -](?:#?[45]\.\d{1,3}\.\d{1,3} )?[<"']?([^\s<>"']{1,320}@[^\s<>"']{1,255}?)[>"']?(?:\.{3}|:)/.exec(
      text,
    )?.[1];
  return head ?? null;
}

/** What the program that delivers locally printed of its own: `procmail: Quota exceeded while writing "/var/mail/ada"`. */
function printedBefore(line: string): string {
  return /^[a-z][\w./-]{2,30}: \S/.test(line) ? ` ${line.trim()}` : "";
}

function withFolded(text: string, lines: readonly string[], at: number): string {
  const more: string[] = [];
  const code = text.slice(0, 3);
  for (const line of lines.slice(at + 1, at + 12)) {
    const reply = REPLY.exec(line)?.[1];
    if (reply?.startsWith(code) && text.startsWith(`${code}-`)) more.push(reply);
    else break;
  }
  return [text, ...more].join(" ");
}
