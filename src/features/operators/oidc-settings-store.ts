/** The settings of sign-in by OpenID Connect, as the database keeps them: one row, or none. */
import type { MappingRules } from "../../core/operators/oidc.ts";
import type { Instant } from "../../core/time.ts";
import { type Queryable, timestamp, type Tx } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import type { OidcProvider } from "../../platform/oidc.ts";
import { type MasterKey, seal, unseal } from "../../platform/seal.ts";

export type OidcSettings = MappingRules & {
  readonly enabled: boolean;
  readonly issuer: string;
  readonly clientId: string;
  readonly sealedSecret: Buffer | null;
  readonly label: string;
  readonly domains: readonly string[];
  readonly createOperators: boolean;
  readonly passwords: "everybody" | "administrators";
  readonly signOutThere: boolean;
  readonly version: number;
};

/** Version 0: nobody has saved any. */
const NONE: OidcSettings = {
  enabled: false,
  issuer: "",
  clientId: "",
  sealedSecret: null,
  label: "",
  domains: [],
  claim: "",
  mapping: [],
  createOperators: false,
  defaultRoles: [],
  passwords: "everybody",
  signOutThere: false,
  version: 0,
};

export async function loadOidcSettings(db: Queryable): Promise<OidcSettings> {
  const [row] = await db.query<OidcSettings>(
    `select enabled, issuer, client_id as "clientId", sealed_secret as "sealedSecret", label, domains, claim, mapping,
            create_operators as "createOperators", default_roles as "defaultRoles", passwords,
            sign_out_there as "signOutThere", version from oidc_settings`,
  );
  return row ?? NONE;
}

/** Nobody else saves until the transaction ends. */
export async function lockOidcSettings(tx: Tx): Promise<void> {
  await tx.query("lock table oidc_settings in share row exclusive mode");
}

/** The new version. */
export async function saveOidcSettings(tx: Tx, settings: OidcSettings, now: Instant): Promise<number> {
  const [row] = await tx.query<{ version: number }>(
    `insert into oidc_settings as s (enabled, issuer, client_id, sealed_secret, label, domains, claim, mapping,
            create_operators, default_roles, passwords, updated_at, sign_out_there)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
     on conflict (id) do update set enabled = $1, issuer = $2, client_id = $3, sealed_secret = $4, label = $5, domains = $6,
            claim = $7, mapping = $8, create_operators = $9, default_roles = $10, passwords = $11, updated_at = $12,
            sign_out_there = $13, version = s.version + 1
     returning version`,
    [
      settings.enabled,
      settings.issuer,
      settings.clientId,
      settings.sealedSecret,
      settings.label,
      settings.domains,
      settings.claim,
      JSON.stringify(settings.mapping),
      settings.createOperators,
      settings.defaultRoles,
      settings.passwords,
      timestamp(now),
      settings.signOutThere,
    ],
  );
  return row?.version ?? 0;
}

/** It opens only for the provider and the client it was given for. */
const contextOf = ({ issuer, clientId }: Pick<OidcSettings, "issuer" | "clientId">) =>
  `oidc_settings/${JSON.stringify([issuer, clientId])}`;

export function sealClientSecret(
  key: MasterKey,
  provider: Pick<OidcSettings, "issuer" | "clientId">,
  secret: string,
): Buffer {
  return seal(key, secret, contextOf(provider));
}

/** Throws `secret-key-wrong`. */
export function providerOf(key: MasterKey, settings: OidcSettings): OidcProvider {
  const { issuer, clientId, sealedSecret } = settings;
  if (sealedSecret === null) return { issuer, clientId, clientSecret: null };
  const secret = unseal(key, sealedSecret, contextOf(settings));
  if (secret === null) throw appError("secret-key-wrong", { what: "the client secret of OpenID Connect" });
  return { issuer, clientId, clientSecret: secret.toString("utf8") };
}
