/**
 * Signing in by the address that the terminal prints (`/#token=…`). The fragment never reaches a server or its logs; it is
 * exchanged for an HttpOnly cookie and taken out of the address and the history at once.
 */
import { signIn } from "./api.ts";

type Secret = "token" | "invitation" | "sign-in";

export function secretOf(hash: string, name: Secret): string | null {
  const secret = new URLSearchParams(hash.replace(/^#/, "")).get(name);
  return secret === null || secret === "" ? null : secret;
}

/** Also when the address is pasted into a tab that shows Envoi already: only the fragment changes then, nothing loads. */
export function watchAddress(): void {
  addEventListener("hashchange", () => {
    if (secretOf(location.hash, "token") !== null) void signInFromAddress().then(() => location.reload());
    else if (secretOf(location.hash, "invitation") !== null) location.reload();
  });
}

/** The invitation of `/#invitation=…`, with which a password is chosen; whoever is signed in here already may choose one too. */
export const takeInvitation = (): string | null => takeSecret("invitation");

/** How signing in with the identity provider went, where it did not go well: `/#sign-in=oidc-refused`. */
export const takeOutcome = (): string | null => takeSecret("sign-in");

function takeSecret(name: Secret): string | null {
  const secret = secretOf(location.hash, name);
  if (secret !== null) history.replaceState(null, "", location.pathname + location.search);
  return secret;
}

export async function signInFromAddress(): Promise<void> {
  const token = takeSecret("token");
  if (token === null) return;
  try {
    await signIn({ token });
  } catch {
    // an old or mistyped address: the sign-in page asks for the token and says what is wrong with it
  }
}
