/**
 * One SMTP connection of the sandbox internet as a state machine (RFC 5321 §4.1, RFC 2920, RFC 6531): command in, answer out.
 * A `Session` belongs to one connection and is changed in place; `World` is what all connections share. No sockets, no timers:
 * the shell waits, writes, reads content and closes as the answer says.
 */
import type { Duration, Instant } from "../time.ts";
import { connectPlanOf } from "./connect.ts";
import { mailbox, parsePath } from "./path.ts";
import {
  decide,
  type Decision,
  type EnvelopeStage,
  type History,
  needsHistory,
  type Plan,
  stageOf,
  type WireReply,
} from "./plan.ts";
import { planFor, type SandboxProfile } from "./plan-for.ts";
import { fillReply, type Provider } from "./provider.ts";
import { providerOf } from "./providers.ts";
import { HELP, REPLIES, reply } from "./replies.ts";
import type { NamedReplies } from "./reply-file.ts";

export const SIZE_LIMIT = 50 * 1024 * 1024;
const MAX_RECIPIENTS = 1000;
const MAX_ERRORS = 20;
const MAX_REMEMBERED = 200_000;

type Bucket = { tokens: number; at: Instant };

export type World = {
  readonly profile: SandboxProfile;
  /** What `reply-ID@…` gets. */
  readonly replies: NamedReplies;
  /** Attempts to the addresses whose plan depends on them, oldest first. */
  readonly history: Map<string, History>;
  readonly buckets: Map<string, Bucket>;
};

type Envelope = {
  readonly address: string;
  readonly domain: string;
  readonly plan: Plan;
};

export type Session = {
  /** Provider of the listener, then of the last recipient. */
  provider: Provider;
  greeted: boolean;
  utf8: boolean;
  mailFrom: string | null;
  /** The recipient whose plan was played at MAIL already. */
  early: string | null;
  recipients: Envelope[];
  /** Messages this connection carried. */
  messages: number;
  errors: number;
};

export type Answer = {
  /** Null: nothing is said. */
  readonly reply: WireReply | null;
  readonly wait: Duration;
  /** `content`: bytes up to the final dot follow. `content-drop`: drop the connection amid them. */
  readonly next: "command" | "content" | "content-drop" | "close" | "drop" | "garbage";
  /** True when an address or provider chose this answer, rather than the protocol. */
  readonly chosen: boolean;
};

export function openSession(provider: Provider): Session {
  return {
    provider,
    greeted: false,
    utf8: false,
    mailFrom: null,
    early: null,
    recipients: [],
    messages: 0,
    errors: 0,
  };
}

const GO_ON: Decision = { kind: "go-on", wait: 0 };

const say = (text: WireReply, next: Answer["next"] = "command"): Answer => ({
  reply: text,
  wait: 0,
  next,
  chosen: false,
});

/** Answers one command line. `following` is the next line if it is there already: a pipelining client's recipient. */
export function answer(session: Session, line: string, following: string | null, world: World, now: Instant): Answer {
  const verb = /^[a-z]{4,8}(?![^ ])/i.exec(line)?.[0].toUpperCase() ?? "";
  const rest = line.slice(verb.length).trim();
  switch (verb) {
    case "EHLO":
    case "HELO":
      return onHello(session, verb, rest);
    case "MAIL":
      return onMail(session, rest, following, world, now);
    case "RCPT":
      return onRcpt(session, rest, world, now);
    case "DATA":
      return onData(session, rest, world, now);
    case "RSET":
      endTransaction(session);
      return say(REPLIES.ok);
    case "NOOP":
      return say(REPLIES.ok);
    case "VRFY":
      return say(REPLIES.vrfy);
    case "HELP":
      return say(HELP);
    case "QUIT":
      return say(REPLIES.bye, "close");
    default:
      return mistake(session, verb === "" ? REPLIES.unrecognized : REPLIES.unimplemented);
  }
}

function onHello(session: Session, verb: string, name: string): Answer {
  if (name === "") return mistake(session, REPLIES.helloName);
  endTransaction(session);
  session.greeted = true;
  const { mx, enhanced } = session.provider;
  if (verb === "HELO") return say(reply(250, mx));
  const extensions = ["PIPELINING", "8BITMIME", "SMTPUTF8", `SIZE ${SIZE_LIMIT}`];
  return say(reply(250, mx, ...extensions, ...(enhanced ? ["ENHANCEDSTATUSCODES"] : [])));
}

