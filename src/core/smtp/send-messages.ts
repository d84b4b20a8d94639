/**
 * Mail transactions on an open connection (RFC 5321 §3.3). With PIPELINING (RFC 2920) MAIL, RCPT and DATA travel in one
 * write, and behind the final dot of the message before: content may be the first thing of a group (§3.1). Then a refused
 * recipient still gets an answer to DATA: after 354 a lone dot ends the content that nobody wants, any other answer is
 * followed by RSET. Without PIPELINING it is strictly one command at a time.
 *
 * With CHUNKING (RFC 3030) there is no DATA: once RCPT is accepted the content goes as one chunk, with the next MAIL and RCPT
 * behind it. BDAT could travel with MAIL and RCPT; then a refused recipient would cost the whole content, and an attempt would be
 * in the journal before it is known to happen. A message that goes no further than RCPT has RSET in the place of DATA.
 *
 * Every message that is taken leaves as exactly one `outcome` or `return`.
 */
import { assertNever } from "../never.ts";
import { type Outcome, type Reply, replyText, type Trouble } from "./outcome.ts";
import { writeEnvelope } from "./envelope.ts";
import { failFresh } from "./open-connection.ts";
import {
  type Awaited,
  close,
  type Effect,
  isChunking,
  isPipelining,
  isRefusal,
  isSuccess,
  lost,
  messageLimit,
  refused,
  sayQuit,
  type Session,
  type SmtpMessage,
  type Transaction,
} from "./session-state.ts";

/**
 * True when a message can be offered; while it is, the shell may offer at any time. Behind replies that are on their way already
 * there is no offer: whether it came in time would depend on how the network cuts them.
 */
export function wantsMessage(session: Session): boolean {
  if (session.state.name !== "open" || session.taken >= messageLimit(session)) return false;
  const last = session.awaiting.at(-1);
  if (last === undefined) return true;
  const { command, transaction } = last;
  if (!isPipelining(session) || transaction.until === "rcpt") return false;
  return command !== "mail" && command !== "rcpt" && command !== "data";
}

export function takeOffer(session: Session, message: SmtpMessage, effects: Effect[]): void {
  if (!wantsMessage(session)) {
    effects.push({ kind: "return", tag: message.tag });
    return;
  }
  const envelope = writeEnvelope(session.capabilities, message);
  if (envelope.kind === "unsendable") {
    effects.push({ kind: "outcome", tag: message.tag, outcome: envelope.outcome });
    return;
  }
  const until = message.untilRcpt === true ? "rcpt" : isChunking(session) ? "chunk" : "data";
  const transaction: Transaction = { message, rcpt: envelope.rcpt, until, phase: "envelope" };
  session.taken++;
  // Idle until now: the time-out begins here.
  if (session.awaiting.length === 0) session.progress++;
  session.awaiting.push({ command: "mail", transaction });
  if (!isPipelining(session)) {
    effects.push({ kind: "write", text: envelope.mail });
    return;
  }
  session.awaiting.push({ command: "rcpt", transaction });
  if (until !== "chunk") session.awaiting.push({ command: until === "data" ? "data" : "rset", transaction });
  effects.push({ kind: "write", text: `${envelope.mail}${envelope.rcpt}${BEHIND_RCPT[until]}` });
}

/** What is sent with RCPT before its reply is known. */
const BEHIND_RCPT: Readonly<Record<Transaction["until"], string>> = { data: "DATA\r\n", chunk: "", rcpt: "RSET\r\n" };

export function onTransactionReply(session: Session, reply: Reply, effects: Effect[]): void {
  const awaited = session.awaiting[0];
  if (reply.code === 421) return onShutdown(session, awaited, reply, effects);
  if (awaited === undefined) return loseMessages(session, "garbage", `unexpected ${reply.code}`, effects);
  const { command, transaction } = awaited;
  if (transaction.phase === "content") return onPrematureReply(session, transaction, reply, effects);
  if (isOutOfPlace(awaited, reply)) {
    return loseMessages(session, "garbage", `unexpected ${reply.code} to ${command}`, effects);
  }
  if (isAboutOrder(session, command, reply)) {
    giveBackAll(session, effects);
    return close(session, replyText(reply), effects);
  }
  session.isAfterRefusedChunk = false;
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
    case "chunk":
      onChunkReply(session, transaction, reply, effects);
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
  const { until, phase } = transaction;
  /** What ends the transaction is on the wire already. */
  const isEnding = isPipelining(session) && until !== "chunk";
  if (phase === "settled") {
    // MAIL was refused and RCPT was not: whatever that has opened is closed.
    if (!isEnding && isSuccess(reply)) ask(session, "rset", transaction, "RSET\r\n", effects);
  } else if (!isSuccess(reply)) {
    settle(session, transaction, refused("rcpt", reply), effects);
    if (!isEnding) ask(session, "rset", transaction, "RSET\r\n", effects);
  } else if (until === "rcpt") {
    settle(session, transaction, { kind: "accepted", reply, stage: "rcpt" }, effects);
    if (!isEnding) ask(session, "rset", transaction, "RSET\r\n", effects);
  } else if (until === "chunk") {
    sendContent(session, transaction, "chunk", effects);
  } else if (!isEnding) {
    ask(session, "data", transaction, "DATA\r\n", effects);
  }
}

