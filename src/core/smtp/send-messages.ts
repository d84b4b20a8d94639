/**
 * Mail transactions on an open connection (RFC 5321 §3.3). With PIPELINING (RFC 2920) MAIL, RCPT and DATA travel in one
 * write, and behind the final dot of the message before: content may be the first thing of a group (§3.1). Then a refused
 * recipient still gets an answer to DATA: after 354 a lone dot ends the content that nobody wants, any other answer is
 * followed by RSET. Without PIPELINING it is strictly one command at a time.
 *
 * Every message that is taken leaves as exactly one `outcome` or `return`.
 */
import { assertNever } from "../never.ts";
import { type Outcome, type Reply, replyText, type Trouble } from "./outcome.ts";
import { formatPath } from "./path.ts";
import {
  type Awaited,
  close,
  type Effect,
  isPipelining,
  isRefusal,
  isSuccess,
  lost,
  refused,
  sayQuit,
  type Session,
  type SmtpMessage,
  type Transaction,
} from "./session-state.ts";

/** True when a message can be offered; while it is, the shell may offer at any time. */
export function wantsMessage(session: Session): boolean {
  if (session.state.name !== "open" || session.taken >= session.options.maxMessages) return false;
  const last = session.awaiting.at(-1);
  if (last === undefined) return true;
  return isPipelining(session) && last.command !== "mail" && last.command !== "rcpt" && last.command !== "data";
}

export function takeOffer(session: Session, message: SmtpMessage, effects: Effect[]): void {
  if (!wantsMessage(session)) {
    effects.push({ kind: "return", tag: message.tag });
    return;
  }
  const envelope = readEnvelope(session, message);
  if (envelope.kind === "unsendable") {
    effects.push({ kind: "outcome", tag: message.tag, outcome: envelope.outcome });
    return;
  }
  const transaction: Transaction = { message, rcpt: envelope.rcpt, phase: "envelope" };
  session.taken++;
  // Idle until now: the time-out begins here.
  if (session.awaiting.length === 0) session.progress++;
  session.awaiting.push({ command: "mail", transaction });
  if (!isPipelining(session)) {
    effects.push({ kind: "write", text: envelope.mail });
    return;
  }
  session.awaiting.push({ command: "rcpt", transaction }, { command: "data", transaction });
  effects.push({ kind: "write", text: `${envelope.mail}${envelope.rcpt}DATA\r\n` });
}

type Envelope =
  | { readonly kind: "envelope"; readonly mail: string; readonly rcpt: string }
  | { readonly kind: "unsendable"; readonly outcome: Outcome };

/** The MAIL and RCPT lines, or why this server cannot get the message at all. */
function readEnvelope(session: Session, message: SmtpMessage): Envelope {
  const { size, eightBitMime, smtpUtf8 } = session.capabilities;
  const from = formatPath(message.mailFrom);
  const to = message.rcptTo === "" ? null : formatPath(message.rcptTo);
  if (from === null) return unsendable(lost("mail", "smtputf8", "the return path cannot be written in SMTP"));
  if (to === null) return unsendable(lost("rcpt", "smtputf8", "the address cannot be written in SMTP"));
  if (size !== null && size > 0 && message.sizeBytes > size) {
    return unsendable(lost("mail", "too-large", `${message.sizeBytes} bytes; the server takes ${size}`));
  }
  const needsUtf8 = message.needsSmtpUtf8 || BEYOND_ASCII.test(from) || BEYOND_ASCII.test(to);
  if (needsUtf8 && !smtpUtf8) return unsendable(lost("mail", "smtputf8", "the server does not offer SMTPUTF8"));
  if (message.is8bit && !eightBitMime) {
    return unsendable(lost("mail", "smtputf8", "the content is 8-bit and the server does not offer 8BITMIME"));
  }
  let params = size === null ? "" : ` SIZE=${message.sizeBytes}`;
  if (message.is8bit) params += " BODY=8BITMIME";
  if (needsUtf8) params += " SMTPUTF8";
  return { kind: "envelope", mail: `MAIL FROM:${from}${params}\r\n`, rcpt: `RCPT TO:${to}\r\n` };
}

const BEYOND_ASCII = /[\x80-\xff]/;

function unsendable(outcome: Outcome): Envelope {
  return { kind: "unsendable", outcome };
}

export function onTransactionReply(session: Session, reply: Reply, effects: Effect[]): void {
  const awaited = session.awaiting[0];
  if (reply.code === 421) return onShutdown(session, awaited, reply, effects);
  if (awaited === undefined) return loseMessages(session, "garbage", `unexpected ${reply.code}`, effects);
  const { command, transaction } = awaited;
  if (transaction.phase === "content") return onPrematureReply(session, transaction, reply, effects);
  if (isOutOfPlace(awaited, reply)) {
    return loseMessages(session, "garbage", `unexpected ${reply.code} to ${command}`, effects);
  }
  session.awaiting.shift();
  session.progress++;
  switch (command) {
    case "mail":
      if (isRefusal(reply)) settle(session, transaction, refused("mail", reply), effects);
      else if (!isPipelining(session)) ask(session, "rcpt", transaction, transaction.rcpt, effects);
      break;
    case "rcpt":
      onRcptReply(session, transaction, reply, effects);
      break;
    case "data":
      onDataReply(session, transaction, reply, effects);
      break;
    case "dot":
      settle(session, transaction, isSuccess(reply) ? { kind: "accepted", reply } : refused("dot", reply), effects);
      break;
    case "lone-dot":
    case "rset":
      // Whatever it says, it is about a message whose outcome is known.
      break;
    default:
      assertNever(command);
  }
}

