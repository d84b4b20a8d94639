/** Plays a dialogue against the state machine alone; answers with the whole dialogue as it went, line by line. */
import {
  createSession,
  type Effect,
  type Session,
  type SessionEvent,
  type SmtpMessage,
  step,
  wantsMessage,
} from "../../src/core/smtp/session.ts";
import { type Dialogue, say } from "./dialogue.ts";

/** Cuts what the server says into the chunks that arrive. */
export type Cut = (bytes: string) => readonly string[];

export function playPure(dialogue: Dialogue, cut: Cut = (bytes) => [bytes]): string[] {
  const player = new Player(dialogue);
  player.happen({ kind: "connected" });
  let texts: string[] = [];
  let bytes = "";
  const endSaying = () => {
    player.transcript.push(...texts);
    for (const chunk of cut(bytes)) player.happen({ kind: "data", bytes: Buffer.from(chunk, "latin1") });
    texts = [];
    bytes = "";
  };
  for (const { text, cue } of dialogue.lines) {
    if (cue?.kind === "server") {
      texts.push(text);
      bytes += cue.bytes;
      continue;
    }
    if (texts.length > 0) endSaying();
    if (cue === null) continue;
    if (cue.kind !== "tls") player.transcript.push(text);
    if (cue.kind === "offer") player.offer(cue.tag);
    else player.happen(eventOf(cue));
  }
  if (texts.length > 0) endSaying();
  return player.transcript;
}

function eventOf(
  cue: { kind: "tls"; isBroken: boolean } | { kind: "quit" | "close" | "reset" | "timeout" },
): SessionEvent {
  switch (cue.kind) {
    case "tls":
      return cue.isBroken ? { kind: "closed", detail: "handshake failed" } : { kind: "secured" };
    case "quit":
      return { kind: "quit" };
    case "timeout":
      return { kind: "timeout", after: 1000 };
    case "close":
    case "reset":
      return { kind: "closed", detail: cue.kind };
  }
}

class Player {
  readonly transcript: string[] = [];
  private readonly session: Session;
  private readonly dialogue: Dialogue;
  private readonly waiting: SmtpMessage[];
  private hasFailed = false;

  constructor(dialogue: Dialogue) {
    this.dialogue = dialogue;
    this.session = createSession(dialogue.options);
    const later = new Set(dialogue.lines.map(({ cue }) => (cue?.kind === "offer" ? cue.tag : null)));
    this.waiting = dialogue.messages.filter(({ tag }) => !later.has(tag));
  }

  /** One tick: the event, the offers that follow, one flush. */
  happen(event: SessionEvent): void {
    this.perform(step(this.session, event));
    this.pull();
    this.perform(step(this.session, { kind: "flushed" }));
  }

  offer(tag: string): void {
    this.waiting.push(...this.dialogue.messages.filter((message) => message.tag === tag));
    this.pull();
    this.perform(step(this.session, { kind: "flushed" }));
  }

  private pull(): void {
    while (wantsMessage(this.session)) {
      const message = this.waiting.shift();
      if (!message) return;
      this.perform(step(this.session, { kind: "offer", message }));
    }
  }

  private perform(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.kind === "failed") this.hasFailed = true;
      this.transcript.push(...this.describe(effect));
    }
  }

  private describe(effect: Effect): string[] {
    switch (effect.kind) {
      case "write":
        return effect.text
          .split("\r\n")
          .slice(0, -1)
          .map((line) => `C: ${Buffer.from(line, "latin1").toString()}`);
      case "body":
        return [`${effect.as === "chunk" ? "C+" : "C-"} body ${effect.tag}`];
      case "start-tls": {
        // Whether it will succeed is in the file.
        const cue = this.dialogue.lines.find((line) => line.cue?.kind === "tls");
        return [cue?.text ?? "~ tls"];
      }
      case "outcome":
        return [say.outcome(effect.tag, effect.outcome)];
      case "return":
        return [say.returned(effect.tag)];
      case "failed":
        return [say.failed(effect.phase, effect.outcome)];
      case "chunking-refused":
        return [];
      case "close":
        return this.hasFailed ? [] : [say.closed(effect.detail)];
    }
  }
}
