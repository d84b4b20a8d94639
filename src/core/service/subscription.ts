/** What becomes of the wish to subscribe to a service: at once, after a confirmation from the mailbox, or nothing new. */
import { DAY, type Duration, type Instant, MINUTE } from "../time.ts";

export const SUBSCRIPTION_STATES = ["subscribed", "unsubscribed", "expired"] as const;
export type SubscriptionState = (typeof SUBSCRIPTION_STATES)[number];

export const SUBSCRIPTION_EVENTS = [
  "asked",
  "subscribed",
  "renewed",
  "unsubscribed",
  "resubscribed",
  "expired",
] as const;
export type SubscriptionEvent = (typeof SUBSCRIPTION_EVENTS)[number];

/** Confirmation: asks whether they meant it; welcome, goodbye: tell that they are subscribed, and that they are no more. */
export const SERVICE_MAIL_KINDS = ["confirmation", "welcome", "goodbye"] as const;
export type ServiceMailKind = (typeof SERVICE_MAIL_KINDS)[number];

/** How a change came: the public page, the API, a person at the screens, a link or header of a message, time that went by. */
export const SUBSCRIPTION_ORIGINS = ["page", "api", "operator", "message", "system"] as const;
export type SubscriptionOrigin = (typeof SUBSCRIPTION_ORIGINS)[number];

/** How long the link of a confirmation mail works. */
export const CONFIRM_WITHIN: Duration = 7 * DAY;
/** Whoever types somebody else's address again and again must not fill their mailbox. */
export const MAIL_AGAIN_AFTER: Duration = 10 * MINUTE;
export const MAILS_MAX = 3;

export type SubscribeFacts = {
  readonly doubleOptIn: boolean;
  /** The one who asks says that the person agreed, and answers for it. */
  readonly isConfirmed: boolean;
  /** Null: never subscribed nor unsubscribed. */
  readonly state: SubscriptionState | null;
  readonly endsAt: Instant | null;
  /** An earlier wish that nobody confirmed yet. */
  readonly request: { readonly mails: number; readonly mailedAt: Instant; readonly expiresAt: Instant } | null;
};

export type SubscribeDecision =
  | { readonly kind: "subscribe" | "renew" | "already" }
  /** `mails`: how many the person has got then. */
  | { readonly kind: "ask"; readonly mails: number }
  /** They were asked already and will not be again for now. */
  | { readonly kind: "wait" };

export function decideSubscribe(facts: SubscribeFacts, now: Instant): SubscribeDecision {
  if (isSubscribed(facts, now)) return { kind: facts.endsAt === null ? "already" : "renew" };
  if (facts.isConfirmed || !facts.doubleOptIn) return { kind: "subscribe" };
  const { request } = facts;
  if (request === null || request.expiresAt <= now) return { kind: "ask", mails: 1 };
  const mayMail = request.mails < MAILS_MAX && now - request.mailedAt >= MAIL_AGAIN_AFTER;
  return mayMail ? { kind: "ask", mails: request.mails + 1 } : { kind: "wait" };
}

/** Also true of one that is renewed: it ends by the end alone, not when a job has looked at it. */
export function isSubscribed(
  { state, endsAt }: { readonly state: SubscriptionState | null; readonly endsAt: Instant | null },
  now: Instant,
): boolean {
  return state === "subscribed" && (endsAt === null || endsAt > now);
}

/** Null: it does not end by itself. */
export function endOf(durationDays: number | null, now: Instant): Instant | null {
  return durationDays === null ? null : now + durationDays * DAY;
}
