/** Whole sessions with two messages, as the server sees them: one for each way the client can send. */
import { bodyOf } from "../dialogues/dialogue.ts";
import type { Said, Script, Turn } from "./byte-server.ts";

export type Way = "pipelined" | "in chunks" | "step by step" | "secured";

const EHLO = "EHLO client.example\r\n";

const mail = "MAIL FROM:<bounce@sender.example>\r\n";
const rcpt = (tag: string) => `RCPT TO:<${tag.toLowerCase()}@example.com>\r\n`;
const dotted = (tag: string) => `${bodyOf(tag)}.\r\n`;
const chunk = (tag: string) => `BDAT ${bodyOf(tag).length} LAST\r\n${bodyOf(tag)}`;

function turn(hears: string, ...says: readonly (readonly [phase: string, bytes: string])[]): Turn {
  return { hears, says: says.map(([phase, bytes]): Said => ({ phase, bytes })) };
}

const ok = (phase: string, tag: string) => [`${phase} ${tag}`, `250 2.0.0 ${phase} ${tag} ok\r\n`] as const;
const goAhead = (tag: string) => [`data ${tag}`, `354 go ahead ${tag}\r\n`] as const;

const greeting = turn("", ["greeting", "220-mx.example\r\n220 ESMTP\r\n"]);
const quit = turn("QUIT\r\n", ["quit", "221 bye\r\n"]);

const envelope = (tag: string) => `${mail}${rcpt(tag)}DATA\r\n`;
const toEnvelope = (tag: string) => [ok("mail", tag), ok("rcpt", tag), goAhead(tag)] as const;

const stepwise = (tag: string): Turn[] => [
  turn(mail, ok("mail", tag)),
  turn(rcpt(tag), ok("rcpt", tag)),
  turn("DATA\r\n", goAhead(tag)),
  turn(dotted(tag), ok("dot", tag)),
];

const pipelined: Script = [
  turn(envelope("A"), ...toEnvelope("A")),
  turn(`${dotted("A")}${envelope("B")}`, ok("dot", "A"), ...toEnvelope("B")),
  turn(dotted("B"), ok("dot", "B")),
  quit,
];

export const SCRIPTS: Readonly<Record<Way, Script>> = {
  pipelined: [greeting, turn(EHLO, ["ehlo", "250-mx.example\r\n250 PIPELINING\r\n"]), ...pipelined],
  "in chunks": [
    greeting,
    turn(EHLO, ["ehlo", "250-mx.example\r\n250-PIPELINING\r\n250 CHUNKING\r\n"]),
    turn(`${mail}${rcpt("A")}`, ok("mail", "A"), ok("rcpt", "A")),
    turn(`${chunk("A")}${mail}${rcpt("B")}`, ok("dot", "A"), ok("mail", "B"), ok("rcpt", "B")),
    turn(chunk("B"), ok("dot", "B")),
    quit,
  ],
  "step by step": [greeting, turn(EHLO, ["ehlo", "250 mx.example\r\n"]), ...stepwise("A"), ...stepwise("B"), quit],
  secured: [
    greeting,
    turn(EHLO, ["ehlo", "250-mx.example\r\n250 STARTTLS\r\n"]),
    { ...turn("STARTTLS\r\n", ["starttls", "220 2.0.0 go on\r\n"]), secures: true },
    turn(EHLO, ["ehlo again", "250-mx.example\r\n250-PIPELINING\r\n250 AUTH PLAIN\r\n"]),
    turn("AUTH PLAIN AHVzZXIAc2VjcmV0\r\n", ["auth", "235 2.7.0 welcome\r\n"]),
    ...pipelined,
  ],
};

/** What the session is told to send in this way. */
export const LOGIN = { user: "user", password: "secret" };
