/** Sign-in by OpenID Connect: what administrators set, and what the sign-in page asks. */
import { z } from "zod";

import { ROLES } from "../core/operators/rights.ts";
import { idSchema } from "./basics.ts";
import { rolesSchema } from "./operators.ts";

const domain = z
  .string()
  .trim()
  .toLowerCase()
  .max(253)
  .regex(/^[a-z0-9-]+(?:\.[a-z0-9-]+)*$/, "is no domain");

const mappingSchema = z.strictObject({
  value: z.string().trim().min(1).max(500),
  roles: rolesSchema.default([]),
  groups: z.array(idSchema).max(100).default([]),
});

export const signInSettingsSchema = z.strictObject({
  enabled: z.boolean().default(false).describe("The sign-in page has the button"),
  issuer: z
    .string()
    .trim()
    .max(1000)
    .default("")
    .describe("As the provider calls itself; https, or http on this machine"),
  clientId: z.string().trim().max(500).default(""),
  clientSecret: z
    .string()
    .max(2000)
    .nullable()
    .optional()
    .describe("Never shown. Left out: the one before, as long as issuer and client stay the same; null: none"),
  label: z.string().trim().max(60).default("").describe("Of the button"),
  domains: z.array(domain).max(100).default([]).describe("Of e-mail addresses that may sign in; none: all"),
  claim: z.string().trim().max(200).default("").describe("What `mapping` is about: `groups`, `realm_access.roles`"),
  mapping: z.array(mappingSchema).max(200).default([]),
  createOperators: z.boolean().default(false).describe("Whoever the provider knows becomes an operator"),
  defaultRoles: rolesSchema.default([]).describe("Of operators made so whom no line of `mapping` is about"),
  passwords: z.enum(["everybody", "administrators"]).default("everybody").describe("Whose passwords still open"),
  signOutThere: z
    .boolean()
    .default(false)
    .describe("Signing out here ends the session at the provider too, where it publishes an end_session_endpoint"),
});

/** What GET gave may come back as it is. */
export const signInSettingsBody = signInSettingsSchema.extend({
  version: z.int().optional(),
  hasSecret: z.boolean().optional(),
  redirectUri: z.string().optional(),
  signedOutUri: z.string().optional(),
});

export const signInSettingsAnswer = z.object({
  enabled: z.boolean(),
  issuer: z.string(),
  clientId: z.string(),
  hasSecret: z.boolean(),
  label: z.string(),
  domains: z.array(z.string()),
  claim: z.string(),
  mapping: z.array(z.object({ value: z.string(), roles: z.array(z.enum(ROLES)), groups: z.array(z.string()) })),
  createOperators: z.boolean(),
  defaultRoles: z.array(z.enum(ROLES)),
  passwords: z.enum(["everybody", "administrators"]),
  signOutThere: z.boolean(),
  redirectUri: z.string().describe("To be registered with the provider"),
  signedOutUri: z.string().describe("To be registered with the provider for the way back after signing out"),
  version: z.int(),
});
export type SignInSettings = z.output<typeof signInSettingsAnswer>;

export const tryProviderSchema = z.strictObject({ issuer: z.string().trim().max(1000) });
export const providerFoundSchema = z.object({
  ok: z.boolean(),
  detail: z.string().describe("What is wrong; empty when nothing is"),
  authorizationEndpoint: z.string().nullable(),
  endSessionEndpoint: z.string().nullable().describe("Null: one cannot sign out there from here"),
});
export type ProviderFound = z.output<typeof providerFoundSchema>;

export const signInMethodsAnswer = z.object({
  passwords: z.enum(["everybody", "administrators"]),
  oidc: z.object({ label: z.string() }).nullable(),
});
export type SignInMethods = z.output<typeof signInMethodsAnswer>;
