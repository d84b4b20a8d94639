/** The session that faults are tried on: what it took, what became of it, and the rules that hold whatever the server does. */
import { expect } from "vitest";

import type {
  CloseReason,
  ConnectionFacts,
  ConnectionOptions,
  OutgoingMessage,
} from "../../src/adapters/smtp-socket/connection-types.ts";
import { openSession } from "../../src/adapters/smtp-socket/open-session.ts";
import { DEFAULT_TIMEOUTS, type Timeouts } from "../../src/adapters/smtp-socket/timeouts.ts";
import type { Outcome } from "../../src/core/smtp/outcome.ts";
import { bodyOf } from "../dialogues/dialogue.ts";

/** For faults that end by time-out: short in these phases alone, so that a busy machine does not end another. */
export function shortIn(...phases: readonly (keyof Timeouts)[]): Timeouts {
  return { ...DEFAULT_TIMEOUTS, ...Object.fromEntries(phases.map((phase) => [phase, 120])) };
}

export type Settled = { readonly tag: string; readonly outcome: Outcome | null };

export type Ended = {
  readonly reason: CloseReason;
  readonly facts: ConnectionFacts;
  /** In order; null: returned. */
  readonly settled: readonly Settled[];
  readonly taken: readonly string[];
  /** Tags whose content was about to leave. */
  readonly journaled: readonly string[];
  readonly received: number;
};

export function messageOf(tag: string, body: OutgoingMessage["body"] = bodyOf(tag)): OutgoingMessage {
  return {
    tag,
    mailFrom: "bounce@sender.example",
    rcptTo: `${tag.toLowerCase()}@example.com`,
    sizeBytes: body.length,
    is8bit: false,
    needsSmtpUtf8: false,
    body,
  };
}

export class Subject {
  readonly ended: Promise<Ended>;
  private received = 0;
  private isConnected = false;
  private readonly waiting = new Set<() => void>();

  constructor(options: Partial<ConnectionOptions> & { readonly port: number }, messages: readonly OutgoingMessage[]) {
    const { promise, resolve } = Promise.withResolvers<Ended>();
    this.ended = promise;
    const queue = [...messages];
    const settled: Settled[] = [];
    const taken: string[] = [];
    const journaled: string[] = [];
    let isClosed = false;
    const note = (entry: Settled) => {
      if (isClosed) throw new Error(`${entry.tag} was settled after the end`);
      settled.push(entry);
    };
    openSession(
      {
        helo: "client.example",
        tls: "none",
        credentials: null,
        maxMessages: messages.length,
        pipelining: true,
        chunking: true,
        address: "127.0.0.1",
        mx: "mx.example",
        localAddress: null,
        timeouts: DEFAULT_TIMEOUTS,
        ca: null,
        ...options,
        trace: (what, text) => {
          if (what === "connected") this.isConnected = true;
          if (what === "received") this.received += text.length;
          for (const look of this.waiting) look();
        },
      },
      {
        takeMessage: () => {
          const message = queue.shift() ?? null;
          if (message) taken.push(message.tag);
          return message;
        },
        onOutcome: (tag, outcome) => note({ tag, outcome }),
        onReturn: (tag) => note({ tag, outcome: null }),
        beforeFlush: (tags) => journaled.push(...tags),
        onClose: (reason, facts) => {
          if (isClosed) throw new Error("closed twice");
          isClosed = true;
          resolve({ reason, facts, settled, taken, journaled, received: this.received });
        },
      },
    );
  }

  hasRead(bytes: number): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!this.isConnected || this.received < bytes) return;
        this.waiting.delete(look);
        resolve();
      };
      this.waiting.add(look);
      look();
    });
  }
}

/** `A lost dot closed in doubt; B returned`, or `failed: lost ehlo closed`. */
export function describeEnd({ reason, settled }: Ended): string {
  const messages = settled.map(({ tag, outcome }) => `${tag} ${outcome === null ? "returned" : describe(outcome)}`);
  return [...(reason.kind === "failed" ? [`failed: ${describe(reason.outcome)}`] : []), ...messages].join("; ");
}

function describe(outcome: Outcome): string {
  switch (outcome.kind) {
    case "accepted":
      return "accepted";
    case "refused":
      return `refused ${outcome.stage} ${outcome.reply.code}`;
    case "lost":
      return `lost ${outcome.stage} ${outcome.trouble}${outcome.inDoubt ? " in doubt" : ""}`;
  }
}

/**
 * `answered`: messages to whose content the server has given a complete SMTP reply that means something. `unsent`: whose content
 * was begun, and its end never given to the socket.
 */
export function expectRules(
  { settled, taken, journaled }: Ended,
  answered: readonly string[],
  unsent: readonly string[] = [],
): void {
  expect(settled.map(({ tag }) => tag).toSorted(), "one end for each message").toEqual(taken.toSorted());
  for (const { tag, outcome } of settled) {
    const isOut = journaled.includes(tag);
    const isAnswered = answered.includes(tag);
    if (outcome === null) expect(isOut, `${tag} goes back untouched`).toBe(false);
    if (outcome?.kind === "accepted") expect(isAnswered, `${tag} has its answer`).toBe(true);
    const isInDoubt = outcome?.kind === "lost" && outcome.inDoubt;
    expect(isInDoubt, `${tag} in doubt`).toBe(isOut && !isAnswered && !unsent.includes(tag));
  }
}
