/** Zod schemas of what the API answers about mailboxes. */
import { z } from "zod";

import { type Mailbox, mailboxSchema, type MailboxTest } from "./mailboxes.ts";
import { count, timestamp } from "./responses-basics.ts";

const { name, protocol, tls, host, user, folder, every } = mailboxSchema.shape;

export const mailboxAnswerSchema = z.object({
  id: z.string(),
  name,
  enabled: z.boolean(),
  protocol,
  tls: tls.unwrap(),
  verifyCertificate: z.boolean(),
  host,
  port: z.int(),
  user,
  auth: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("password") }),
    z.object({
      kind: z.literal("oauth2"),
      refresh: z
        .object({ tokenUrl: z.string(), clientId: z.string(), scope: z.string().nullable() })
        .nullable()
        .describe("From where new access tokens come; null: somebody else renews the one that is known"),
    }),
  ]),
  hasSecret: z.boolean().describe("A password or token is kept, sealed"),
  folder: folder.unwrap(),
  every: every.unwrap(),
  deleteProcessed: z.boolean(),
  version: z.int(),
  createdAt: timestamp,
  updatedAt: timestamp,
  state: z.object({
    status: z.enum(["waiting", "polling", "failing", "disabled"]),
    polledAt: timestamp.nullable().describe("The last look, with success or not"),
    succeededAt: timestamp.nullable(),
    nextPollAt: timestamp.nullable().describe("Null: it is disabled"),
    failures: count.describe("Looks in a row that failed"),
    error: z.string().nullable().describe("Why the last look failed"),
    note: z.string().nullable().describe("What the last look left alone, and why"),
    found: count.nullable().describe("Mails that were there at the last look"),
    taken: count.describe("Mails stored so far"),
    deleted: count.describe("Mails deleted on the server so far"),
  }),
}) satisfies z.ZodType<Mailbox>;

export const mailboxTestSchema = z.object({
  ok: z.boolean(),
  detail: z.string().describe("What was found, or what went wrong, in words"),
  messages: count.nullable().describe("Mails that lie there; null: it was not found out"),
}) satisfies z.ZodType<MailboxTest>;