/** Success to DATA is 354; nothing else has a 3xx. Of a settled transaction only the answer to DATA still matters. */
function isOutOfPlace({ command, transaction }: Awaited, reply: Reply): boolean {
  if (isRefusal(reply) || command === "lone-dot" || command === "rset") return false;
  if (command === "data") return transaction.phase !== "settled" && reply.code !== 354;
  return !isSuccess(reply);
}

function onRcptReply(session: Session, transaction: Transaction, reply: Reply, effects: Effect[]): void {
  const isPipelined = isPipelining(session);
  if (isSuccess(reply)) {
    if (!isPipelined) ask(session, "data", transaction, "DATA\r\n", effects);
    return;
  }
  settle(session, transaction, refused("rcpt", reply), effects);
  if (!isPipelined) ask(session, "rset", transaction, "RSET\r\n", effects);
}

function onDataReply(session: Session, transaction: Transaction, reply: Reply, effects: Effect[]): void {
  const isGoAhead = reply.code === 354;
  if (transaction.phase === "settled") {
    if (isGoAhead) ask(session, "lone-dot", transaction, ".\r\n", effects);
    else ask(session, "rset", transaction, "RSET\r\n", effects);
  } else if (isGoAhead) {
    transaction.phase = "content";
    session.awaiting.push({ command: "dot", transaction });
    effects.push({ kind: "body", tag: transaction.message.tag });
  } else {
    settle(session, transaction, refused("data", reply), effects);
    ask(session, "rset", transaction, "RSET\r\n", effects);
  }
}

function ask(
  session: Session,
  command: Awaited["command"],
  transaction: Transaction,
  text: string,
  effects: Effect[],
): void {
  session.awaiting.push({ command, transaction });
  effects.push({ kind: "write", text });
}

function settle(session: Session, transaction: Transaction, outcome: Outcome, effects: Effect[]): void {
  if (transaction.phase === "settled") return;
  transaction.phase = "settled";
  session.settled++;
  effects.push({ kind: "outcome", tag: transaction.message.tag, outcome });
}

/** A reply to content that has not left yet cannot be about it: only a refusal can be believed, and nothing is sent. */
function onPrematureReply(session: Session, transaction: Transaction, reply: Reply, effects: Effect[]): void {
  const outcome = isRefusal(reply)
    ? refused("data", reply)
    : lost("data", "garbage", `${reply.code} before the content`);
  settle(session, transaction, outcome, effects);
  giveBackAll(session, effects);
  close(session, replyText(reply), effects);
}

/** RFC 5321 §3.8: 421 may answer anything, and the server closes. Only the message it answers has had an attempt. */
function onShutdown(session: Session, awaited: Awaited | undefined, reply: Reply, effects: Effect[]): void {
  if (awaited) {
    const { command, transaction } = awaited;
    const isAnswer = command !== "rset" && command !== "lone-dot";
    if (transaction.phase === "content") settle(session, transaction, refused("data", reply), effects);
    else if (isAnswer) settle(session, transaction, refused(command, reply), effects);
  }
  giveBackAll(session, effects);
  close(session, replyText(reply), effects);
}

/**
 * The connection broke, fell silent or talks nonsense. The message whose reply was awaited is lost, one behind it is given
 * back. So is a message whose MAIL met a server that hung up after others: an idle connection was closed, no more.
 */
export function loseMessages(session: Session, trouble: Trouble, detail: string, effects: Effect[]): void {
  const awaited = session.awaiting[0];
  if (awaited && awaited.transaction.phase !== "settled") {
    const { command, transaction } = awaited;
    const wasIdle = command === "mail" && trouble === "closed" && session.settled > 0;
    if (!wasIdle) settle(session, transaction, lostAt(awaited, trouble, detail), effects);
  }
  giveBackAll(session, effects);
  close(session, detail, effects);
}

function lostAt({ command, transaction }: Awaited, trouble: Trouble, detail: string): Outcome {
  switch (transaction.phase) {
    case "content":
      return lost("data", trouble, detail);
    case "sent":
      return lost("dot", trouble, detail, true);
    case "envelope":
    case "settled":
      return lost(command === "rcpt" || command === "data" ? command : "mail", trouble, detail);
    default:
      return assertNever(transaction.phase);
  }
}

/** Returns whatever has no outcome yet. */
export function giveBackAll(session: Session, effects: Effect[]): void {
  for (const { transaction } of session.awaiting.splice(0)) {
    if (transaction.phase === "settled") continue;
    transaction.phase = "settled";
    effects.push({ kind: "return", tag: transaction.message.tag });
  }
}

/** The final dot that was asked for is with the socket now: from here on a lost reply means doubt. */
export function onFlushed(session: Session): void {
  const transaction = session.awaiting[0]?.transaction;
  if (transaction?.phase === "content") transaction.phase = "sent";
}

/**
 * QUIT once nothing is awaited and nothing more may be sent. Not behind the last final dot, though RFC 2920 allows it: a
 * server that hangs up at once on QUIT would leave the last message in doubt, and that costs more than a round trip.
 */
export function quitWhenDone(session: Session, effects: Effect[]): void {
  const { state, awaiting, taken, options } = session;
  if (awaiting.length > 0) return;
  if (state.name === "draining" || (state.name === "open" && taken >= options.maxMessages)) sayQuit(session, effects);
}
