/**
 * The shapes that cross the HTTP border: what the API answers and what the UI reads. Zod schemas for what comes in,
 * plain types for what goes out. Field names are the contract's (`design: HTTP`); nothing here does anything.
 */
import { z } from "zod";

import type { DeliveryState, ExclusionReason, MessageStatus } from "../core/delivery/status.ts";
import type { FailureReason, FailureType } from "../core/bounce/verdict.ts";
import type { Link } from "../core/message/manifest.ts";
import { type Given, givenOf, type Override, overrideOf } from "./given.ts";

export type { Given, Link, Override };
export type { DeliveryState, ExclusionReason, FailureReason, FailureType, MessageStatus };

/** RFC 3339, UTC. */
export type Timestamp = string;

export const senderSchema = z.strictObject({
  name: z.string().max(2000).default(""),
  address: z.string().min(3).max(2000),
  replyTo: z.string().max(2000).optional(),
  /** Return path (RFC 5321 §4.4); the platform's when absent, else the sender address. */
  errorAddress: z.string().max(2000).optional(),
});
export type Sender = z.infer<typeof senderSchema>;

export const contentSchema = z.strictObject({
  subject: z.string().max(10_000),
  html: z.string().max(5_000_000).optional(),
  text: z.string().max(5_000_000).optional(),
  syntax: z.enum(["liquid", "campaign"]).default("liquid"),
  /** Rules of `<style>` also as style attributes: many mail clients ignore the former. */
  inlineCss: z.boolean().optional().describe("default true"),
  /** Without a text part: make one from the HTML. */
  generateText: z.boolean().optional().describe("default true"),
});
export type Content = z.infer<typeof contentSchema>;

const idSchema = z.string().regex(/^[1-9]\d{0,14}$/, "an id is a decimal number");
const durationSchema = z.string().regex(/^[1-9]\d{0,8}[smhd]$/, "a duration is written 90s, 20m, 36h or 5d");

export const audienceSchema = z.union([
  z.strictObject({ all: z.literal(true) }),
  z.strictObject({ list: idSchema }),
  /** The rows of one imported file, rejected rows included as exclusions. */
  z.strictObject({ import: idSchema }),
]);
export type Audience = z.infer<typeof audienceSchema>;

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
  /** Messages in a delivery part. */
  partSize: z.number().int().min(10).max(5000).default(1000),
});
export type Settings = z.infer<typeof settingsSchema>;

/** A delivery with all that it needs; what its template says is in it already. */
export const createDeliverySchema = z.strictObject({
  label: z.string().min(1).max(500),
  template: idSchema.optional(),
  content: contentSchema,
  sender: senderSchema,
  audience: audienceSchema,
  settings: settingsSchema.prefault({}),
});
export type CreateDelivery = z.infer<typeof createDeliverySchema>;

/** What is asked for: a field that is absent comes from the template, then from the defaults; null skips the template. */
export const newDeliverySchema = createDeliverySchema.extend({
  content: overrideOf(contentSchema).optional(),
  sender: overrideOf(senderSchema).optional(),
  settings: overrideOf(settingsSchema).optional(),
});
export type NewDelivery = z.infer<typeof newDeliverySchema>;

export const archiveRuleSchema = z.strictObject({
  senderDomains: z.array(z.string().min(1).max(253)).max(100).default([]),
  natures: z
    .array(z.enum(["marketing", "service"]))
    .max(2)
    .default([]),
  /** Only deliveries that name this archive. */
  onlyNamed: z.boolean().default(false),
});

/** A secret comes in and never goes out; absent on a change: the one that is known stays. */
const secretSchema = z.string().min(1).max(1000).optional();

export const archiveTargetSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("smtp"),
    address: z.string().min(3).max(320),
    /** `host:port`; absent: the mail servers of the address, by routes, transport and MX like any other mail. */
    server: z.string().max(300).optional(),
    user: z.string().max(300).optional(),
    password: secretSchema,
    tls: z.enum(["opportunistic", "required", "implicit", "none"]).default("opportunistic"),
    connections: z.int().min(1).max(100).default(10),
    /** Copies a minute; absent: no limit. */
    ratePerMinute: z.int().min(1).max(1_000_000).optional(),
    /** Return path of copies; absent: that of the original, tagged as a copy. */
    returnPath: z.string().max(320).optional(),
  }),
  z.strictObject({
    kind: z.literal("files"),
    /** Absolute; absent: DATA_DIR/archive */
    directory: z.string().max(1000).optional(),
    zip: z.boolean().default(false),
    zipBatch: z.int().min(10).max(100_000).default(10_000),
    /** Absent: kept for ever. */
    purgeAfter: durationSchema.optional(),
  }),
  z.strictObject({
    kind: z.literal("s3"),
    endpoint: z.url({ protocol: /^https?$/ }),
    region: z.string().min(1).max(100).default("us-east-1"),
    bucket: z.string().min(1).max(255),
    prefix: z.string().max(500).default(""),
    accessKeyId: z.string().min(1).max(300),
    secretAccessKey: secretSchema,
    pathStyle: z.boolean().default(true),
    connections: z.int().min(1).max(100).default(10),
  }),
]);
export type ArchiveTargetInput = z.infer<typeof archiveTargetSchema>;

