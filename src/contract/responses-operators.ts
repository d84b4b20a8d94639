/** Answers about operators, groups, sessions, tokens and the audit log. */
import { z } from "zod";

import { RIGHTS, ROLES } from "../core/operators/rights.ts";
import type * as contract from "./operators.ts";
import { count, timestamp } from "./responses-basics.ts";

const roles = z.array(z.enum(ROLES));
const named = z.object({ id: z.string(), name: z.string() });

export const operatorAnswerSchema = z.object({
  id: z.string(),
  login: z.string(),
  name: z.string(),
  email: z.string(),
  roles: roles.describe("Their own"),
  inherited: roles.describe("Of their groups"),
  groups: z.array(named),
  disabled: z.boolean(),
  hasPassword: z.boolean(),
  secondFactor: z.boolean().describe("A code of an authenticator app is asked for"),
  provider: z.string().nullable().describe("Issuer of the account of OpenID Connect that is theirs"),
  recoveryCodes: count.describe("How many are left"),
  createdAt: timestamp,
  signedInAt: timestamp.nullable(),
  invitedUntil: timestamp.nullable().describe("Of the last invitation that nobody has used; it may be over"),
  lockedUntil: timestamp.nullable().describe("Of the last lock for failures to sign in; it may be over"),
  version: z.int(),
}) satisfies z.ZodType<contract.Operator>;

const namedOperator = z.object({ id: z.string(), login: z.string(), name: z.string() });

export const groupAnswerSchema = z.object({
  id: z.string(),
  name: z.string(),
  roles,
  members: z.array(namedOperator),
  version: z.int(),
}) satisfies z.ZodType<contract.OperatorGroup>;

/** For choosing whom to ask for an approval. */
export const operatorNamesSchema = z.object({ operators: z.array(namedOperator), groups: z.array(named) });

export const sessionAnswerSchema = z.object({
  label: z.string().describe("Login of the operator, or name of the token"),
  rights: z.array(z.enum(RIGHTS)).nullable().describe("null: all rights"),
  operator: operatorAnswerSchema.nullable().describe("null: a token that belongs to nobody"),
}) satisfies z.ZodType<contract.Session>;

export const browserAnswerSchema = z.object({
  id: z.string(),
  login: z.string().nullable(),
  token: z.string().nullable().describe("Name of the token that it was opened with"),
  current: z.boolean().describe("The one that asks"),
  createdAt: timestamp,
  seenAt: timestamp,
  expiresAt: timestamp,
  address: z.string(),
  userAgent: z.string(),
}) satisfies z.ZodType<contract.SignedInBrowser>;

export const tokenAnswerSchema = z.object({
  id: z.string(),
  label: z.string(),
  login: z.string().nullable().describe("Whose it is; it may never do more than they may. null: nobody's"),
  rights: z.array(z.string()).nullable().describe("Reserved rights beside the ordinary ones; null: all"),
  scopes: z.array(z.string()).nullable().describe("Narrows the rights to these; null: does not"),
  createdAt: timestamp,
  expiresAt: timestamp.nullable(),
  lastUsedAt: timestamp.nullable().describe("To the minute"),
  lastUsedFrom: z.string().nullable(),
}) satisfies z.ZodType<contract.ApiToken>;

export const invitationSchema = z.object({
  invitation: z.string().describe("Shown here and never again"),
  url: z.string().describe("Opens the page where the password is chosen"),
  expiresAt: timestamp,
}) satisfies z.ZodType<contract.Invitation>;

export const auditLineSchema = z.object({
  id: z.string(),
  at: timestamp,
  actor: z.string(),
  operatorId: z.string().nullable(),
  tokenId: z.string().nullable(),
  address: z.string(),
  requestId: z.string().nullable(),
  action: z.string(),
  resource: z.string(),
  resourceId: z.string().nullable(),
  status: z.int().nullable().describe("null: it began, and nobody knows how it ended"),
  changes: z.array(z.object({ pointer: z.string(), before: z.unknown().optional(), after: z.unknown().optional() })),
  detail: z.record(z.string(), z.unknown()),
}) satisfies z.ZodType<contract.AuditLine>;