function onMail(session: Session, rest: string, following: string | null, world: World, now: Instant): Answer {
  if (!session.greeted) return mistake(session, REPLIES.helloFirst);
  if (session.mailFrom !== null) return mistake(session, REPLIES.nestedMail);
  const path = parsePath("FROM", rest);
  if (path === null) return mistake(session, REPLIES.mailSyntax);
  let utf8 = false;
  for (const [key, value] of path.params) {
    if (key === "SIZE" && /^\d{1,20}$/.test(value)) {
      if (Number(value) > SIZE_LIMIT) return say(REPLIES.tooLarge);
    } else if (key === "SMTPUTF8" && value === "") utf8 = true;
    else if (key !== "BODY" || !/^(7BIT|8BITMIME)$/i.test(value)) return mistake(session, REPLIES.parameter);
  }
  if (path.address !== "" && mailbox(path.address) === null) return mistake(session, REPLIES.senderSyntax);
  const result = following === null ? null : playEarly(session, following, world, now);
  if (result !== null && result.kind !== "go-on") return chosen(result, REPLIES.senderOk);
  session.utf8 = utf8;
  session.mailFrom = path.address;
  return chosen(result ?? GO_ON, REPLIES.senderOk);
}

/** What the recipient in the next line asks for at MAIL (`mail-…@`); without pipelining it is played at RCPT. */
function playEarly(session: Session, following: string, world: World, now: Instant): Decision | null {
  const path = /^rcpt /i.test(following) ? parsePath("TO", following.slice(5).trim()) : null;
  if (path === null) return null;
  const plan = planFor(world.profile, path.address, world.replies);
  if (stageOf(plan) !== "mail") return null;
  session.early = path.address;
  return play(path.address, plan, "mail", world, now);
}

function onRcpt(session: Session, rest: string, world: World, now: Instant): Answer {
  if (session.mailFrom === null) return say(REPLIES.mailFirst);
  const path = parsePath("TO", rest);
  if (path === null) return mistake(session, REPLIES.rcptSyntax);
  if (path.params.length > 0) return mistake(session, REPLIES.parameter);
  const box = /^postmaster$/i.test(path.address) ? { domain: "sandbox.test" } : mailbox(path.address);
  if (box === null) return mistake(session, REPLIES.rcptAddress);
  if (session.recipients.length >= MAX_RECIPIENTS) return say(REPLIES.tooManyRecipients);
  if (!session.utf8 && /[^\x20-\x7e]/.test(path.address)) return say(REPLIES.needsUtf8);
  const address = path.address;
  session.provider = providerOf(box.domain);
  const limited = world.profile === "accept" ? null : limit(session, box.domain, world, now);
  if (limited) return { reply: limited, wait: 0, next: limited.code === 421 ? "close" : "command", chosen: true };
  const plan = planFor(world.profile, address, world.replies);
  const late = stageOf(plan) === "mail" && session.early !== address;
  const result = play(address, plan, late ? "mail" : "rcpt", world, now);
  if (result.kind === "go-on") session.recipients.push({ address, domain: box.domain, plan });
  return chosen(result, REPLIES.rcptOk);
}

/** What the provider says to any recipient now: its connections are refused, the connection is used up, the rate is too high. */
function limit(session: Session, domain: string, world: World, now: Instant): WireReply | null {
  const connect = connectPlanOf(domain);
  if (connect?.kind === "refuse") return connect.reply;
  const { perConnection, rate, name } = session.provider;
  if (perConnection && session.messages >= perConnection.messages) {
    return fillReply(perConnection.reply, session.provider, `connection of ${session.messages}`);
  }
  if (rate === null) return null;
  const bucket = world.buckets.get(name) ?? { tokens: rate.burst, at: now };
  world.buckets.set(name, bucket);
  const passed = Math.max(0, now - bucket.at);
  bucket.tokens = Math.min(rate.burst, bucket.tokens + (passed * rate.perSecond) / 1000);
  bucket.at = now;
  if (bucket.tokens < 1) return fillReply(rate.reply, session.provider, name);
  bucket.tokens -= 1;
  return null;
}