export const archiveSchema = z.strictObject({
  name: z.string().trim().min(1).max(100),
  enabled: z.boolean().default(true),
  rule: archiveRuleSchema.prefault({}),
  target: archiveTargetSchema,
});
export type ArchiveInput = z.infer<typeof archiveSchema>;

/** An archive as the API shows it: without its secret; `address` null for those without the right to see it. */
export type Archive = {
  id: string;
  name: string;
  enabled: boolean;
  rule: ArchiveInput["rule"];
  target:
    | (Omit<Extract<ArchiveTargetInput, { kind: "smtp" }>, "password" | "address"> & { address: string | null })
    | Extract<ArchiveTargetInput, { kind: "files" }>
    | Omit<Extract<ArchiveTargetInput, { kind: "s3" }>, "secretAccessKey">;
  hasSecret: boolean;
  version: number;
  createdAt: Timestamp;
  updatedAt: Timestamp;
};

/** due = archived + owed + givenUp. */
export type CopyFigures = { due: number; archived: number; owed: number; givenUp: number };

export type ArchiveAlert = {
  id: string;
  kind: "debt-50" | "debt-80" | "debt-full" | "given-up" | "bounced" | "failing" | "not-renderable";
  archiveId: string | null;
  deliveryId: string | null;
  at: Timestamp;
  message: string;
  /** Messages that it is about, at most 100 of them. */
  keys: string[];
  count: number;
};

/** The ledger of all copies. */
export type ArchiveLedger = CopyFigures & {
  oldestDebtAt: Timestamp | null;
  /** Copies archived in the last minute; null when not known yet. */
  ratePerMinute: number | null;
  debtLimit: number;
  byArchive: (CopyFigures & {
    id: string;
    name: string;
    kind: "smtp" | "files" | "s3";
    enabled: boolean;
    lastReply: string | null;
    lastReplyAt: Timestamp | null;
    /** The last reply was no acceptance. */
    failing: boolean;
  })[];
  alerts: ArchiveAlert[];
};

/** One copy of one message. */
export type Copy = {
  key: string;
  deliveryId: string;
  archiveId: string;
  archiveName: string;
  state: "owed" | "archived" | "given-up";
  attempts: number;
  inDoubt: boolean;
  dueSince: Timestamp;
  nextAttemptAt: Timestamp | null;
  archivedAt: Timestamp | null;
  reply: string;
  /** SHA-256 of the copy, in hexadecimal. */
  digest: string | null;
  /** Its links, pixel and addresses have tokens of a copy, so its digest is not that of the message. */
  inert: boolean;
  location: string | null;
};

/** What erasing a recipient did, and what it leaves to do by hand. */
export type Erasure = {
  recipientId: string;
  /** Messages whose recipient is a placeholder now. */
  messages: number;
  /** The address stays on the denylist or in quarantine, so that no import brings it back. */
  blocked: boolean;
  /** Copies that lie outside and must be erased there, at most 1,000 of them. */
  copies: Pick<Copy, "archiveId" | "archiveName" | "deliveryId" | "key" | "archivedAt" | "location">[];
  copiesTotal: number;
};

/** What the archive said to a probe. */
export type ArchiveTest = {
  ok: boolean;
  detail: string;
  /** `C: …` and `S: …`; passwords are stars. */
  dialogue: string[];
};

/** Only what is given is kept, and copied: for all else each delivery has its own, or the default. */
export const templateSchema = z.strictObject({
  label: z.string().trim().min(1).max(500),
  content: givenOf(contentSchema).optional(),
  sender: givenOf(senderSchema).optional(),
  settings: givenOf(settingsSchema).optional(),
});
export type TemplateInput = z.infer<typeof templateSchema>;

