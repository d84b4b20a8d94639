/** Settings of the whole platform. */
import { z } from "zod";

import { alertSettingsSchema } from "./alerts.ts";
import { durationSchema } from "./basics.ts";
import { retentionSettingsSchema } from "./retention.ts";

const optionalAddress = z.string().max(320).default("");
/** Personalised, as in deliveries. */
const senderText = z.string().max(2000).default("");
const masks = z.array(z.string().max(320)).max(100).default([]);

const softLimit = z.int().min(1).max(1000).nullable();

/** When an address receives nothing any more because it failed. */
const quarantineSettingsSchema = z.strictObject({
  /** Off: what failed as A@example.org says nothing about a@example.org. */
  foldLocalPart: z.boolean().default(true),
  /** The soft error of this number quarantines; null: none does. */
  limit: softLimit.default(5),
  /** From one soft error that counts to the next. */
  gap: durationSchema.default("24h"),
  /** So long without an error that counts, and the address is valid again. */
  resetAfter: durationSchema.default("10d"),
  /** What is different for single reasons; `longest`: the same reason for so long quarantines below the limit too. */
  reasons: z
    .partialRecord(
      z.enum(["user-unknown", "invalid-domain", "unreachable", "account-disabled", "mailbox-full", "refused"]),
      z.strictObject({
        limit: softLimit.optional(),
        resetAfter: durationSchema.optional(),
        longest: durationSchema.optional(),
      }),
    )
    .default({ "mailbox-full": { resetAfter: "30d", longest: "30d" } }),
  /** Unknown users far above a provider's usual share are held for a person. */
  guard: z
    .strictObject({
      enabled: z.boolean().default(true),
      /** So many times the usual share. */
      factor: z.number().min(1.5).max(100).default(4),
      /** Unknown users of the last hours below which nothing is concluded. */
      least: z.int().min(1).max(1_000_000).default(50),
    })
    .prefault({}),
});

/** Of the whole platform; empty text: not set. */
export const platformSettingsSchema = z.strictObject({
  /** `platform.name`, and the name on public pages. */
  organisation: z.string().max(200).default(""),
  logoUrl: z.union([z.literal(""), z.url({ protocol: /^https?$/ })]).default(""),
  language: z.enum(["en", "fr", "es"]).default("en"),
  /** Of deliveries that say none of their own, field by field. */
  sender: z
    .strictObject({ name: senderText, address: senderText, replyToName: senderText, replyTo: senderText })
    .prefault({}),
  /** Only such addresses may stand in From and take bounces; `*` stands for any characters, `?` for one. Empty: all may. */
  senderMasks: z.strictObject({ address: masks, errorAddress: masks }).prefault({}),
  /** Return path of deliveries that have none of their own. */
  errorAddress: optionalAddress,
  /** Receives bounces that nobody could read. */
  unqualifiedAddress: optionalAddress,
  /** Gets a copy of all mail that comes in about messages. */
  forwardAddress: optionalAddress,
  /** To which feedback loops send complaints (RFC 5965). */
  feedbackAddress: optionalAddress,
  /** How long mail that came in is kept as it came, up to 180d. */
  inboundRetention: durationSchema.default("30d"),
  /** Domain whose mail Envoi itself receives: return paths there carry the message's tag. */
  bounceDomain: z.string().max(253).default(""),
  /** Mailbox for `List-Unsubscribe: <mailto:…>`. */
  unsubscribeAddress: optionalAddress,
  formatRules: z
    .array(
      z.strictObject({
        domains: z.array(z.string().min(1).max(253)).min(1).max(1000),
        format: z.enum(["alternative", "html", "text"]),
      }),
    )
    .max(100)
    .default([]),
  /** Longest time that attempts of any delivery may go on, up to 30d. */
  validityCap: durationSchema.default("84h"),
  /** How deliveries are started. */
  start: z
    .strictObject({
      /** So long a confirmation on the screens can be called back; 0s: not at all. */
      undo: z
        .string()
        .regex(/^\d{1,3}s$/, "a time up to 999s is written 30s; 0s for none")
        .default("30s"),
      /** Whoever confirms on the screens says to how many people, if it is more than this; null: nobody is asked. */
      countAbove: z.int().min(0).max(1_000_000_000).nullable().default(10_000),
      /** So long after its time a scheduled delivery still starts by itself. */
      tolerance: durationSchema.default("1h"),
    })
    .prefault({}),
  /** Bytes of all attachments of a message before encoding. */
  maxAttachmentBytes: z.int().min(0).max(20_000_000).default(5_000_000),
  archive: z
    .strictObject({
      timing: z.enum(["before", "after"]).default("before"),
      strict: z.boolean().default(false),
      /** `inert`: links and pixel of copies count nothing; then a copy differs from its original in its tokens and signatures. */
      copy: z.enum(["exact", "inert"]).default("exact"),
      /** How long a copy stays owed. */
      giveUpAfter: durationSchema.default("7d"),
      /** Copies owed beyond which deliveries with copies wait. */
      debtLimit: z.int().min(1).max(100_000_000).default(100_000),
      /** How what reads the archive is recognised, so that its opens and clicks stay out of the figures. */
      readers: z
        .strictObject({
          /** Addresses or networks: 192.0.2.7, 10.0.0.0/8, 2001:db8::/32 */
          networks: z.array(z.string().max(50)).max(100).default([]),
          /** Parts of user agents. */
          userAgents: z.array(z.string().min(3).max(200)).max(100).default([]),
        })
        .prefault({}),
    })
    .prefault({}),
  quarantine: quarantineSettingsSchema.prefault({}),
  retention: retentionSettingsSchema.prefault({}),
  alerts: alertSettingsSchema.prefault({}),
});
export type PlatformSettings = z.infer<typeof platformSettingsSchema>;
