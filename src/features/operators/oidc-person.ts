/** Whom a provider's claims are about: an operator who is linked, one whose address it is, or one who is made now. */
import { changesBetween } from "../../core/operators/changes.ts";
import { type Claims, grantedBy, isDomainAllowed, nameOf, verifiedEmail } from "../../core/operators/oidc.ts";
import type { Instant } from "../../core/time.ts";
import type { Db, Tx } from "../../platform/db.ts";
import { appError, type ErrorCode } from "../../platform/errors.ts";
import { type AuditEntry, recordAudit } from "./audit-store.ts";
import type { OidcSettings } from "./oidc-settings-store.ts";
import {
  type Account,
  findByAddress,
  findLinked,
  type Identity,
  link,
  lockPerson,
  setGroups,
  setRoles,
} from "./oidc-store.ts";
import { presentOperator } from "./operators-store.ts";
import { createOperator, loadOperator } from "./save-operator.ts";

/** In the audit log, of what the provider does to operators. */
export const PROVIDER = { label: "OpenID Connect", operatorId: null, tokenId: null, rights: null } as const;

type Act = { readonly now: Instant; readonly audit: AuditEntry };
type Found = { readonly id: number } | { readonly refused: ErrorCode };

/** The operator's id. Throws `oidc-unverified`, `oidc-unknown` or `oidc-no-role`. */
export async function findPerson(db: Db, settings: OidcSettings, claims: Claims, act: Act): Promise<number> {
  const email = verifiedEmail(claims);
  if (email === null || !isDomainAllowed(email, settings.domains)) throw appError("oidc-unverified");
  const identity: Identity = { issuer: String(claims["iss"]), subject: String(claims["sub"]) };
  // Not thrown in there: roles that the provider has taken away stay away.
  const found = await db.transaction(async (tx): Promise<Found> => {
    await lockPerson(tx, identity);
    const account = (await findLinked(tx, identity)) ?? (await linkByAddress(tx, identity, email));
    if (account === "taken") return { refused: "oidc-unknown" };
    if (account === null)
      return settings.createOperators
        ? create(tx, settings, claims, email, identity, act)
        : { refused: "oidc-unknown" };
    if (account.disabled) return { refused: "oidc-unknown" };
    // Without a claim roles are ours to give.
    if (!account.provisioned || settings.claim === "") return { id: account.id };
    return follow(tx, account.id, settings, claims, act);
  });
  if ("refused" in found) throw appError(found.refused);
  return found.id;
}

/** `taken`: the address is that of several, or of one who is linked to another person at this provider. */
async function linkByAddress(tx: Tx, identity: Identity, email: string): Promise<Account | "taken" | null> {
  const [account, another] = await findByAddress(tx, email);
  if (account === undefined) return null;
  if (another !== undefined || account.issuer === identity.issuer) return "taken";
  if (!account.disabled) await link(tx, account.id, identity, false);
  return account;
}

async function create(
  tx: Tx,
  settings: OidcSettings,
  claims: Claims,
  email: string,
  identity: Identity,
  { now, audit }: Act,
): Promise<Found> {
  const { roles, groups } = grantedBy(claims, settings);
  if (roles.length + groups.length === 0) return { refused: "oidc-no-role" };
  const given = { login: email, name: nameOf(claims, email), email, roles: [...roles], disabled: false };
  const { id } = await createOperator(tx, given, { actor: PROVIDER, now, audit: { ...audit, action: "create" } });
  await link(tx, id, identity, true);
  await setGroups(tx, id, [], groups);
  return { id };
}

/** The provider says what they may do, each time anew. */
async function follow(tx: Tx, id: number, settings: OidcSettings, claims: Claims, { audit }: Act): Promise<Found> {
  const { roles, groups } = grantedBy(claims, settings);
  const before = presentOperator(await loadOperator(tx, id));
  await setRoles(tx, id, roles);
  await setGroups(
    tx,
    id,
    settings.mapping.flatMap((line) => line.groups),
    groups,
  );
  const changes = changesBetween(before, presentOperator(await loadOperator(tx, id)));
  if (changes.length > 0) {
    await recordAudit(tx, { ...audit, action: "update", resourceId: String(id), status: 200, changes });
  }
  return roles.length + groups.length === 0 ? { refused: "oidc-no-role" } : { id };
}