export type Template = {
  id: string;
  label: string;
  content: Given<Content>;
  sender: Given<Sender>;
  settings: Given<Settings>;
  builtIn: boolean;
  version: number;
  createdAt: Timestamp;
  updatedAt: Timestamp;
  /** Only on answers to saving and reading one template. */
  contentProblems?: ContentProblem[];
};

/** A row of the list of templates. */
export type TemplateSummary = Pick<Template, "id" | "label" | "builtIn" | "version" | "createdAt" | "updatedAt"> & {
  /** Deliveries made from it have a copy of each message archived. */
  archiveOn: boolean;
};

export const updateDeliverySchema = z.strictObject({
  label: z.string().min(1).max(500).optional(),
  content: contentSchema.optional(),
  sender: senderSchema.optional(),
  audience: audienceSchema.optional(),
  settings: settingsSchema.optional(),
});
export type UpdateDelivery = z.infer<typeof updateDeliverySchema>;

/** What is wrong with content as it was saved: it does not keep anybody from saving. */
export type ContentProblem = { part: string; line: number; column: number; code: string; message: string };

export type Delivery = {
  id: string;
  label: string;
  state: DeliveryState;
  /** Why the delivery does not go on by itself, for instance the reply of a relay that refuses us. */
  holdReason: string | null;
  /** What it was made from; that may be gone. */
  templateId: string | null;
  content: Content;
  sender: Sender;
  audience: Audience;
  settings: Settings;
  /** ETag of the editable part. */
  version: number;
  /** True while the last analysis still describes this version. */
  analysed: boolean;
  createdAt: Timestamp;
  updatedAt: Timestamp;
  analysedAt: Timestamp | null;
  startedAt: Timestamp | null;
  finishedAt: Timestamp | null;
  /** How long attempts go on in fact: `validity` or, if that is less, what the platform allows; fixed at the start. */
  effectiveValidity: string;
  validUntil: Timestamp | null;
  /** Only on answers to saving and reading one delivery. */
  contentProblems?: ContentProblem[];
  /** On the answer to pause and stop: messages on the wire that will still finish. */
  onWire?: number;
};

/** A row of the list of deliveries. */
export type DeliverySummary = Pick<
  Delivery,
  "id" | "label" | "state" | "holdReason" | "createdAt" | "startedAt" | "finishedAt"
> &
  Indicators;

/**
 * targeted = excluded + toDeliver; toDeliver = sent + failed + cancelled + pending + inDoubt.
 * `takenIntoAccount` is the part of `pending` that the MTA holds for a retry.
 */
export type Indicators = {
  targeted: number;
  excluded: number;
  toDeliver: number;
  takenIntoAccount: number;
  sent: number;
  failed: number;
  pending: number;
  cancelled: number;
  inDoubt: number;
  /** sent / toDeliver, 0 to 1; 0 before the first message. */
  successRate: number;
  /** Copies for the archive: no recipients, in no other figure. */
  copies: CopyFigures;
};

export type LiveIndicators = Indicators & {
  state: DeliveryState;
  holdReason: string | null;
  /** Messages on the wire now. */
  onWire: number;
  /** Why messages are held back although the delivery is in progress: an archive that does not take copies. */
  waitingFor: string | null;
  /** Final outcomes per second over the last 10 seconds; null when not known yet. */
  rate: number | null;
  /** Seconds until pending is empty at that rate; null when not known. */
  etaSeconds: number | null;
  at: Timestamp;
};

export type ChecklistItem = { id: string; level: "info" | "warning" | "error"; title: string; detail: string };

export type Checklist = {
  ready: boolean;
  analysed: boolean;
  targeted: number;
  excluded: Partial<Record<ExclusionReason, number>>;
  toDeliver: number;
  items: ChecklistItem[];
};

export type Destination = {
  domain: string;
  toDeliver: number;
  sent: number;
  failed: number;
  retrying: number;
  pending: number;
  lastReply: string | null;
  lastReplyAt: Timestamp | null;
};

/** One message as the delivery log shows it; also the line of `envoi log`. */
export type LogLine = {
  key: string;
  recipient: string;
  status: MessageStatus;
  type: FailureType | null;
  reason: FailureReason | null;
  attempts: number;
  reply: string | null;
  mx: string | null;
  firstAttemptAt: Timestamp | null;
  finalAt: Timestamp | null;
  archived: boolean;
  /** An attempt ended between the final dot and its reply: the receiver may have this message twice. */
  inDoubt: boolean;
};