function sendContent(session: Session, transaction: Transaction, as: "data" | "chunk", effects: Effect[]): void {
  transaction.phase = "content";
  session.awaiting.push({ command: as === "data" ? "dot" : "chunk", transaction });
  effects.push({ kind: "body", tag: transaction.message.tag, as });
}

function onDataReply(session: Session, transaction: Transaction, reply: Reply, effects: Effect[]): void {
  const isGoAhead = reply.code === 354;
  if (transaction.phase === "settled") {
    if (isGoAhead) ask(session, "lone-dot", transaction, ".\r\n", effects);
    else ask(session, "rset", transaction, "RSET\r\n", effects);
  } else if (isGoAhead) {
    sendContent(session, transaction, "data", effects);
  } else {
    settle(session, transaction, refused("data", reply), effects);
    ask(session, "rset", transaction, "RSET\r\n", effects);
  }
}

/** RFC 5321 §4.2.1: 500 to 504 are about the command and not about what it brings. */
function isAboutCommand({ code }: Reply): boolean {
  return code >= 500 && code <= 504;
}

/**
 * A server that offers CHUNKING and does not know BDAT has not taken the message, and may read its bytes as commands: nothing that
 * comes from it now can be believed. DATA on the same connection is no way out either ("503 5.5.1 No DATA after BDAT", Gmail).
 */
function onChunkReply(session: Session, transaction: Transaction, reply: Reply, effects: Effect[]): void {
  if (!isAboutCommand(reply)) {
    session.isAfterRefusedChunk = isRefusal(reply);
    const outcome: Outcome = isSuccess(reply) ? { kind: "accepted", reply } : refused("dot", reply);
    return settle(session, transaction, outcome, effects);
  }
  const detail = `BDAT was refused though CHUNKING is offered: ${replyText(reply)}`;
  effects.push({ kind: "chunking-refused" });
  settle(session, transaction, lost("data", "garbage", detail), effects);
  giveBackAll(session, effects);
  close(session, detail, effects);
}

/**
 * RFC 3030 §2 says that a transaction whose chunk was refused has failed, and not that it is over: a server that sees it otherwise
 * answers the next MAIL with 503, which is about the order of commands and not about that message.
 */
function isAboutOrder({ isAfterRefusedChunk }: Session, command: Awaited["command"], reply: Reply): boolean {
  return isAfterRefusedChunk && command === "mail" && reply.code === 503;
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
  if (session.isFresh) return failFresh(session, refused("ehlo", reply), replyText(reply), effects);
  if (awaited) {
    const { command, transaction } = awaited;
    if (transaction.phase === "content") settle(session, transaction, refused("data", reply), effects);
    else if (command === "chunk") settle(session, transaction, refused("dot", reply), effects);
    else if (command !== "rset" && command !== "lone-dot")
      settle(session, transaction, refused(command, reply), effects);
  }
  giveBackAll(session, effects);
  close(session, replyText(reply), effects);
}

/**
 * The connection broke, fell silent or talks nonsense. The message whose reply was awaited is lost, one behind it is given
 * back. So is a message whose MAIL met a server that hung up after others: an idle connection was closed, no more.
 */
export function loseMessages(session: Session, trouble: Trouble, detail: string, effects: Effect[]): void {
  if (session.isFresh) return failFresh(session, lost("ehlo", trouble, detail), detail, effects);
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

/** The final dot or last chunk that was asked for is with the socket now: from here on a lost reply means doubt. */
export function onFlushed(session: Session): void {
  const transaction = session.awaiting[0]?.transaction;
  if (transaction?.phase === "content") transaction.phase = "sent";
}

/**
 * QUIT once nothing is awaited and nothing more may be sent. Not behind the last final dot, though RFC 2920 allows it: a
 * server that hangs up at once on QUIT would leave the last message in doubt, and that costs more than a round trip.
 */
export function quitWhenDone(session: Session, effects: Effect[]): void {
  const { state, awaiting, taken } = session;
  if (awaiting.length > 0) return;
  if (state.name === "draining" || (state.name === "open" && taken >= messageLimit(session))) sayQuit(session, effects);
}
