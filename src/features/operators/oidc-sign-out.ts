/** Signing out at the provider of OpenID Connect, too. */
import type { FastifyRequest } from "fastify";

import { OidcError } from "../../platform/oidc.ts";
import type { OperatorDeps } from "./deps.ts";
import { signedOutUriOf } from "./oidc-settings-routes.ts";
import { loadOidcSettings, providerOf } from "./oidc-settings-store.ts";

/**
 * Where a browser goes on whose session was opened by this provider; null: nowhere. They are signed out here already, whatever the
 * provider says.
 */
export async function signOutThere(
  deps: OperatorDeps,
  request: FastifyRequest,
  issuer: string,
): Promise<string | null> {
  const settings = await loadOidcSettings(deps.db);
  if (!settings.enabled || !settings.signOutThere || settings.issuer !== issuer) return null;
  try {
    return await deps.oidc.end(providerOf(deps.masterKey, settings), signedOutUriOf(deps));
  } catch (error) {
    if (!(error instanceof OidcError)) throw error;
    request.log.warn({ why: error.message }, "OpenID Connect: nobody can sign out there");
    return null;
  }
}