export type Attempt = {
  attempt: number;
  at: Timestamp;
  /**
   * `tested`: accepted as far as RCPT; `verified`: made, with no network; `unreported`: a relay had it and reported no failure;
   * `final-word`: what that relay reported.
   */
  kind:
    | "accepted"
    | "refused"
    | "lost"
    | "in-doubt"
    | "expired"
    | "not-rendered"
    | "tested"
    | "verified"
    | "unreported"
    | "final-word";
  stage: string | null;
  code: number | null;
  enhanced: string | null;
  reply: string;
  mx: string | null;
  sourceIp: string | null;
  tls: string | null;
  durationMs: number | null;
  type: FailureType | null;
  reason: FailureReason | null;
  rule: string | null;
};

export type MessageDetail = LogLine & {
  deliveryId: string;
  nextAttemptAt: Timestamp | null;
  vars: Record<string, unknown>;
  timeline: Attempt[];
  /** SHA-256 of the bytes sent, in hexadecimal; null before the first attempt. */
  digest: string | null;
  copies: Copy[];
  /** Opens, clicks and visits of this message, newest first. */
  reactions: Reaction[];
};

/** Who opened or clicked, as far as it can be known. Nothing is dropped; figures are given with and without machines. */
export type ReactionClass = "person" | "privacy-proxy" | "mail-proxy" | "scanner" | "archive";

export type Reaction = {
  at: Timestamp;
  kind: "open" | "click" | "mirror" | "opt-out";
  class: ReactionClass;
  /** Of a click. */
  link: { number: number; label: string; url: string } | null;
  userAgent: string;
};

/** Counted twice: all, and what is left without scanners and proxies. */
export type ReactionCount = {
  /** Recipients with at least one. */
  recipients: number;
  recipientsHuman: number;
  /** All of them, the same recipient again included. */
  total: number;
  totalHuman: number;
};

export type TrackingIndicators = {
  opens: ReactionCount;
  /** Scaled to all messages: of those without HTML nobody can see whether they are opened. */
  estimatedOpens: ReactionCount;
  /** Persons: browsers, as far as cookies tell them apart. */
  clicks: ReactionCount & { persons: number; personsHuman: number };
  mirrorViews: ReactionCount;
  optOuts: ReactionCount;
  /** Clicking recipients / opening recipients; null when nobody opened. */
  reactivity: number | null;
  reactivityHuman: number | null;
  /** Persons who clicked beyond the recipients themselves. */
  estimatedForwards: number;
  estimatedForwardsHuman: number;
  /** Reactions to copies in the archive, by whoever reads it: events, in none of the other figures. */
  archive: { opens: number; clicks: number; mirrorViews: number; optOuts: number };
  byLink: (Pick<Link, "number" | "label" | "category" | "url" | "mode"> & ReactionCount)[];
};

export type Block = {
  name: string;
  label: string;
  syntax: "liquid" | "campaign";
  html: string;
  text: string;
  builtIn: boolean;
  version: number;
  updatedAt: Timestamp | null;
};

export const blockSchema = z.strictObject({
  label: z.string().max(200).default(""),
  syntax: z.enum(["liquid", "campaign"]).default("liquid"),
  html: z.string().max(500_000).default(""),
  text: z.string().max(500_000).default(""),
});
export type BlockInput = z.infer<typeof blockSchema>;

export type StoredFile = {
  id: string;
  name: string;
  contentType: string;
  size: number;
  sha256: string;
  createdAt: Timestamp;
};

const optionalAddress = z.string().max(320).default("");

/** Of the whole platform; empty text: not set. */
export const platformSettingsSchema = z.strictObject({
  /** `platform.name`, and the name on public pages. */
  organisation: z.string().max(200).default(""),
  logoUrl: z.union([z.literal(""), z.url({ protocol: /^https?$/ })]).default(""),
  language: z.enum(["en", "fr", "es"]).default("en"),
  /** Return path of deliveries that have none of their own. */
  errorAddress: optionalAddress,
  /** Receives bounces that nobody could read. */
  unqualifiedAddress: optionalAddress,
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
});
export type PlatformSettings = z.infer<typeof platformSettingsSchema>;

export const previewSchema = z.strictObject({
  /** Address of a recipient of the target. */
  recipient: z.string().max(320).optional(),
  /** Or attributes as JSON. */
  attributes: z.record(z.string(), z.unknown()).optional(),
  /** Or the recipients of the target that are most likely to break it. */
  worstCases: z.boolean().optional(),
});
export type PreviewInput = z.infer<typeof previewSchema>;

