/** What speaks with a provider of OpenID Connect: the shape that the adapter fills and features use. */
import type { Claims } from "../core/operators/oidc.ts";

export type OidcProvider = {
  readonly issuer: string;
  readonly clientId: string;
  /** Null: a public client. */
  readonly clientSecret: string | null;
};

/** Only the browser that began keeps them; what comes back must fit. */
export type OidcSecrets = { readonly state: string; readonly nonce: string; readonly verifier: string };

export type OidcFound = {
  readonly issuer: string;
  readonly authorizationEndpoint: string;
  /** Null: one cannot sign out there from here. */
  readonly endSessionEndpoint: string | null;
  /** Says of itself that it knows PKCE with S256; many do and do not say so. */
  readonly pkce: boolean;
};

export type OidcClient = {
  /** Where the browser goes to sign in. */
  begin(provider: OidcProvider, redirectUri: string): Promise<{ readonly url: string; readonly secrets: OidcSecrets }>;
  /**
   * What the provider says of the person, verified. `callback`: the whole address with which the browser came back; `claim`: besides
   * the e-mail address this is wanted, or nothing.
   */
  finish(provider: OidcProvider, callback: URL, secrets: OidcSecrets, claim: string): Promise<Claims>;
  /**
   * Where the browser goes to sign out there (OpenID Connect RP-Initiated Logout 1.0 §2), to come back to `redirectUri`; null: the
   * provider has no such place. It is told by which client, not by an ID token: that would have to be kept as long as the session.
   */
  end(provider: OidcProvider, redirectUri: string): Promise<string | null>;
  /** Asks the provider anew what it is. */
  discover(provider: OidcProvider): Promise<OidcFound>;
};

/** `unavailable`: it could not be asked; `refused`: what it said cannot be accepted, or it refused the person. */
export class OidcError extends Error {
  readonly problem: "unavailable" | "refused";
  constructor(problem: "unavailable" | "refused", message: string) {
    super(message);
    this.name = "OidcError";
    this.problem = problem;
  }
}
