/** What a message is made from besides its content: the recipient's snapshot and the facts of this message. */
import type { Scope } from "../template/engine.ts";
import { formatInstant, type Instant } from "../time.ts";

/** The attributes copied at analysis, by name. */
export type MessageVars = Readonly<Record<string, unknown>>;

export type MessageFacts = {
  /** `PART-SEQ`. */
  readonly key: string;
  readonly deliveryId: string;
  readonly deliveryLabel: string;
  /** The date of the message: fixed for the delivery, the same at every attempt. */
  readonly at: Instant;
  /** The address as it goes into RCPT and To. */
  readonly recipient: string;
};

/** A value's line ends are `\n` like those of the template, so that a CR at its end cannot join a line end after it. */
function withPlainLineEnds(vars: MessageVars): MessageVars {
  let changed: Record<string, unknown> | null = null;
  for (const name in vars) {
    const value = vars[name];
    if (typeof value === "string" && value.includes("\r")) {
      changed ??= Object.assign(Object.create(null) as Record<string, unknown>, vars);
      changed[name] = value.replace(/\r\n?/g, "\n");
    }
  }
  return changed ?? vars;
}

/** What templates may name. */
export function createScope(vars: MessageVars, facts: MessageFacts): Scope {
  return {
    recipient: withPlainLineEnds(vars),
    delivery: { id: facts.deliveryId, label: facts.deliveryLabel },
    message: {
      // the left side of the Message-ID; the date keeps it unique after a new installation starts counting again
      id: `${facts.key}.${facts.deliveryId}.${facts.at.toString(36)}`,
      key: facts.key,
      date: formatInstant(facts.at),
    },
    platform: {},
    clickUrl: (_, url) => url ?? "",
  };
}
