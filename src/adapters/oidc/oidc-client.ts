/**
 * OpenID Connect, authorization code flow with PKCE (OpenID Connect Core 1.0 §3.1, RFC 7636), by openid-client. The ID token comes over
 * TLS from the provider itself; its signature is checked all the same. What providers publish of themselves is kept for an hour.
 */
import { createHash } from "node:crypto";
import * as oidc from "openid-client";

import { isLoopback } from "../../core/address/is-loopback.ts";
import { type Claims, claimValues, mergeClaims, saysEmail } from "../../core/operators/oidc.ts";
import { HOUR, type Instant, MINUTE, SECOND } from "../../core/time.ts";
import { errorText } from "../../platform/errors.ts";
import {
  type OidcClient,
  OidcError,
  type OidcFound,
  type OidcProvider,
  type OidcSecrets,
} from "../../platform/oidc.ts";

const KEPT = HOUR;
/** Of the provider's clock and ours. */
const TOLERANCE = MINUTE / SECOND;
const TIMEOUT = 10;
const SCOPE = "openid email profile";

type Known = { readonly key: string; readonly config: Promise<oidc.Configuration>; readonly at: Instant };

export function createOidcClient(now: () => Instant = Date.now): OidcClient {
  let known: Known | null = null;
  const configOf = (provider: OidcProvider): Promise<oidc.Configuration> => {
    const key = keyOf(provider);
    if (known?.key === key && now() - known.at < KEPT) return known.config;
    const fresh: Known = { key, config: ask(provider), at: now() };
    known = fresh;
    // What failed is asked again the next time.
    fresh.config.catch(() => known === fresh && (known = null));
    return fresh.config;
  };
  return {
    begin: (provider, redirectUri) => guarded(async () => begin(await configOf(provider), redirectUri)),
    finish: (provider, callback, secrets, claim) =>
      guarded(async () => finish(await configOf(provider), callback, secrets, claim)).catch((error: unknown) => {
        // It may have moved.
        known = null;
        throw error;
      }),
    end: (provider, redirectUri) => guarded(async () => end(await configOf(provider), redirectUri)),
    discover: (provider) => {
      known = null;
      return guarded(async () => describe(await configOf(provider)));
    },
  };
}

function keyOf({ issuer, clientId, clientSecret }: OidcProvider): string {
  return createHash("sha256")
    .update(JSON.stringify([issuer, clientId, clientSecret]))
    .digest("hex");
}

async function ask({ issuer, clientId, clientSecret }: OidcProvider): Promise<oidc.Configuration> {
  const server = new URL(issuer);
  const insecure = isLoopback(server.hostname) && server.protocol === "http:" ? [oidc.allowInsecureRequests] : [];
  return oidc.discovery(
    server,
    clientId,
    { [oidc.clockTolerance]: TOLERANCE },
    clientSecret === null ? oidc.None() : authentication(clientSecret),
    { execute: [...insecure, oidc.enableNonRepudiationChecks], timeout: TIMEOUT },
  );
}

/** Without a word about it, `client_secret_basic` is what a provider takes (OpenID Connect Discovery §3). */
function authentication(secret: string): oidc.ClientAuth {
  const basic = oidc.ClientSecretBasic(secret);
  const post = oidc.ClientSecretPost(secret);
  return (server, ...request) =>
    (server.token_endpoint_auth_methods_supported?.includes("client_secret_post") ? post : basic)(server, ...request);
}

async function begin(config: oidc.Configuration, redirectUri: string) {
  const secrets: OidcSecrets = {
    state: oidc.randomState(),
    nonce: oidc.randomNonce(),
    verifier: oidc.randomPKCECodeVerifier(),
  };
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope: SCOPE,
    state: secrets.state,
    nonce: secrets.nonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(secrets.verifier),
    code_challenge_method: "S256",
  });
  return { url: url.href, secrets };
}

async function finish(
  config: oidc.Configuration,
  callback: URL,
  { state, nonce, verifier }: OidcSecrets,
  claim: string,
): Promise<Claims> {
  const tokens = await oidc.authorizationCodeGrant(config, callback, {
    expectedState: state,
    expectedNonce: nonce,
    pkceCodeVerifier: verifier,
    idTokenExpected: true,
  });
  const claims = tokens.claims();
  if (claims === undefined) throw new OidcError("refused", "there is no ID token in the answer");
  const isComplete = saysEmail(claims) && (claim === "" || claimValues(claims, claim).length > 0);
  if (isComplete || config.serverMetadata().userinfo_endpoint === undefined) return claims;
  // Many say in the ID token only who it is (OpenID Connect Core §5.4).
  return mergeClaims(claims, await oidc.fetchUserInfo(config, tokens.access_token, claims.sub));
}

/** Of the endpoints that a provider publishes browsers are sent to this one with nothing secret, but to no other kind of address. */
function endpointOf(config: oidc.Configuration): string | null {
  const { end_session_endpoint: endpoint } = config.serverMetadata();
  if (endpoint === undefined || !URL.canParse(endpoint)) return null;
  const { protocol, hostname } = new URL(endpoint);
  return protocol === "https:" || (protocol === "http:" && isLoopback(hostname)) ? endpoint : null;
}

function end(config: oidc.Configuration, redirectUri: string): string | null {
  if (endpointOf(config) === null) return null;
  // The client id goes along by itself.
  return oidc.buildEndSessionUrl(config, { post_logout_redirect_uri: redirectUri }).href;
}

function describe(config: oidc.Configuration): OidcFound {
  const metadata = config.serverMetadata();
  const { issuer, authorization_endpoint: authorizationEndpoint, token_endpoint: token, jwks_uri: keys } = metadata;
  if (!authorizationEndpoint || !token || !keys) {
    throw new OidcError("refused", "it publishes no authorization_endpoint, no token_endpoint or no jwks_uri");
  }
  return { issuer, authorizationEndpoint, endSessionEndpoint: endpointOf(config), pkce: metadata.supportsPKCE() };
}

async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof OidcError
      ? error
      : new OidcError(isUnavailable(error) ? "unavailable" : "refused", whyOf(error));
  }
}

/** No connection, no answer in time, or a server's error. */
function isUnavailable(error: unknown): boolean {
  if (!(error instanceof oidc.ClientError)) return error instanceof TypeError;
  if (error.code === "OAUTH_TIMEOUT" || error.code === undefined) return true;
  return error.cause instanceof Response && error.cause.status >= 500;
}

function whyOf(error: unknown): string {
  if (error instanceof oidc.AuthorizationResponseError || error instanceof oidc.ResponseBodyError) {
    return [error.error, error.error_description].filter((part) => part !== undefined).join(": ");
  }
  const cause = error instanceof Error && error.cause instanceof Error ? `: ${errorText(error.cause)}` : "";
  return errorText(error) + cause;
}
