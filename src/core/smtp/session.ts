/**
 * SMTP client (RFC 5321) as a state machine: what happens goes in, what to do comes out. No socket, no clock, no body
 * bytes. One session is one connection; it sends messages one after another as `wantsMessage` asks for them.
 *
 *   for each event: `step`, do the effects in order; then, while `wantsMessage`, offer a message if there is one.
 *   All bytes of a tick go out in one write, and `flushed` is said after it.
 */
import { assertNever } from "../never.ts";
import type { Reply, Trouble } from "./outcome.ts";
import {
  loseOpening,
  onAuth,
  onConnected,
  onEhlo,
  onGreeting,
  onHelo,
  onSecured,
  onStartTls,
} from "./open-connection.ts";
import { addBytes, readReply, unreadText } from "./reply.ts";
import { giveBackAll, loseMessages, onFlushed, onTransactionReply, quitWhenDone, takeOffer } from "./send-messages.ts";
import { close, type Effect, enter, sayQuit, type Session, type SessionEvent, waitingFor } from "./session-state.ts";

export { wantsMessage } from "./send-messages.ts";
export {
  createSession,
  type Effect,
  type FailedOpening,
  type OpeningPhase,
  type Phase,
  type Session,
  type SessionEvent,
  type SessionOptions,
  type SmtpMessage,
  type TlsPolicy,
  waitingFor,
  type WireOptions,
} from "./session-state.ts";

/** Changes the session and answers with what is to be done. Never throws, whatever the server sends. */
export function step(session: Session, event: SessionEvent): Effect[] {
  const effects: Effect[] = [];
  if (session.state.name === "closed") {
    if (event.kind === "offer") effects.push({ kind: "return", tag: event.message.tag });
    return effects;
  }
  session.isFresh = false;
  switch (event.kind) {
    case "connected":
      onConnected(session, effects);
      break;
    case "secured":
      onSecured(session, effects);
      break;
    case "data":
      onData(session, event.bytes, effects);
      break;
    case "offer":
      takeOffer(session, event.message, effects);
      break;
    case "flushed":
      onFlushed(session);
      break;
    case "withheld":
      giveBackAll(session, effects);
      close(session, "the bytes could not be sent", effects);
      break;
    case "closed":
      lose(session, "closed", event.detail, effects);
      break;
    case "timeout":
      lose(session, "timeout", `no answer within ${Math.round(event.after / 1000)} s`, effects);
      break;
    case "quit":
      onQuit(session, effects);
      break;
    default:
      assertNever(event);
  }
  return effects;
}

function onData(session: Session, bytes: Uint8Array, effects: Effect[]): void {
  addBytes(session.parser, bytes);
  while (session.state.name !== "closed" && session.state.name !== "handshake") {
    const reading = readReply(session.parser);
    if (reading.kind === "incomplete") break;
    if (reading.kind === "garbage") return lose(session, "garbage", reading.detail, effects);
    onReply(session, reading.reply, effects);
    quitWhenDone(session, effects);
  }
}

function onReply(session: Session, reply: Reply, effects: Effect[]): void {
  const { state } = session;
  switch (state.name) {
    case "connecting":
    case "handshake":
    case "closed":
      return;
    case "greeting":
      return onGreeting(session, reply, effects);
    case "ehlo":
      return onEhlo(session, reply, effects);
    case "helo":
      return onHelo(session, reply, effects);
    case "starttls":
      return onStartTls(session, reply, effects);
    case "auth":
      return onAuth(session, state, reply, effects);
    case "open":
    case "draining":
      return onTransactionReply(session, reply, effects);
    case "quitting":
      // Replies to what was asked before QUIT may still come.
      if (reply.code === 221 || reply.code === 421) close(session, null, effects);
      return;
    default:
      return assertNever(state);
  }
}

function lose(session: Session, trouble: Trouble, detail: string, effects: Effect[]): void {
  const phase = waitingFor(session);
  const partial = trouble === "garbage" ? "" : unreadText(session.parser);
  const text = partial === "" ? detail : `${detail}; the last bytes were ${JSON.stringify(partial)}`;
  switch (phase) {
    case "connect":
    case "greeting":
    case "ehlo":
    case "starttls":
    case "tls":
    case "auth":
      return loseOpening(session, phase, trouble, text, effects);
    case "quit":
      return close(session, null, effects);
    case null:
    case "mail":
    case "rcpt":
    case "data":
    case "dot":
    case "rset":
      return loseMessages(session, trouble, text, effects);
    default:
      return assertNever(phase);
  }
}

/** Takes no more messages, finishes those on the wire, leaves. */
function onQuit(session: Session, effects: Effect[]): void {
  switch (session.state.name) {
    case "connecting":
    case "greeting":
    case "starttls":
    case "handshake":
      return close(session, null, effects);
    case "ehlo":
    case "helo":
    case "auth":
      return sayQuit(session, effects);
    case "open":
      enter(session, { name: "draining" });
      return quitWhenDone(session, effects);
    case "draining":
    case "quitting":
    case "closed":
      return;
    default:
      return assertNever(session.state);
  }
}
