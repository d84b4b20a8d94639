/** Mailboxes whose mail is fetched by POP3 or IMAP, as they cross the HTTP border. Their secrets come in and never go out. */
import { z } from "zod";

import { durationSchema, type Timestamp } from "./basics.ts";

/** Goes into commands of line protocols: no line may end in it. */
const wordSchema = z
  .string()
  .min(1)
  .max(300)
  .refine((text) => !/\p{Cc}/u.test(text), "control characters are not allowed");

/** Absent on a change: the one that is known stays. Tokens of some providers have 4,000 characters and more. */
const secretSchema = z
  .string()
  .min(1)
  .max(20_000)
  .refine((text) => !/\p{Cc}/u.test(text), "control characters are not allowed")
  .optional();

export const mailboxAuthSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("password"), password: secretSchema }),
  z.strictObject({
    kind: z.literal("oauth2"),
    /** With `refresh`: the first one, if it is known. Without: somebody else renews it in time. */
    accessToken: secretSchema,
    /** From where new access tokens come (RFC 6749 §6). */
    refresh: z
      .strictObject({
        tokenUrl: z.url({ protocol: /^https?$/ }).max(1000),
        clientId: wordSchema,
        clientSecret: secretSchema,
        refreshToken: secretSchema,
        /** Words between blanks; absent: those that the refresh token was given for. */
        scope: z.string().max(1000).optional(),
      })
      .optional(),
  }),
]);

export const mailboxSchema = z.strictObject({
  name: z.string().trim().min(1).max(100),
  enabled: z.boolean().default(true),
  protocol: z.enum(["pop3", "imap"]),
  /** `none`: password and mail go over the network in the clear. */
  tls: z.enum(["implicit", "starttls", "none"]).default("implicit"),
  verifyCertificate: z.boolean().default(true),
  /** A name or an address, IPv6 without brackets. */
  host: z
    .string()
    .trim()
    .regex(/^[A-Za-z0-9._:-]{1,253}$/, "a host is a name or an IP address"),
  /** Absent: 995 and 993 with `implicit`, 110 and 143 otherwise. */
  port: z.int().min(1).max(65_535).optional(),
  user: wordSchema,
  auth: mailboxAuthSchema,
  /** Of IMAP. */
  folder: wordSchema.default("INBOX"),
  every: durationSchema.default("5m"),
  /** What is stored and processed is deleted on the server. */
  deleteProcessed: z.boolean().default(true),
});
export type MailboxInput = z.infer<typeof mailboxSchema>;

export type Mailbox = Omit<MailboxInput, "auth" | "port"> & {
  id: string;
  port: number;
  auth:
    | { kind: "password" }
    | { kind: "oauth2"; refresh: { tokenUrl: string; clientId: string; scope: string | null } | null };
  hasSecret: boolean;
  version: number;
  createdAt: Timestamp;
  updatedAt: Timestamp;
  state: MailboxState;
};

export type MailboxState = {
  status: "waiting" | "polling" | "failing" | "disabled";
  /** When somebody looked last, with success or not. */
  polledAt: Timestamp | null;
  succeededAt: Timestamp | null;
  /** Null: never, it is disabled. */
  nextPollAt: Timestamp | null;
  /** Looks in a row that failed. */
  failures: number;
  /** Why the last look failed. */
  error: string | null;
  /** What the last look left alone, and why. */
  note: string | null;
  /** Mails that were there at the last look. */
  found: number | null;
  /** Mails stored so far. */
  taken: number;
  /** Mails deleted on the server so far. */
  deleted: number;
};

/** What a look into a mailbox found that changed nothing. */
export type MailboxTest = { ok: boolean; detail: string; messages: number | null };
