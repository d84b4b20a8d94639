/**
 * What an address of the sandbox internet is going to meet, and how that plays out at one stage of one attempt. Plans are made in
 * `plan-for.ts`; nothing here knows providers.
 */
import type { Duration, Instant } from "../time.ts";

/** Fates that end in a reply of the provider's own. */
export type Refusal = "unknown" | "full" | "disabled" | "spam";
export type Fate = Refusal | "greylist" | "slow" | "drop" | "bounce" | "complaint";

/** Stages at which an address can be known. `connect` belongs to listeners, see `providers.ts`. */
export type EnvelopeStage = "mail" | "rcpt" | "data" | "dot";

/** A reply as it goes on the wire: the text of each line, with its enhanced code where the provider gives one. */
export type WireReply = { readonly code: number; readonly lines: readonly string[] };

/** Mails that come after acceptance, by what they are; `later-mails.ts` makes them. */
export type Report =
  | "bounce"
  | "delayed"
  | "qmail"
  | "exim"
  | "exchange"
  | "x400"
  | "french"
  | "unclear"
  | "no-verp"
  | "forged"
  | "foreign"
  | "twice"
  | "complaint"
  | "jmrp"
  | "vacation"
  | "challenge"
  | "wish";

export type Plan =
  | { readonly kind: "accept" }
  /** The first `times` attempts get this reply, later ones are accepted. */
  | { readonly kind: "refuse"; readonly stage: EnvelopeStage; readonly reply: WireReply; readonly times: number }
  | { readonly kind: "greylist"; readonly wait: Duration }
  /** The connection ends without a reply; at `data`: after 354, amid the content. */
  | { readonly kind: "drop"; readonly stage: EnvelopeStage; readonly times: number }
  /** Bytes that are no SMTP reply, then the end of the connection. */
  | { readonly kind: "garbage"; readonly stage: EnvelopeStage }
  | { readonly kind: "slow"; readonly stage: EnvelopeStage; readonly wait: Duration }
  /** Accepted; a mail comes to the return path after the wait. */
  | { readonly kind: "later"; readonly report: Report; readonly wait: Duration };

/** Earlier attempts to the address, as far as the plan needs them. */
export type History = { readonly attempts: number; readonly firstAt: Instant };

export type Decision =
  | { readonly kind: "go-on"; readonly wait: Duration }
  | { readonly kind: "reply"; readonly reply: WireReply }
  | { readonly kind: "drop" }
  | { readonly kind: "garbage" };

/** As often as it is tried. */
export const ALWAYS = Number.POSITIVE_INFINITY;
const GO_ON: Decision = { kind: "go-on", wait: 0 };
const DROP: Decision = { kind: "drop" };
const GARBAGE: Decision = { kind: "garbage" };

/** The stage at which the plan does something; null: at none, or not before the message is accepted. */
export function stageOf(plan: Plan): EnvelopeStage | null {
  if (plan.kind === "accept" || plan.kind === "later") return null;
  return plan.kind === "greylist" ? "rcpt" : plan.stage;
}

/** Whether later attempts may differ from the first. */
export function needsHistory(plan: Plan): boolean {
  return plan.kind === "greylist" || ((plan.kind === "refuse" || plan.kind === "drop") && plan.times !== ALWAYS);
}

/** Plays the plan at one stage; `history` is null on the first attempt. */
export function decide(plan: Plan, stage: EnvelopeStage, history: History | null, now: Instant): Decision {
  if (stageOf(plan) !== stage) return GO_ON;
  const over = (times: number) => (history?.attempts ?? 0) >= times;
  switch (plan.kind) {
    case "refuse":
      return over(plan.times) ? GO_ON : { kind: "reply", reply: plan.reply };
    case "drop":
      return over(plan.times) ? GO_ON : DROP;
    case "garbage":
      return GARBAGE;
    case "slow":
      return { kind: "go-on", wait: plan.wait };
    case "greylist": {
      const left = plan.wait - (history === null ? 0 : now - history.firstAt);
      return left <= 0 ? GO_ON : { kind: "reply", reply: greylisted(Math.ceil(left / 1000)) };
    }
    case "accept":
    case "later":
      return GO_ON;
  }
}

function greylisted(seconds: number): WireReply {
  return { code: 450, lines: [`4.7.1 Recipient address rejected: greylisted, try again in ${seconds} seconds`] };
}
