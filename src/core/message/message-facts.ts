/** What a message is made from besides its content: the recipient's snapshot and the facts of this message. */
import type { Scope } from "../template/engine.ts";
import { formatInstant, type Instant } from "../time.ts";
import type { MessageUrls } from "../tracking/message-urls.ts";
import type { CompiledContent } from "./compiled-content.ts";

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
  readonly urls: MessageUrls;
};

type Values = Record<string, unknown>;
const emptyValues = () => Object.create(null) as Values;

/** A value's line ends are `\n` like those of the template, so that a CR at its end cannot join a line end after it. */
function recipientOf(vars: MessageVars): MessageVars {
  let changed: Values | null = null;
  for (const name in vars) {
    const value = vars[name];
    if (typeof value === "string" && value.includes("\r")) {
      changed ??= Object.assign(emptyValues(), vars);
      changed[name] = value.replace(/\r\n?/g, "\n");
    }
  }
  return changed ?? vars;
}

/** Left side of the Message-ID; the date keeps it unique after a new installation starts counting again. */
export function messageIdOf(facts: MessageFacts, tag: string): string {
  return `${facts.key}.${facts.at.toString(36)}.${tag}`;
}

/** What templates may name. `senderName` fills in the name that stands in From, which is rendered first. */
export function createScope(
  content: Pick<CompiledContent, "variables" | "platform">,
  vars: MessageVars,
  facts: MessageFacts,
): Scope & { readonly delivery: Values } {
  const { urls } = facts;
  return {
    recipient: recipientOf(vars),
    delivery: Object.assign(emptyValues(), content.variables, {
      id: facts.deliveryId,
      label: facts.deliveryLabel,
      sender_name: "",
    }),
    // addresses cost a signature each: only when a template asks
    message: {
      __proto__: null,
      key: facts.key,
      get date() {
        return formatInstant(facts.at);
      },
      get id() {
        return messageIdOf(facts, urls.tag());
      },
      get mirror_url() {
        return urls.mirror();
      },
      get unsubscribe_url() {
        return urls.unsubscribe();
      },
      get open_url() {
        return urls.open();
      },
    } as unknown as Values,
    platform: content.platform,
    clickUrl: (link, url) => urls.click(link, url),
  };
}