function onData(session: Session, rest: string, world: World, now: Instant): Answer {
  if (session.mailFrom === null) return say(REPLIES.mailFirst);
  if (session.recipients.length === 0) return say(REPLIES.noRecipients);
  if (rest !== "") return mistake(session, REPLIES.dataSyntax);
  const result = playAll(session, "data", world, now);
  if (result.kind === "drop") return { ...say(REPLIES.startContent, "content-drop"), chosen: true };
  if (result.kind !== "go-on") endTransaction(session);
  const answered = chosen(result, REPLIES.startContent);
  return answered.next === "command" && answered.reply === REPLIES.startContent
    ? { ...answered, next: "content" }
    : answered;
}

/** `whole`: the content came and fits; `no-room`: the shell holds too much already. */
export type ContentResult = "whole" | "too-large" | "no-room";

export type Finished = { readonly answer: Answer; readonly mailFrom: string; readonly accepted: readonly Envelope[] };

/** The final dot is in. */
export function finish(session: Session, content: ContentResult, id: string, world: World, now: Instant): Finished {
  const mailFrom = session.mailFrom ?? "";
  const recipients = session.recipients;
  const nobody = (text: Answer): Finished => ({ answer: text, mailFrom, accepted: [] });
  const result = content === "whole" ? playAll(session, "dot", world, now) : null;
  endTransaction(session);
  if (result === null) return nobody(say(content === "no-room" ? REPLIES.noRoom : REPLIES.tooLarge));
  const text = chosen(
    result,
    reply(250, session.provider.enhanced ? `2.0.0 Ok: queued as ${id}` : `Ok: queued as ${id}`),
  );
  if (result.kind !== "go-on") return nobody(text);
  session.messages += 1;
  return { answer: text, mailFrom, accepted: recipients };
}

/** What the recipients ask for at a stage that has one answer for all: the first that is not plain acceptance. */
function playAll(session: Session, stage: EnvelopeStage, world: World, now: Instant): Decision {
  let wait = 0;
  for (const { address, plan } of session.recipients) {
    if (stageOf(plan) !== stage) continue;
    const own = play(address, plan, stage, world, now);
    if (own.kind !== "go-on") return own;
    wait = Math.max(wait, own.wait);
  }
  return wait === 0 ? GO_ON : { kind: "go-on", wait };
}

/** Decides and, where later attempts depend on it, remembers. */
function play(address: string, plan: Plan, stage: EnvelopeStage, world: World, now: Instant): Decision {
  if (!needsHistory(plan)) return decide(plan, stage, null, now);
  const key = address.toLowerCase();
  const history = world.history.get(key) ?? null;
  const result = decide(plan, stage, history, now);
  if (stageOf(plan) === stage) {
    if (history === null && world.history.size >= MAX_REMEMBERED) {
      for (const oldest of world.history.keys()) {
        world.history.delete(oldest);
        break;
      }
    }
    world.history.set(key, { attempts: (history?.attempts ?? 0) + 1, firstAt: history?.firstAt ?? now });
  }
  return result;
}

function chosen(decision: Decision, success: WireReply): Answer {
  switch (decision.kind) {
    case "go-on":
      return { reply: success, wait: decision.wait, next: "command", chosen: false };
    case "reply":
      return {
        reply: decision.reply,
        wait: 0,
        next: decision.reply.code === 421 ? "close" : "command",
        chosen: true,
      };
    case "drop":
      return { reply: null, wait: 0, next: "drop", chosen: true };
    case "garbage":
      return { reply: null, wait: 0, next: "garbage", chosen: true };
  }
}

/** RSET, EHLO and the end of a message leave no transaction behind. */
function endTransaction(session: Session): void {
  session.mailFrom = null;
  session.early = null;
  session.recipients = [];
  session.utf8 = false;
}

/** An error of the client's; too many end the connection. What merely follows from a refusal (RFC 2920 §3.1) is none. */
function mistake(session: Session, text: WireReply): Answer {
  session.errors += 1;
  return session.errors > MAX_ERRORS ? say(REPLIES.tooManyErrors, "close") : say(text);
}