export type Preview = {
  recipient: string;
  /** Why this one: asked for, or longest, emptiest, non-latin of the target. */
  case: "recipient" | "attributes" | "longest" | "emptiest" | "non-latin";
  attributes: Record<string, unknown>;
  subject: string;
  from: string;
  replyTo: string;
  html: string | null;
  text: string | null;
  headers: { name: string; value: string }[];
  /** Bytes on the wire, unsigned. */
  size: number;
  /** Paths of variables that had no value. */
  missing: string[];
  /** Instead of all else, when this recipient's message cannot be made. */
  error: ContentProblem | null;
};

const canonicalizationSchema = z.enum(["relaxed/relaxed", "relaxed/simple", "simple/relaxed", "simple/simple"]);

export type DkimKey = {
  id: string;
  selector: string;
  algorithm: "rsa-sha256" | "ed25519-sha256";
  bits: number | null;
  /** RFC 6376 §3.4, header/body. */
  canonicalization: z.infer<typeof canonicalizationSchema>;
  state: "active" | "retired";
  createdAt: Timestamp;
  retiredAt: Timestamp | null;
  /** What belongs into DNS. */
  record: {
    name: string;
    type: "TXT";
    value: string;
    /** The value in pieces of at most 255 octets, as zone files hold them (RFC 1035 §3.3.14). */
    strings: string[];
  };
};

export const createKeySchema = z
  .strictObject({
    selector: z.string().min(1).max(253).optional().describe("A new one when absent"),
    algorithm: z.enum(["rsa-sha256", "ed25519-sha256"]).optional().describe("rsa-sha256 when absent"),
    bits: z.literal([2048, 3072, 4096]).optional().describe("Of an RSA key; 2048 when absent"),
    canonicalization: canonicalizationSchema.optional().describe("relaxed/relaxed when absent"),
    privateKey: z
      .string()
      .min(1)
      .max(20_000)
      .optional()
      .describe("A key to bring along: PEM without passphrase. It is kept sealed and never shown again."),
  })
  .superRefine((key, context) => {
    if (key.privateKey === undefined) return;
    const say = (field: string, message: string) => context.addIssue({ code: "custom", path: [field], message });
    if (key.selector === undefined) say("selector", "A key that is brought along needs the selector of its record");
    if (key.algorithm !== undefined) say("algorithm", "The key itself says what it is");
    if (key.bits !== undefined) say("bits", "The key itself says how long it is");
  });
export type CreateKey = z.infer<typeof createKeySchema>;

/** What DNS says beside what should be there. */
export type DnsCheck = {
  id: "spf" | "dkim" | "dmarc" | "return-path" | "tracking-host" | "bounce-mx";
  name: string;
  status: "ok" | "warning" | "error" | "unknown";
  expected: string;
  found: string;
  detail: string;
};

export type Domain = { name: string; keys: DkimKey[]; checks: DnsCheck[] };

export type Exclusion = { address: string; reason: ExclusionReason; detail: string };

export type ImportStatus = {
  id: string;
  status: "pending" | "running" | "completed" | "failed";
  fileName: string;
  listId: string | null;
  counts: { total: number; created: number; updated: number; skipped: number; failed: number };
  error: Problem | null;
  errorsUrl: string;
};

export type ImportError = {
  line: number;
  column: string;
  value: string;
  reason: ExclusionReason | "malformed-row";
  detail: string;
};

export type DeliveryEvent = {
  id: string;
  at: Timestamp;
  /** created, edited, analysis.started, analysis.finished, confirmed, paused, resumed, stopped, held, finished … */
  kind: string;
  actor: string;
  detail: Record<string, unknown>;
};

export type SandboxMessage = {
  id: string;
  at: Timestamp;
  mailFrom: string;
  rcptTo: string;
  subject: string;
  size: number;
};

export type QuarantineEntry = {
  address: string;
  status: "valid" | "with-errors" | "quarantined" | "denylisted";
  reason: string | null;
  errorText: string | null;
  errors: number;
  history: { at: Timestamp; status: string; reason: string; errorText: string; messageKey: string | null }[];
};

export type Page<T> = { data: T[]; nextCursor: string | null };

/** RFC 9457. */
export type Problem = {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  currentState?: string;
  errors?: { pointer: string; code: string; message: string }[];
};
