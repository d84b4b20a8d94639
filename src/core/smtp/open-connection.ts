/**
 * From the connection to the point where mail can be sent: greeting, EHLO or HELO, STARTTLS and EHLO again, AUTH. No
 * message is at hand yet; what goes wrong here is said once, as `failed`, and costs no message an attempt.
 */
import { authExchange } from "./auth.ts";
import { NO_CAPABILITIES, parseCapabilities } from "./capabilities.ts";
import { type Reply, replyText, type Trouble } from "./outcome.ts";
import { hasUnread } from "./reply.ts";
import {
  close,
  type Effect,
  enter,
  type FailedOpening,
  isRefusal,
  isSuccess,
  lost,
  type OpeningPhase,
  refused,
  sayQuit,
  type Session,
  type State,
} from "./session-state.ts";

export function onConnected(session: Session, effects: Effect[]): void {
  if (session.state.name !== "connecting") return;
  if (session.options.tls !== "implicit") return enter(session, { name: "greeting" });
  effects.push({ kind: "start-tls" });
  enter(session, { name: "handshake", next: "greeting" });
}

export function onSecured(session: Session, effects: Effect[]): void {
  if (session.state.name !== "handshake") return;
  session.isSecured = true;
  if (session.state.next === "greeting") return enter(session, { name: "greeting" });
  // RFC 3207 §4.2: forget what was learnt before.
  session.capabilities = NO_CAPABILITIES;
  sayHello(session, effects);
}

function sayHello(session: Session, effects: Effect[]): void {
  effects.push({ kind: "write", text: `EHLO ${session.options.helo}\r\n` });
  enter(session, { name: "ehlo" });
}

export function onGreeting(session: Session, reply: Reply, effects: Effect[]): void {
  if (isSuccess(reply)) return sayHello(session, effects);
  refuse(session, "greeting", reply, effects);
}

export function onEhlo(session: Session, reply: Reply, effects: Effect[]): void {
  if (isSuccess(reply)) {
    session.capabilities = parseCapabilities(reply);
    return afterHello(session, effects);
  }
  // RFC 5321 §3.2: a server that does not know EHLO gets HELO. It cannot offer STARTTLS then.
  const canUseHelo = session.isSecured || session.options.tls === "none" || session.options.tls === "opportunistic";
  if (reply.code < 500 || !canUseHelo) return refuse(session, "ehlo", reply, effects);
  effects.push({ kind: "write", text: `HELO ${session.options.helo}\r\n` });
  enter(session, { name: "helo", refusal: reply });
}

export function onHelo(session: Session, reply: Reply, effects: Effect[]): void {
  if (isSuccess(reply)) return afterHello(session, effects);
  refuse(session, "ehlo", reply, effects);
}

function afterHello(session: Session, effects: Effect[]): void {
  const { tls, credentials } = session.options;
  if (!session.isSecured && tls !== "none") {
    if (session.capabilities.startTls) {
      effects.push({ kind: "write", text: "STARTTLS\r\n" });
      return enter(session, { name: "starttls" });
    }
    if (tls !== "opportunistic") return failTls(session, "STARTTLS is not offered", effects);
  }
  const exchange = credentials ? authExchange(session.capabilities.auth, credentials) : null;
  if (!exchange) return open(session);
  effects.push({ kind: "write", text: exchange.first });
  enter(session, { name: "auth", answers: exchange.answers });
}

export function onStartTls(session: Session, reply: Reply, effects: Effect[]): void {
  if (isSuccess(reply)) {
    // Bytes before the handshake could be anybody's: they must not be taken for the server's (CVE-2011-0411).
    if (hasUnread(session.parser)) return failTls(session, "the server sent text between its reply and TLS", effects);
    effects.push({ kind: "start-tls" });
    return enter(session, { name: "handshake", next: "ehlo" });
  }
  // The server leaves, which says nothing about its TLS.
  if (reply.code === 421) return refuse(session, "starttls", reply, effects);
  if (session.options.tls !== "opportunistic") {
    return failTls(session, `STARTTLS was refused: ${replyText(reply)}`, effects);
  }
  // RFC 3207 §4.1: it is the client's choice to go on in plain.
  session.capabilities = { ...session.capabilities, startTls: false };
  afterHello(session, effects);
}

export function onAuth(
  session: Session,
  state: Extract<State, { name: "auth" }>,
  reply: Reply,
  effects: Effect[],
): void {
  if (isSuccess(reply)) return open(session);
  const [answer, ...answers] = state.answers;
  if (reply.code !== 334 || answer === undefined) return refuse(session, "auth", reply, effects);
  effects.push({ kind: "write", text: answer });
  enter(session, { name: "auth", answers });
}

function open(session: Session): void {
  session.isFresh = true;
  enter(session, { name: "open" });
}

/** The connection broke, fell silent or talks nonsense before it was usable. */
export function loseOpening(
  session: Session,
  phase: OpeningPhase,
  trouble: Trouble,
  detail: string,
  effects: Effect[],
): void {
  fail(session, phase, openingOutcome(session, phase, trouble, detail), effects);
  close(session, detail, effects);
}

function openingOutcome(session: Session, phase: OpeningPhase, trouble: Trouble, detail: string): FailedOpening {
  // A server that hangs up after refusing EHLO has said why.
  if (session.state.name === "helo") return refused("ehlo", session.state.refusal);
  if (phase === "starttls" || phase === "tls") return lost("ehlo", "tls", detail);
  if (phase === "connect" && trouble === "closed") return lost("connect", "unreachable", detail);
  return lost(phase === "connect" || phase === "greeting" ? "connect" : "ehlo", trouble, detail);
}

function failTls(session: Session, detail: string, effects: Effect[]): void {
  fail(session, "starttls", lost("ehlo", "tls", detail), effects);
  close(session, detail, effects);
}

/** A reply that is neither success nor refusal (`3xx`) has no meaning here. */
function refuse(session: Session, phase: OpeningPhase, reply: Reply, effects: Effect[]): void {
  if (!isRefusal(reply)) return loseOpening(session, phase, "garbage", `unexpected ${reply.code}`, effects);
  fail(session, phase, refused(phase === "greeting" ? "connect" : "ehlo", reply), effects);
  if (reply.code === 421) close(session, replyText(reply), effects);
  else sayQuit(session, effects);
}

/** The server ends what it has just opened, before anything could be asked of it: no message was at hand. */
export function failFresh(session: Session, outcome: FailedOpening, detail: string, effects: Effect[]): void {
  fail(session, "ehlo", outcome, effects);
  close(session, detail, effects);
}

function fail(session: Session, phase: OpeningPhase, outcome: FailedOpening, effects: Effect[]): void {
  effects.push({ kind: "failed", phase, outcome });
  session.progress++;
}
