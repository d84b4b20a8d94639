/** What can be set for one delivery, each with its default. */
import { z } from "zod";

import { exclusionRuleSchema } from "./audience.ts";
import { durationSchema, idSchema } from "./basics.ts";

export const settingsSchema = z.strictObject({
  /** How long attempts may go on after the start; the platform's `validityCap` may end them sooner. */
  validity: durationSchema.default("5d"),
  /** Extra headers, personalisable. */
  headers: z.array(z.strictObject({ name: z.string().max(200), value: z.string().max(10_000) })).default([]),
  /** The same as text, one `name: value` a line; they join `headers` when they are saved. */
  headerLines: z.string().max(100_000).optional(),
  /** `domain=host:port`, `*` for any: where to connect instead of looking up MX. */
  routes: z.record(z.string(), z.string()).default({}),
  /** Local address to connect from. */
  source: z.string().optional(),
  dkim: z.strictObject({ domain: z.string(), selector: z.string() }).optional(),
  /** Name of a pool of sources ("affinity"); absent: the system's address, or `source`. */
  pool: z.string().trim().min(1).max(63).optional(),
  /** Between deliveries; inside one delivery there is no order. */
  priority: z.enum(["very-low", "low", "normal", "high", "very-high"]).default("normal"),
  /** Messages an hour, of this delivery; absent: as fast as limits let. */
  speed: z.int().min(1).max(100_000_000).optional(),
  /** `adaptive`: first after 5 to 10 minutes, then growing waits, hints obeyed. `fixed`: so many on the first day, then daily. */
  retries: z
    .discriminatedUnion("mode", [
      z.strictObject({ mode: z.literal("adaptive") }),
      z.strictObject({
        mode: z.literal("fixed"),
        /** On the first day, after the first attempt. */
        count: z.int().min(1).max(100).default(5),
        period: durationSchema.default("1h"),
      }),
    ])
    .default({ mode: "adaptive" }),
  /** `test-smtp`: every recipient as far as RCPT, then RSET; `verify`: made and signed, no network. */
  mode: z.enum(["live", "test-smtp", "verify"]).default("live"),
  /** Delivery status notifications to ask of servers that offer them (RFC 3461); absent: none are asked for. */
  dsn: z.enum(["failure", "failure-and-delay", "always", "never"]).optional(),
  /** What to do with a message that ended between final dot and reply. */
  inDoubtPolicy: z.enum(["retry", "hold"]).default("retry"),
  /** `service`: the recipient asked for exactly this message, so no List-Unsubscribe. */
  nature: z.enum(["marketing", "service"]).default("marketing"),
  /** `recipient`: what their attribute `email_format` says (html, text), else both parts. */
  format: z.enum(["recipient", "alternative", "html", "text"]).default("recipient"),
  /** IANA name; what it cannot express is reported by the analysis. */
  charset: z.string().min(1).max(40).default("utf-8"),
  mirror: z.enum(["default", "force", "none", "message-id"]).default("default"),
  /** How long mirror pages stay. */
  resourceValidity: durationSchema.default("180d"),
  tracking: z
    .strictObject({
      clicks: z.boolean().default(true),
      opens: z.boolean().default(true),
      /** How long links lead to their target. */
      validity: durationSchema.default("180d"),
      /** Where links lead afterwards; a page that says so when absent. */
      expiredUrl: z.url({ protocol: /^https?$/ }).optional(),
      /** An invisible link that only programs follow. */
      honeypot: z.boolean().default(false),
    })
    .prefault({}),
  /** What is different for single links; `url` as the content writes it. */
  links: z
    .array(
      z.strictObject({
        url: z.string().min(1).max(10_000),
        label: z.string().max(200).optional(),
        category: z.string().max(100).optional(),
        mode: z.enum(["tracked", "not-tracked", "opt-out", "mirror"]).optional(),
      }),
    )
    .max(1000)
    .default([]),
  listUnsubscribe: z.boolean().default(true),
  /** Puts the message's tag into the return path; by default where the error address belongs to the bounce domain. */
  verp: z.boolean().optional(),
  /** Files sent with every message; names personalisable. `contentId` makes it an image for `cid:` in the HTML. */
  attachments: z
    .array(
      z.strictObject({
        file: idSchema,
        name: z.string().min(1).max(500).optional(),
        contentId: z
          .string()
          .regex(/^[A-Za-z0-9._-]{1,60}$/, "a content id is made of letters, digits, dot, dash and underscore")
          .optional(),
      }),
    )
    .max(20)
    .default([]),
  /** Images that the HTML holds as `data:` go along as parts of the message. */
  embedImages: z.boolean().default(true),
  /** "E-mail BCC": a copy of each message for the archive. */
  archive: z
    .strictObject({
      on: z.boolean().default(false),
      /** Of the platform when absent. */
      timing: z.enum(["before", "after"]).optional(),
      /** With `before`: no message leaves unless its copy was accepted; of the platform when absent. */
      strict: z.boolean().optional(),
      /** These archives and no others; when absent, all whose rule matches. */
      archives: z.array(idSchema).min(1).max(10).optional(),
    })
    .prefault({}),
  /** `delivery.NAME` in templates. */
  variables: z
    .record(z.string().regex(/^[a-z_][a-z0-9_]{0,63}$/, "a variable is named like attributes"), z.string().max(10_000))
    .default({}),
  /** Of the personalisation of one message; counted as work, so that it ends alike everywhere. 0s: no limit. */
  personalisationTimeout: z
    .string()
    .regex(/^\d{1,4}s$/, "a time is written 5s; 0s for none")
    .default("5s"),
  /** Who of the target gets no message: whoever any of these names, counted as `excluded-by-rule`. */
  exclude: z.array(exclusionRuleSchema).max(20).default([]),
  /** Messages in a delivery part. */
  partSize: z.number().int().min(10).max(5000).default(1000),
});
export type Settings = z.infer<typeof settingsSchema>;
