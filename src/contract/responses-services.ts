/** Answers about services and subscriptions. */
import { z } from "zod";

import {
  SERVICE_MAIL_KINDS,
  SUBSCRIPTION_EVENTS,
  SUBSCRIPTION_ORIGINS,
  SUBSCRIPTION_STATES,
} from "../core/service/subscription.ts";
import { idSchema } from "./basics.ts";
import { count, timestamp } from "./responses-basics.ts";
import {
  type RecipientSubscriptions,
  type Service,
  SERVICE_MAIL_FORMS,
  type ServiceMail,
  SUBSCRIBE_RESULTS,
  type SubscribeResult,
  type Subscription,
  UNSUBSCRIBE_RESULTS,
  type UnsubscribeResult,
} from "./services.ts";

export const serviceAnswerSchema = z.object({
  id: idSchema,
  name: z.string(),
  description: z.string(),
  doubleOptIn: z.boolean(),
  durationDays: z.int().nullable(),
  public: z.boolean(),
  confirmationTemplate: idSchema.nullable(),
  welcomeTemplate: idSchema.nullable(),
  goodbyeTemplate: idSchema.nullable(),
  publicUrl: z.string().nullable().describe("Of the page to subscribe on"),
  subscribed: count.describe("People who are subscribed now"),
  version: z.int(),
  createdAt: timestamp,
  updatedAt: timestamp,
}) satisfies z.ZodType<Service>;

export const serviceMailSchema = z.object({
  id: idSchema,
  at: timestamp,
  kind: z.enum(SERVICE_MAIL_KINDS),
  address: z.string(),
  template: idSchema.nullable().describe("That was to be taken"),
  sentAs: z.enum(SERVICE_MAIL_FORMS).nullable().describe("Null: it is about to be made"),
  message: z.string().nullable().describe("Key of the single message"),
  problem: z
    .string()
    .describe("Why it did not go out by the template; denylisted, quarantined: who got the built-in text instead"),
}) satisfies z.ZodType<ServiceMail>;

export const subscribeAnswerSchema = z.object({
  results: z.array(
    z.object({ status: z.enum(SUBSCRIBE_RESULTS), error: z.string() }) satisfies z.ZodType<SubscribeResult>,
  ),
});

export const unsubscribeAnswerSchema = z.object({
  results: z.array(
    z.object({ status: z.enum(UNSUBSCRIBE_RESULTS), error: z.string() }) satisfies z.ZodType<UnsubscribeResult>,
  ),
});

const standing = { state: z.enum(SUBSCRIPTION_STATES), since: timestamp, endsAt: timestamp.nullable() };

export const subscriptionSchema = z.object({
  recipientId: idSchema,
  address: z.string(),
  ...standing,
}) satisfies z.ZodType<Subscription>;

export const recipientSubscriptionsSchema = z.object({
  subscriptions: z.array(z.object({ serviceId: idSchema, serviceName: z.string(), ...standing })),
  history: z.array(
    z.object({
      at: timestamp,
      serviceId: idSchema,
      serviceName: z.string(),
      kind: z.enum(SUBSCRIPTION_EVENTS),
      origin: z.enum(SUBSCRIPTION_ORIGINS),
      actor: z.string(),
      note: z.string(),
      askedAt: timestamp.nullable(),
    }),
  ),
}) satisfies z.ZodType<RecipientSubscriptions>;
