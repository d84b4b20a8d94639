/** Signing in by OpenID Connect: what is read from a provider's claims, and where a browser may be sent afterwards. */
import { type Role, ROLES } from "./rights.ts";

export type Claims = Readonly<Record<string, unknown>>;

/** Whoever has `value` in the claim gets these roles and groups. */
export type RoleMapping = {
  readonly value: string;
  readonly roles: readonly Role[];
  /** Ids. */
  readonly groups: readonly string[];
};

export type MappingRules = {
  /** `groups`, or a place further in: `realm_access.roles`. Empty: none. */
  readonly claim: string;
  readonly mapping: readonly RoleMapping[];
  readonly defaultRoles: readonly Role[];
};

/** Lower case; null: there is none, or nobody has checked that it is theirs. */
export function verifiedEmail(claims: Claims): string | null {
  const { email: given, email_verified: verified, xms_edov: domainVerified } = claims;
  // Some write the boolean as text (Amazon Cognito); Microsoft says it by xms_edov instead.
  if (![verified, domainVerified].some((each) => each === true || each === "true" || each === 1 || each === "1"))
    return null;
  if (typeof given !== "string") return null;
  // First made plain: there are other signs that become an @.
  const email = given.normalize("NFKC").toLowerCase();
  return /^[^\s@]+@[^\s@]+$/.test(email) && email.length <= 200 ? email : null;
}

/** The ID token says all of the address by itself: then what is said elsewhere does not count. */
const ABOUT_EMAIL = ["email", "email_verified", "xms_edov"] as const;
export const saysEmail = (claims: Claims): boolean =>
  "email" in claims && ("email_verified" in claims || "xms_edov" in claims);

/** ID token before user info, and an address only together with what the same one says of it. */
export function mergeClaims(token: Claims, info: Claims): Claims {
  const without = (claims: Claims) =>
    Object.fromEntries(Object.entries(claims).filter(([name]) => !(ABOUT_EMAIL as readonly string[]).includes(name)));
  return saysEmail(token) ? { ...without(info), ...token } : { ...info, ...without(token) };
}

/** `domains` in lower case; none: all. A domain does not stand for those below it. */
export function isDomainAllowed(email: string, domains: readonly string[]): boolean {
  return domains.length === 0 || domains.includes(email.slice(email.lastIndexOf("@") + 1));
}

/** The name to show. */
export function nameOf(claims: Claims, email: string): string {
  const joined = [claims["given_name"], claims["family_name"]].filter((part) => typeof part === "string").join(" ");
  const names = [claims["name"], joined, claims["preferred_username"]];
  const found = names.find((name): name is string => typeof name === "string" && name.trim() !== "");
  return (found ?? email).trim().slice(0, 200);
}

/** Values of the claim, as texts: a list, or one alone. */
export function claimValues(claims: Claims, claim: string): readonly string[] {
  if (claim === "") return [];
  const found = valueAt(claims, claim);
  const list: readonly unknown[] = Array.isArray(found) ? found : [found];
  return list.filter((each): each is string => typeof each === "string");
}

/** A name may itself have dots in it, as `https://example.com/roles` has: then it is one name. */
function valueAt(claims: Claims, claim: string): unknown {
  if (Object.hasOwn(claims, claim)) return claims[claim];
  let here: unknown = claims;
  for (const name of claim.split(".")) {
    if (typeof here !== "object" || here === null || !Object.hasOwn(here, name)) return undefined;
    here = (here as Record<string, unknown>)[name];
  }
  return here;
}

export type Granted = { readonly roles: readonly Role[]; readonly groups: readonly string[] };

/** Roles of the default are for whoever no line of the mapping is about. Each once, in the order of the table of roles. */
export function grantedBy(claims: Claims, { claim, mapping, defaultRoles }: MappingRules): Granted {
  const values = new Set(claimValues(claims, claim));
  const lines = mapping.filter(({ value }) => values.has(value));
  const roles = new Set(lines.length === 0 ? defaultRoles : lines.flatMap((line) => line.roles));
  return {
    roles: ROLES.filter((role) => roles.has(role)),
    groups: [...new Set(lines.flatMap((line) => line.groups))].toSorted(),
  };
}

/** More than one factor was asked for (RFC 8176 §2). */
export function isMultiFactor({ amr }: Claims): boolean {
  return Array.isArray(amr) && amr.includes("mfa");
}
