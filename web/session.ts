/**
 * Signing in by the address that the terminal prints (`/#token=…`). The fragment never reaches a server or its logs; it is
 * exchanged for an HttpOnly cookie and taken out of the address and the history at once.
 */
import { signIn } from "./api.ts";

export function tokenOf(hash: string): string | null {
  const token = new URLSearchParams(hash.replace(/^#/, "")).get("token");
  return token === null || token === "" ? null : token;
}

/** Also when the address is pasted into a tab that shows Envoi already: only the fragment changes then, nothing loads. */
export function watchAddress(): void {
  addEventListener("hashchange", () => {
    if (tokenOf(location.hash) !== null) void signInFromAddress().then(() => location.reload());
  });
}

export async function signInFromAddress(): Promise<void> {
  const token = tokenOf(location.hash);
  if (token === null) return;
  history.replaceState(null, "", location.pathname + location.search);
  try {
    await signIn(token);
  } catch {
    // an old or mistyped address: the sign-in page asks for the token and says what is wrong with it
  }
}
