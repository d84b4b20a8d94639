/** Operators, their groups, sessions, tokens and the audit log: what comes in and what goes out. */
import { z } from "zod";

import { RESERVED, type Right, RIGHTS, type Role, ROLES } from "../core/operators/rights.ts";
import { idSchema, type Timestamp } from "./basics.ts";

export type { Right, Role } from "../core/operators/rights.ts";

export const rolesSchema = z.array(z.enum(ROLES)).max(ROLES.length);

export const operatorSchema = z.strictObject({
  /** What is typed to sign in: a name or an address, in any case. */
  login: z.string().trim().min(2).max(200).regex(/^\S+$/, "a login has no blanks"),
  name: z.string().trim().min(1).max(200),
  email: z.union([z.literal(""), z.email().max(320)]).default(""),
  roles: rolesSchema.default([]),
  disabled: z.boolean().default(false),
});

export const operatorGroupSchema = z.strictObject({
  name: z.string().trim().min(1).max(200),
  roles: rolesSchema.default([]),
  members: z.array(idSchema).max(10_000).default([]),
});

const passwordText = z.string().min(1).max(2000);

export const signInSchema = z.union([
  z.strictObject({ token: z.string().trim().min(1).max(1000) }),
  z.strictObject({
    login: z.string().trim().min(1).max(200),
    password: passwordText,
    /** Of the authenticator app, or a recovery code. */
    code: z.string().max(100).optional(),
  }),
]);

export const acceptInvitationSchema = z.strictObject({
  invitation: z.string().trim().min(1).max(200),
  password: passwordText,
});
export const changePasswordSchema = z.strictObject({ current: passwordText, password: passwordText });
export const codeSchema = z.strictObject({ code: z.string().max(100) });
export const passwordSchema = z.strictObject({ password: passwordText });

export const tokenInputSchema = z.strictObject({
  label: z.string().trim().min(1).max(200),
  rights: z.array(z.enum(RESERVED)).max(20).nullable().optional(),
  scopes: z.array(z.enum(RIGHTS)).max(RIGHTS.length).nullable().optional(),
  expiresAt: z.iso.datetime().nullable().optional(),
});

export type OperatorGroupName = { id: string; name: string };

export type Operator = {
  id: string;
  login: string;
  name: string;
  email: string;
  roles: Role[];
  inherited: Role[];
  groups: OperatorGroupName[];
  disabled: boolean;
  hasPassword: boolean;
  secondFactor: boolean;
  /** Of the provider of OpenID Connect whose account is theirs; null: none. */
  provider: string | null;
  recoveryCodes: number;
  createdAt: Timestamp;
  signedInAt: Timestamp | null;
  /** Of the last invitation that nobody has used, and of the last lock; each may be over. */
  invitedUntil: Timestamp | null;
  lockedUntil: Timestamp | null;
  version: number;
};

export type OperatorGroup = {
  id: string;
  name: string;
  roles: Role[];
  members: { id: string; login: string; name: string }[];
  version: number;
};

export type Session = {
  label: string;
  rights: Right[] | null;
  operator: Operator | null;
};

export type SignedInBrowser = {
  id: string;
  login: string | null;
  token: string | null;
  current: boolean;
  createdAt: Timestamp;
  seenAt: Timestamp;
  expiresAt: Timestamp;
  address: string;
  userAgent: string;
};

export type ApiToken = {
  id: string;
  label: string;
  login: string | null;
  rights: string[] | null;
  scopes: string[] | null;
  createdAt: Timestamp;
  expiresAt: Timestamp | null;
  lastUsedAt: Timestamp | null;
  lastUsedFrom: string | null;
};

export type Invitation = { invitation: string; url: string; expiresAt: Timestamp };

export type AuditLine = {
  id: string;
  at: Timestamp;
  actor: string;
  operatorId: string | null;
  tokenId: string | null;
  address: string;
  requestId: string | null;
  action: string;
  resource: string;
  resourceId: string | null;
  status: number | null;
  changes: { pointer: string; before?: unknown; after?: unknown }[];
  detail: Record<string, unknown>;
};
