/** Services (newsletters) and subscriptions to them, as they cross the HTTP border. */
import { z } from "zod";

import {
  type ServiceMailKind,
  SUBSCRIPTION_STATES,
  type SubscriptionEvent,
  type SubscriptionOrigin,
  type SubscriptionState,
} from "../core/service/subscription.ts";
import { givenAttributesSchema } from "./audience-recipients.ts";
import { idSchema, type Timestamp } from "./basics.ts";

export { SUBSCRIPTION_STATES, type SubscriptionState };

const template = idSchema.nullable().default(null);
/** Of welcome and good-bye mails. */
const quiet = z.boolean().default(false).describe("They get no welcome or good-bye mail");

export const serviceSchema = z.strictObject({
  name: z.string().trim().min(1).max(200).describe("Shown to subscribers"),
  description: z.string().trim().max(2000).default("").describe("Shown to subscribers on the public page"),
  doubleOptIn: z
    .boolean()
    .default(true)
    .describe("An address that somebody typed gets a mail with a link, and is subscribed when the link is used"),
  durationDays: z
    .int()
    .min(1)
    .max(36_500)
    .nullable()
    .default(null)
    .describe("Subscriptions end by themselves after so many days; null: they do not"),
  public: z.boolean().default(false).describe("There is a page on which anybody can subscribe"),
  confirmationTemplate: template.describe(
    "A published template that shows recipient.confirmation_link: the mail that asks for a confirmation; null: the built-in text",
  ),
  welcomeTemplate: template.describe("A published template: the mail to whoever is subscribed now; null: none is sent"),
  goodbyeTemplate: template.describe("A published template: the mail to whoever has unsubscribed; null: none is sent"),
});
export type ServiceInput = z.output<typeof serviceSchema>;

export type Service = ServiceInput & {
  id: string;
  /** Of the page to subscribe on; null: there is none, or the public address of this installation is not set. */
  publicUrl: string | null;
  subscribed: number;
  version: number;
  createdAt: Timestamp;
  updatedAt: Timestamp;
};

/** Of one call. */
const PEOPLE_MAX = 1000;

export const subscribeSchema = z.strictObject({
  people: z
    .array(z.strictObject({ address: z.string().max(2000), attributes: givenAttributesSchema.default({}) }))
    .min(1)
    .max(PEOPLE_MAX),
  confirmed: z
    .boolean()
    .default(false)
    .describe("You know that they agreed: nobody is asked by mail, and what you know is kept in `note`"),
  note: z.string().trim().max(500).default("").describe("How you know it; kept with each subscription"),
  quiet,
});
export type SubscribeRequest = z.output<typeof subscribeSchema>;

export const unsubscribeSchema = z.strictObject({
  addresses: z.array(z.string().max(2000)).min(1).max(PEOPLE_MAX),
  note: z.string().trim().max(500).default(""),
  quiet,
});

export const SUBSCRIBE_RESULTS = ["subscribed", "renewed", "already", "asked", "wait", "denylisted", "failed"] as const;
export type SubscribeResult = {
  status: (typeof SUBSCRIBE_RESULTS)[number];
  /** What is wrong with the address or an attribute; empty otherwise. */
  error: string;
};

export const UNSUBSCRIBE_RESULTS = ["unsubscribed", "already", "unknown", "failed"] as const;
export type UnsubscribeResult = { status: (typeof UNSUBSCRIBE_RESULTS)[number]; error: string };

export type Subscription = {
  recipientId: string;
  address: string;
  state: SubscriptionState;
  since: Timestamp;
  endsAt: Timestamp | null;
};

export const SERVICE_MAIL_FORMS = ["template", "built-in", "nothing"] as const;

/** One mail of a service, in its journal. */
export type ServiceMail = {
  id: string;
  at: Timestamp;
  kind: ServiceMailKind;
  address: string;
  template: string | null;
  /** Null: it is about to be made. */
  sentAs: (typeof SERVICE_MAIL_FORMS)[number] | null;
  /** Key of the single message; null: it is none. */
  message: string | null;
  /** Why it did not go out by the template; empty otherwise. */
  problem: string;
};

export type SubscriptionHistoryEntry = {
  at: Timestamp;
  serviceId: string;
  serviceName: string;
  kind: SubscriptionEvent;
  origin: SubscriptionOrigin;
  actor: string;
  note: string;
  /** When the wish was typed that this confirmed. */
  askedAt: Timestamp | null;
};

/** What one recipient has to do with services. */
export type RecipientSubscriptions = {
  subscriptions: (Omit<Subscription, "recipientId" | "address"> & { serviceId: string; serviceName: string })[];
  /** Newest first, the last 100. */
  history: SubscriptionHistoryEntry[];
};
